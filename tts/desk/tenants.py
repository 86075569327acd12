"""The home page of people who belong to tenants: what theirs used, this month and lately."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet, Sum
from django.db.models.functions import TruncDay, TruncHour
from django.utils.translation import gettext_lazy as _

from accounts.limits.names import Limit
from accounts.models import Tenant, UsagePeriod
from accounts.services.periods import month_bounds
from tts.desk.charts import OUTCOME_TONES, Chart, series
from tts.desk.series import DAYS, Span
from tts.models import UsageBucket
from tts.usage.months import months_in_force
from tts.usage.ranges import day_begins

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


def tenant_charts(*, tenants: Sequence[Tenant], span: Span, now: datetime, zone: ZoneInfo) -> list[Chart]:
    """Requests by outcome, characters by tenant and audio of `tenants`: hours of the last 24, or 30 days of `zone`.

    One query over the rollup.
    """
    begins = _begins(span, now, zone)
    trunc = TruncDay if span is Span.MONTH else TruncHour
    rows = (
        UsageBucket.all_tenants.filter(tenant__in=tenants, starts_at__gte=begins[0])
        .annotate(begin=trunc("starts_at", tzinfo=zone))
        .values("begin", "tenant_id", "outcome")
        .annotate(asked=Sum("requests"), billed=Sum("characters"), spoken=Sum("audio_seconds"))
        .order_by()
    )
    asked: defaultdict[tuple[Any, int], int] = defaultdict(int)
    billed: defaultdict[tuple[Any, int], int] = defaultdict(int)
    spoken: defaultdict[int, float] = defaultdict(float)
    for row in rows:
        at = int(row["begin"].timestamp())
        asked[row["outcome"], at] += row["asked"]
        billed[row["tenant_id"], at] += row["billed"]
        spoken[at] += float(row["spoken"])
    x = [int(begin.timestamp()) for begin in begins]
    outcomes = [
        series(status.label, (asked[status.value, at] for at in x), tone)
        for status, tone in OUTCOME_TONES.items()
    ]
    characters = [series(tenant.name, (billed[tenant.pk, at] for at in x)) for tenant in tenants]
    audio = [series(_("Audio"), (round(spoken[at], 1) for at in x))]

    def data(kind: str, unit: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
        return {"kind": kind, "unit": unit, "x": x, "series": lines, "time_zone": zone.key}

    return [
        Chart("chart-requests", _("Requests"), data("stacked", "requests", outcomes)),
        Chart("chart-characters", _("Characters"), data("stacked", "characters", characters)),
        Chart("chart-audio", _("Audio made"), data("bars", "s", audio)),
    ]


def _begins(span: Span, now: datetime, zone: ZoneInfo) -> list[datetime]:
    if span is Span.MONTH:
        today = now.astimezone(zone).date()
        return [day_begins(today - timedelta(days=ago), zone) for ago in reversed(range(DAYS))]
    # Hours of the zone's own clock, which at some offsets begin at half past one of UTC.
    hour = now.astimezone(zone).replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    return [hour - timedelta(hours=ago) for ago in reversed(range(24))]
