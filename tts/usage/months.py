"""How months of tenants stand, and where they lead."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from accounts.limits.names import Limit
from accounts.models import LimitOverride, Plan, Tenant, UsagePeriod
from accounts.services.periods import month_bounds, period_at
from tts.usage.pace import Pace, pace_of, paces

MONTHLY = Limit.CHARACTERS_PER_MONTH


@dataclass(frozen=True, slots=True)
class Projection:
    """Where a month leads if it goes on as the last days did.

    `characters` at its end are those used so far and, for the time that is left of it to the second, as many as at
    `pace`. `exhausted_at` is when the limit would be reached, None if not before the end.
    """

    characters: int
    pace: Pace
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

    @property
    def projected(self) -> int:
        """Characters at its end; those used so far where there is no pace to judge by."""
        return self.used if self.projection is None else self.projection.characters


@dataclass(frozen=True, slots=True)
class MonthsStanding:
    """The periods in force of all tenants, each the month of its own time zone, and their sums."""

    by_tenant: Mapping[UUID, MonthStanding]

    @property
    def used(self) -> int:
        return sum(month.used for month in self.by_tenant.values())

    @property
    def reserved(self) -> int:
        return sum(month.reserved for month in self.by_tenant.values())

    @property
    def projected(self) -> int:
        return sum(month.projected for month in self.by_tenant.values())

    @property
    def unjudged(self) -> int:
        """How many used something and have no projection yet."""
        return sum(1 for month in self.by_tenant.values() if month.projection is None and month.used)

    @property
    def exhausted(self) -> int:
        """How many reach their limit before the end."""
        return sum(
            1 for month in self.by_tenant.values() if month.projection and month.projection.exhausted_at
        )

    def limited(self) -> "MonthsStanding":
        """Those that have a limit, since a sum with those that have none is not one."""
        return MonthsStanding(
            {tenant: month for tenant, month in self.by_tenant.items() if month.limit is not None}
        )

    @property
    def limit(self) -> int:
        """The sum of the limits there are."""
        return sum(month.limit or 0 for month in self.by_tenant.values())


def month_standing(*, tenant: Tenant, now: datetime) -> MonthStanding:
    """The month of a tenant that `now` lies in, with its projection. Reads the tenant's plan and overrides."""
    limit = tenant.limits().of(MONTHLY)
    period = period_at(tenant=tenant, key=None, now=now)
    return _standing(period, tenant.time_zone, limit, pace_of(tenant=tenant, now=now), now)


def months_standing(*, now: datetime) -> MonthsStanding:
    """The same of all tenants, in five queries."""
    limits, time_zones = {}, {}
    for tenant_id, time_zone, limit in _limits():
        limits[tenant_id], time_zones[tenant_id] = limit, time_zone
    periods = {row.tenant_id: row for row in _in_force(now)}
    speeds = paces(time_zones=time_zones.values(), now=now)
    return MonthsStanding(
        {
            tenant: _standing(periods.get(tenant), time_zones[tenant], limit, speeds.get(tenant), now)
            for tenant, limit in limits.items()
        }
    )


def months_in_force(*, tenants: Collection[UUID], now: datetime) -> dict[UUID, UsagePeriod]:
    """The tenants' own periods that `now` lies in, by tenant, for those who have begun theirs."""
    return {row.tenant_id: row for row in _in_force(now).filter(tenant_id__in=tenants)}


def _in_force(now: datetime) -> QuerySet[UsagePeriod]:
    return UsagePeriod.all_tenants.filter(api_key=None, starts_at__lte=now, ends_at__gt=now)


def _limits() -> Iterator[tuple[UUID, str, int | None]]:
    """Of each tenant its time zone and how many characters a month it may use."""
    plans = Plan.objects.in_bulk()
    overrides: defaultdict[UUID, list[tuple[str, int | None, bool]]] = defaultdict(list)
    rows = LimitOverride.all_tenants.filter(limit=MONTHLY).values_list("tenant_id", "value", "observe_only")
    for tenant, value, observe_only in rows:
        overrides[tenant].append((MONTHLY, value, observe_only))
    for tenant, time_zone, plan in Tenant.objects.values_list("pk", "time_zone", "plan_id"):
        yield tenant, time_zone, plans[plan].limits(overrides[tenant]).of(MONTHLY)


def _standing(
    period: UsagePeriod | None, time_zone: str, limit: int | None, pace: Pace | None, now: datetime
) -> MonthStanding:
    if period is None:
        used, reserved, bounds = 0, 0, month_bounds(now, time_zone)
    else:
        used, reserved = period.used_characters, period.reserved_characters
        bounds = period.starts_at, period.ends_at
    projection = None if pace is None else _projection(used, limit, bounds[1], pace, now)
    return MonthStanding(used, reserved, limit, *bounds, projection)


def _projection(used: int, limit: int | None, ends_at: datetime, pace: Pace, now: datetime) -> Projection:
    characters = used + round(pace.in_all(since=now, until=ends_at))
    exhausted_at = None
    if limit is not None and characters > limit:
        exhausted_at = pace.reached(characters=max(0, limit - used), since=now)
    return Projection(characters, pace, exhausted_at)
