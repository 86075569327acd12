"""How a tenant's month stands, and where it leads."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Sum

from accounts.limits.names import Limit
from accounts.models import Tenant, UsagePeriod
from accounts.services.periods import month_bounds, period_at
from tts.models import UsageBucket
from tts.usage.ranges import day_begins

MEAN_DAYS = 7


@dataclass(frozen=True, slots=True)
class Projection:
    """Where a month leads if it goes on as the last days did.

    `characters` at its end are those used so far and the mean of the last seven full days for each day that is left
    (`mean`, of `days` days where the tenant has not used anything for longer). `exhausted_at` is when the limit would
    be reached, None if not before the end.
    """

    characters: int
    mean: float
    days: int
    exhausted_at: datetime | None


@dataclass(frozen=True, slots=True)
class MonthStanding:
    """The period in force: characters used, reserved and allowed (None for unlimited), and until when."""

    used: int
    reserved: int
    limit: int | None
    starts_at: datetime
    ends_at: datetime
    projection: Projection | None = None


def month_standing(*, tenant: Tenant, now: datetime) -> MonthStanding:
    """The month of a tenant that `now` lies in, with its projection. Reads the tenant's plan and overrides."""
    period = period_at(tenant=tenant, key=None, now=now)
    starts_at, ends_at = (
        month_bounds(now, tenant.time_zone) if period is None else (period.starts_at, period.ends_at)
    )
    used, reserved = (0, 0) if period is None else (period.used_characters, period.reserved_characters)
    limit = tenant.limits().of(Limit.CHARACTERS_PER_MONTH)
    projection = _projection(tenant, used, limit, ends_at, now)
    return MonthStanding(used, reserved, limit, starts_at, ends_at, projection)


def months_in_force(*, tenants: Collection[UUID], now: datetime) -> dict[UUID, UsagePeriod]:
    """The tenants' own periods that `now` lies in, by tenant, for those who have begun theirs."""
    rows = UsagePeriod.all_tenants.filter(
        tenant_id__in=tenants, api_key=None, starts_at__lte=now, ends_at__gt=now
    )
    return {row.tenant_id: row for row in rows}


def _projection(
    tenant: Tenant, used: int, limit: int | None, ends_at: datetime, now: datetime
) -> Projection | None:
    zone = ZoneInfo(tenant.time_zone)
    today = now.astimezone(zone).date()
    buckets = UsageBucket.objects.of(tenant)
    first = buckets.order_by("starts_at").values_list("starts_at", flat=True).first()
    days = 0 if first is None else min(MEAN_DAYS, (today - first.astimezone(zone).date()).days)
    if days < 1:
        # Not a full day to judge by.
        return None
    begins, ends = day_begins(today - timedelta(days=days), zone), day_begins(today, zone)
    lately = buckets.filter(starts_at__gte=begins, starts_at__lt=ends).aggregate(sum=Sum("characters"))["sum"]
    mean = (lately or 0) / days
    characters = used + round(mean * ((ends_at - now) / timedelta(days=1)))
    return Projection(characters, mean, days, _exhausted_at(used, limit, mean, characters, now))


def _exhausted_at(
    used: int, limit: int | None, mean: float, characters: int, now: datetime
) -> datetime | None:
    if limit is None or characters <= limit or not mean:
        return None
    return now + timedelta(days=max(0, limit - used) / mean)
