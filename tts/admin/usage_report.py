"""The page about usage: of one tenant, and of all of them together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.amounts import usage_bar
from accounts.admin.formatting import moment
from accounts.admin.scoping import ScopedRecordAdmin
from accounts.limits.names import Limit
from accounts.models import Tenant
from accounts.roles import is_operator, visible_tenants
from tts.admin.usage_report_form import SPANS, ShownDays, shown_days
from tts.admin.usage_report_parts import (
    MOST_ROWS,
    Line,
    charts,
    days_table,
    duration,
    line,
    references_table,
    tables,
)
from tts.models import MaintenanceRun, UsageBucket
from tts.usage.dimensions import Dimension
from tts.usage.months import month_standing, months_in_force
from tts.usage.names import keys_named, tenants_named
from tts.usage.overview import UsageOverview, usage_overview
from tts.usage.references import references_most_used

PARAMETERS = frozenset({"tenant", "span", "from", "to"})
TOP_TENANTS = 20
PICKED_TENANTS = 200
"""Tenants in the list to choose from; others are reached from their own pages."""
Context = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TopTenant:
    """A tenant that is among those that used most, and how its month stands."""

    tenant: Tenant
    line: Line
    month: SafeString


@admin.register(UsageBucket)
class UsageReportAdmin(ScopedRecordAdmin[UsageBucket]):
    """In place of a list of quarter hours, which nobody reads, what they add up to."""

    fields = (
        *("tenant", "api_key", "starts", "outcome", "engine", "voice", "fallback"),
        *("requests", "characters", "audio_seconds"),
    )

    @admin.display(description=_("from"))
    def starts(self, bucket: UsageBucket) -> SafeString | str:
        return moment(bucket.starts_at)

    def changelist_view(self, request: HttpRequest, extra_context: Context | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        # As other lists do: what no part of the page sends is a mistake.
        if not set(request.GET) <= PARAMETERS:
            raise BadRequest
        tenants = _choice(request)
        tenant = _chosen(request, tenants)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Usage"),
            "opts": self.opts,
            "tenants": tenants,
            "sees_all": is_operator(request.user),
            "spans": SPANS,
            **(extra_context or {}),
        }
        if tenant is not None or is_operator(request.user):
            context |= _shown(request, tenant)
        return TemplateResponse(request, "admin/tts/usagebucket/change_list.html", context)


def _choice(request: HttpRequest) -> list[Tenant]:
    rows = visible_tenants(request.user).select_related("plan").prefetch_related("overrides")
    return list(rows.order_by("name", "pk")[:PICKED_TENANTS])


def _chosen(request: HttpRequest, tenants: Sequence[Tenant]) -> Tenant | None:
    """The tenant that the page is about; None for all of them. A member of several begins with the first."""
    asked = request.GET.get("tenant")
    if not asked:
        return None if is_operator(request.user) or not tenants else tenants[0]
    found = next((tenant for tenant in tenants if str(tenant.pk) == asked), None)
    if found is None:
        found = _seen(request, asked)
    if found is None:
        raise Http404
    return found


def _seen(request: HttpRequest, asked: str) -> Tenant | None:
    try:
        identifier = UUID(asked)
    except ValueError:
        return None
    return visible_tenants(request.user).select_related("plan").filter(pk=identifier).first()


def _shown(request: HttpRequest, tenant: Tenant | None) -> Context:
    now = timezone.now()
    zone = ZoneInfo(settings.TIME_ZONE if tenant is None else tenant.time_zone)
    days = shown_days(request.GET, zone, now)
    overview = usage_overview(tenant=tenant, span=days.range)
    context: Context = {
        "tenant": tenant,
        "days": days,
        "export_query": _export_query(tenant, days),
        "totals": overview.totals,
        "total_audio": duration(overview.totals.audio_seconds),
        "charts": charts(overview),
        "tables": [*_tables(tenant, overview), days_table(overview)],
    }
    if _may_see_checks(request):
        context |= {"shows_check": True, "check": _last_check()}
    if tenant is None:
        return context | {"top": _top(overview), "tenants_with_use": len(overview.by[Dimension.TENANT])}
    standing = month_standing(tenant=tenant, now=now)
    bar = usage_bar(standing.used, standing.reserved, standing.limit)
    return context | {"standing": standing, "bar": bar, "zone": zone}


def _tables(tenant: Tenant | None, overview: UsageOverview) -> list[Any]:
    if tenant is None:
        return tables(overview, {})
    keys = keys_named(tenant=tenant, rows=overview.by[Dimension.KEY])
    references = references_most_used(tenant=tenant, span=overview.range, most=MOST_ROWS)
    return [*tables(overview, keys), references_table(references, overview.totals)]


def _top(overview: UsageOverview) -> list[TopTenant]:
    rows = overview.by[Dimension.TENANT][:TOP_TENANTS]
    tenants = tenants_named(rows=rows)
    months = months_in_force(tenants=tenants.keys(), now=timezone.now())
    found = []
    for row in rows:
        tenant = tenants[UUID(str(row.values[Dimension.TENANT]))]
        month = months.get(tenant.pk)
        limit = tenant.limits().of(Limit.CHARACTERS_PER_MONTH)
        used, reserved = (month.used_characters, month.reserved_characters) if month else (0, 0)
        top = TopTenant(
            tenant, line(tenant.name, row.sums, overview.totals), usage_bar(used, reserved, limit)
        )
        found.append(top)
    return found


def _export_query(tenant: Tenant | None, days: ShownDays) -> str:
    """What is shown, as the form that asks for an export takes it."""
    span = days.range
    shown = {"first": span.first.isoformat(), "last": span.last.isoformat(), "time_zone": span.zone.key}
    return urlencode(shown if tenant is None else {"tenant": str(tenant.pk), **shown})


def _may_see_checks(request: HttpRequest) -> bool:
    """Operators: finance and members have no use for it."""
    return is_operator(request.user) and request.user.has_perm("tts.view_maintenancerun")


def _last_check() -> MaintenanceRun | None:
    runs = MaintenanceRun.objects.filter(kind=MaintenanceRun.Kind.USAGE_CHECK, finished_at__isnull=False)
    return runs.order_by("-started_at").first()
