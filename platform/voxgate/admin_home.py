"""The home page of the admin: how the platform does for operators, what their tenants used for members."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from accounts.roles import holds_everywhere, tenants_allowing
from tts.desk.charts import Chart, quality_charts, volume_charts
from tts.desk.live import live_figures
from tts.desk.series import Span, service_points
from tts.desk.strip import figures
from tts.desk.tenants import SHOWN, TenantMonth, tenant_months, usage_charts
from voxgate.ops.health import readiness

SEES_SERVICE = "tts.view_servicebucket"
SEES_USAGE = "tts.view_usagebucket"
SEES_HISTORY = "tts.view_synthesisrequest"

LIVE_SECONDS = 5
CHARTS_SECONDS = 300

PARTS: dict[str, str | Promise] = {
    "database": "Postgres",
    "queue": _("Redis, queue"),
    "redis": _("Redis, answers"),
    "storage": _("Storage"),
    "workers": _("Workers"),
    "janitor": _("Janitor"),
    "background": _("Background workers"),
    "primary": _("Primary engine"),
    "fallback": _("Fallback engine"),
}


@dataclass(frozen=True, slots=True)
class PartState:
    """A part of the system; `required` when nothing is spoken without it. `note` is a problem or an engine's name."""

    name: str | Promise
    ok: bool
    required: bool
    note: str


@dataclass(frozen=True, slots=True)
class Home:
    """What the page shows beside the list of pages."""

    live_url: str
    charts: list[Chart] = field(default_factory=list)
    months: list[TenantMonth] = field(default_factory=list)
    tenants_unshown: int = 0


def sees_service(request: HttpRequest) -> bool:
    """Whether a person may see how the platform does, over all tenants."""
    return holds_everywhere(request.user, SEES_SERVICE)


def home_context(request: HttpRequest) -> dict[str, Any]:
    """The context of `admin/index.html`: charts and months by what the person may see."""
    span = Span.MONTH if request.GET.get("span") == Span.MONTH else Span.DAY
    return {
        **({} if sees_service(request) else {"title": _("Overview")}),
        "home": _home(request, span, timezone.now()),
        "span": span.value,
        "spans": [(Span.DAY.value, _("24 hours")), (Span.MONTH.value, _("30 days"))],
        "live_seconds": LIVE_SECONDS,
        "charts_seconds": CHARTS_SECONDS,
    }


def _home(request: HttpRequest, span: Span, now: datetime) -> Home:
    zone = ZoneInfo(timezone.get_current_timezone_name())
    if sees_service(request):
        points = service_points(span=span, now=now, zone=zone)
        return Home(reverse("admin:desk_live"), [*volume_charts(points), *quality_charts(points)])
    if not request.user.has_perm(SEES_USAGE):
        return Home("")
    if holds_everywhere(request.user, SEES_USAGE):
        # How much is charged is finance's business, and what the report says of it; how well the platform does is not.
        return Home("", usage_charts(tenants=None, span=span, now=now, zone=zone))
    own = tenants_allowing(request.user, SEES_USAGE)
    months = tenant_months(tenants=own, now=now)
    unshown = own.count() - SHOWN if len(months) == SHOWN else 0
    tenants = [month.tenant for month in months]
    if len(tenants) == 1:
        zone = ZoneInfo(tenants[0].time_zone)
    charts = usage_charts(tenants=tenants, span=span, now=now, zone=zone) if tenants else []
    return Home("", charts, months, unshown)


@never_cache
def live_view(request: HttpRequest) -> HttpResponse:
    """The strip of figures as a piece of HTML, for operators; the home page asks for it every few seconds."""
    if not sees_service(request):
        raise PermissionDenied
    now = timezone.now()
    context = {
        "now": now,
        "parts": _parts(),
        "figures": figures(live_figures(now=now)),
        "sees_history": holds_everywhere(request.user, SEES_HISTORY),
    }
    return render(request, "admin/desk/live.html", context)


def _parts() -> list[PartState]:
    return [
        PartState(
            PARTS.get(name, name),
            ok=bool(part["ok"]),
            required=bool(part.get("required", True)),
            note=str(part.get("problem") or part.get("engine") or ""),
        )
        for name, part in readiness().items()
    ]
