"""How fast tenants use characters, to tell where their months lead."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from accounts.models import Tenant
from tts.usage.ranges import day_begins

MEAN_DAYS = 7
DAY = timedelta(days=1)

# For each tenant its first quarter and the quarters of a week, which is what the rollup's unique index begins with.
_PACES = """
SELECT tenant.id, greatest(week.begins_at, first.starts_at), week.ends_at, lately.characters
FROM unnest(%(zones)s::text[], %(begins)s::timestamptz[], %(yesterdays)s::timestamptz[], %(ends)s::timestamptz[])
    AS week (time_zone, begins_at, last_day, ends_at)
JOIN accounts_tenant tenant ON tenant.time_zone = week.time_zone
CROSS JOIN LATERAL (
    SELECT starts_at FROM tts_usagebucket WHERE tenant_id = tenant.id ORDER BY starts_at LIMIT 1
) AS first
CROSS JOIN LATERAL (
    SELECT COALESCE(sum(characters), 0)::bigint AS characters FROM tts_usagebucket
    WHERE tenant_id = tenant.id AND starts_at >= week.begins_at AND starts_at < week.ends_at
) AS lately
WHERE first.starts_at <= week.last_day AND first.starts_at < week.ends_at{tenant}
"""


@dataclass(frozen=True, slots=True)
class Pace:
    """Characters that a tenant used in 24 hours, on average from `since` to `until`."""

    mean: float
    since: datetime
    until: datetime

    def in_all(self, *, since: datetime, until: datetime) -> float:
        """Characters from one instant to another at this pace; 0 if that is over."""
        return self.mean * max(0.0, (until - since) / DAY)

    def reached(self, *, characters: int, since: datetime) -> datetime | None:
        """When so many more are used; None at a pace of nothing."""
        return since + timedelta(days=characters / self.mean) if self.mean else None


def pace_of(*, tenant: Tenant, now: datetime) -> Pace | None:
    """That of one tenant; see `paces`."""
    return _read([tenant.time_zone], now, tenant=tenant).get(tenant.pk)


def paces(*, time_zones: Iterable[str], now: datetime) -> dict[UUID, Pace]:
    """The pace of each tenant of these time zones, in one query.

    It is that of the seven local days before the one that `now` lies in, which is not over and would count too little.
    Where a tenant's first use is younger, it is reckoned from the quarter of an hour of that first use, so that no hour
    before it counts as an idle one. Tenants without a full local day of use have none yet.
    """
    return _read(sorted(set(time_zones)), now)


def _read(time_zones: list[str], now: datetime, *, tenant: Tenant | None = None) -> dict[UUID, Pace]:
    weeks = [_week(ZoneInfo(name), now) for name in time_zones]
    values: dict[str, Any] = {
        "zones": time_zones,
        "begins": [begin for begin, _, _ in weeks],
        "yesterdays": [yesterday for _, yesterday, _ in weeks],
        "ends": [end for _, _, end in weeks],
        "tenant": None if tenant is None else tenant.pk,
    }
    statement = _PACES.format(tenant="" if tenant is None else " AND tenant.id = %(tenant)s")
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows = cursor.fetchall()
    return {
        tenant_id: Pace(characters / ((until - since) / DAY), since, until)
        for tenant_id, since, until, characters in rows
    }


def _week(zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime, datetime]:
    """When the seven full days begin, when the last of them does, and when it ends."""
    today = now.astimezone(zone).date()
    begin, yesterday, end = (day_begins(today - timedelta(days=ago), zone) for ago in (MEAN_DAYS, 1, 0))
    return begin, yesterday, end
