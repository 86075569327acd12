"""The page about usage: of one tenant, and of all of them together."""

from collections.abc import Sequence
from datetime import datetime
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

from accounts.admin.formatting import moment
from accounts.admin.scoping import ScopedRecordAdmin
from accounts.models import Tenant
from accounts.roles import holds_everywhere, holds_in, tenants_allowing
from tts.admin.usage_report_form import SPANS, ShownDays, shown_days
from tts.admin.usage_report_parts import (
    MOST_ROWS,
    Names,
    charts,
    days_table,
    duration,
    line,
    references_table,
    tables,
)
from tts.admin.usage_report_tenants import month_bar, top_rows, top_tenants
from tts.exports.columns import Detail
from tts.exports.file_formats import FileFormat
from tts.models import MaintenanceRun, UsageBucket
from tts.usage.dimensions import Dimension
from tts.usage.months import month_standing, months_standing
from tts.usage.names import ids_of, keys_named, tenants_named
from tts.usage.overview import UsageOverview, usage_overview
from tts.usage.references import References, references_most_used

PARAMETERS = frozenset({"tenant", "span", "from", "to"})
PICKED_TENANTS = 200
"""Tenants in the list to choose from; others are reached from their own pages."""
SEES_USAGE = "tts.view_usagebucket"
SEES_EVENTS = "tts.view_usageevent"
TO_EXPORT = ("tts.add_usageexport", SEES_EVENTS)
DAILY_CSV = {"detail": Detail.SUMMARY.value, "file_format": FileFormat.CSV.value, "byte_order_mark": "on"}
Context = dict[str, Any]


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
            "sees_all": _sees_all(request),
            "spans": SPANS,
            **(extra_context or {}),
        }
        if tenant is not None or _sees_all(request):
            context |= _shown(request, tenant)
        return TemplateResponse(request, "admin/tts/usagebucket/change_list.html", context)


def _sees_all(request: HttpRequest) -> bool:
    return holds_everywhere(request.user, SEES_USAGE)


def _holds(request: HttpRequest, tenant: Tenant | None, *permissions: str) -> bool:
    """Whether these permissions count where the page is about."""
    if tenant is None:
        return holds_everywhere(request.user, *permissions)
    return holds_in(request.user, tenant, *permissions)


def _choice(request: HttpRequest) -> list[Tenant]:
    rows = tenants_allowing(request.user, SEES_USAGE).select_related("plan").prefetch_related("overrides")
    return list(rows.order_by("name", "pk")[:PICKED_TENANTS])


def _chosen(request: HttpRequest, tenants: Sequence[Tenant]) -> Tenant | None:
    """The tenant that the page is about; None for all of them. A member of several begins with the first."""
    asked = request.GET.get("tenant")
    if not asked:
        return None if _sees_all(request) or not tenants else tenants[0]
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
    return tenants_allowing(request.user, SEES_USAGE).select_related("plan").filter(pk=identifier).first()


def _shown(request: HttpRequest, tenant: Tenant | None) -> Context:
    now = timezone.now()
    zone = ZoneInfo(settings.TIME_ZONE if tenant is None else tenant.time_zone)
    days = shown_days(request.GET, zone, now)
    asked = _export_asked(tenant, days)
    overview = usage_overview(tenant=tenant, span=days.range)
    references = references_most_used(tenant=tenant, span=days.range, most=MOST_ROWS)
    names = _names(tenant, overview, references)
    context: Context = {
        "tenant": tenant,
        "days": days,
        "may_export": _holds(request, tenant, *TO_EXPORT),
        "may_list": _holds(request, tenant, SEES_EVENTS),
        "export_query": urlencode(asked),
        "export_fields": {**asked, **DAILY_CSV},
        "totals": overview.totals,
        "total_audio": duration(overview.totals.audio_seconds),
        "charts": charts(overview),
        "tables": [
            *tables(overview, names),
            references_table(references, overview.totals, names),
            days_table(overview),
        ],
    }
    if _sees_all(request):
        # How far the sums can be trusted is for everybody who bills by them; what to do about it is for operators.
        context |= {"shows_check": True, "check": _last_check(), "may_repair": _may_repair(request)}
    if tenant is None:
        return context | _of_all(overview, names, now)
    standing = month_standing(tenant=tenant, now=now)
    return context | {"standing": standing, "bar": month_bar(standing), "zone": zone}


def _of_all(overview: UsageOverview, names: Names, now: datetime) -> Context:
    months = months_standing(now=now)
    limited = months.limited()
    return {
        "months": months,
        "limited": limited,
        "bar": month_bar(limited) if limited.by_tenant else "",
        "top": top_tenants(overview, months, names.tenants),
        "tenants_with_use": len(overview.by[Dimension.TENANT]),
        "total": line(_("Sum"), overview.totals, overview.totals),
    }


def _names(tenant: Tenant | None, overview: UsageOverview, references: References) -> Names:
    rows = overview.by[Dimension.KEY][:MOST_ROWS]
    keys = keys_named(tenant=tenant, rows=rows)
    if tenant is not None:
        return Names(keys, {})
    owners = ids_of([*rows, *top_rows(overview)], Dimension.TENANT)
    owners |= {row.tenant_id for row in references.rows or ()}
    return Names(keys, tenants_named(ids=owners))


def _export_asked(tenant: Tenant | None, days: ShownDays) -> dict[str, str]:
    """What is shown, as the form that asks for an export takes it."""
    span = days.range
    shown = {"first": span.first.isoformat(), "last": span.last.isoformat(), "time_zone": span.zone.key}
    return shown if tenant is None else {"tenant": str(tenant.pk), **shown}


def _may_repair(request: HttpRequest) -> bool:
    return holds_everywhere(request.user, "tts.view_maintenancerun")


def _last_check() -> MaintenanceRun | None:
    runs = MaintenanceRun.objects.filter(kind=MaintenanceRun.Kind.USAGE_CHECK, finished_at__isnull=False)
    return runs.order_by("-started_at").first()
