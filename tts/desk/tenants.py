"""The home page of members and finance: what their tenants used, or all of them, this month and lately."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db.models import DateTimeField, F, Func, IntegerField, QuerySet, Sum, Value
from django.utils.translation import gettext_lazy as _

from accounts.limits.names import Limit
from accounts.models import Tenant, UsagePeriod
from accounts.services.periods import month_bounds
from tts.desk.charts import OUTCOME_TONES, Chart, series
from tts.desk.series import Span, last_days
from tts.models import UsageBucket
from tts.usage.months import months_in_force

SHOWN = 6
"""Tenants that have a layer of their own in a chart, and a row on the home page; the others are on their list."""


@dataclass(frozen=True, slots=True)
class TenantMonth:
    """A tenant's month: characters used, reserved, and allowed (None for unlimited)."""

    tenant: Tenant
    used: int
    reserved: int
    limit: int | None
    ends_at: datetime


def tenant_months(*, tenants: QuerySet[Tenant], now: datetime) -> list[TenantMonth]:
    """The month that `now` lies in, of the first tenants by name: at most `SHOWN`, in three queries."""
    shown = list(tenants.select_related("plan").prefetch_related("overrides").order_by("name")[:SHOWN])
    periods = months_in_force(tenants=[tenant.pk for tenant in shown], now=now)
    return [_month(tenant, periods.get(tenant.pk), now) for tenant in shown]


def _month(tenant: Tenant, period: UsagePeriod | None, now: datetime) -> TenantMonth:
    limit = tenant.limits().of(Limit.CHARACTERS_PER_MONTH)
    if period is None:
        return TenantMonth(tenant, 0, 0, limit, month_bounds(now, tenant.time_zone)[1])
    return TenantMonth(tenant, period.used_characters, period.reserved_characters, limit, period.ends_at)


def usage_charts(
    *, tenants: Sequence[Tenant] | None, span: Span, now: datetime, zone: ZoneInfo
) -> list[Chart]:
    """Requests by outcome, characters and audio of all tenants, or of `tenants` with characters of each by itself.

    Hours of the last 24, or 30 days of `zone`, which add up to what the reports of usage say of them. Each lasts from
    its own instant to the next one, whatever the clocks do meanwhile. One query over the rollup.
    """
    begins = last_days(now, zone) if span is Span.MONTH else _last_hours(now, zone)
    places = range(1, len(begins) + 1)
    asked: defaultdict[tuple[str, int], int] = defaultdict(int)
    billed: defaultdict[tuple[UUID | None, int], int] = defaultdict(int)
    spoken: defaultdict[int, Decimal] = defaultdict(Decimal)
    for row in _used(tenants, begins):
        place = row["place"]
        asked[row["outcome"], place] += row["asked"]
        billed[row.get("tenant_id"), place] += row["billed"]
        spoken[place] += row["spoken"]
    x = [int(begin.timestamp()) for begin in begins]
    outcomes = [
        series(status.label, (asked[status.value, place] for place in places), tone)
        for status, tone in OUTCOME_TONES.items()
    ]
    layers = (
        [(None, _("Characters"))] if tenants is None else [(tenant.pk, tenant.name) for tenant in tenants]
    )
    characters = [series(label, (billed[layer, place] for place in places)) for layer, label in layers]
    audio = [series(_("Audio"), (float(round(spoken[place], 1)) for place in places))]

    def data(kind: str, unit: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
        return {"kind": kind, "unit": unit, "x": x, "series": lines, "time_zone": zone.key}

    return [
        Chart("chart-requests", _("Requests"), data("stacked", "requests", outcomes)),
        Chart("chart-characters", _("Characters"), data("stacked", "characters", characters)),
        Chart("chart-audio", _("Audio made"), data("bars", "s", audio)),
    ]


def _used(tenants: Sequence[Tenant] | None, begins: Sequence[datetime]) -> Iterable[Mapping[str, Any]]:
    """Sums by outcome, tenant if there are some, and `place`: how many of `begins` a quarter is not before."""
    instants = Value(list(begins), output_field=ArrayField(DateTimeField()))
    place = Func(F("starts_at"), instants, function="width_bucket", output_field=IntegerField())
    rows = UsageBucket.all_tenants.filter(starts_at__gte=begins[0])
    if tenants is not None:
        rows = rows.filter(tenant__in=tenants)
    found: Iterable[Mapping[str, Any]] = (
        rows.annotate(place=place)
        .values("place", "outcome", *(() if tenants is None else ("tenant_id",)))
        .annotate(asked=Sum("requests"), billed=Sum("characters"), spoken=Sum("audio_seconds"))
        .order_by()
    )
    return found


def _last_hours(now: datetime, zone: ZoneInfo) -> list[datetime]:
    """24 times 60 minutes, the last since the clock of `zone` began the hour: at half past one of UTC, for some."""
    offset = now.astimezone(zone).utcoffset() or timedelta(0)
    hour = now - timedelta(seconds=(now.timestamp() + offset.total_seconds()) % 3600)
    return [hour - timedelta(hours=ago) for ago in reversed(range(24))]
