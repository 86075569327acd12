"""Characters of a month: reserved when a request is accepted, used or given back when it ends.

Reserving is one UPDATE with its condition inside, on rows it has locked, so that no number of callers at once gets past
the limit; what was reserved is settled in the transaction of the request's final state, so it happens once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.models import ApiKey, QuotaThreshold, Tenant, UsagePeriod
from accounts.services.periods import periods_ensure


class QuotaExhausted(Exception):
    """The characters of a request do not fit into what is left of a period.

    `of_key` tells whether the key's own quota is meant rather than the tenant's.
    """

    code = "quota_exhausted"

    def __init__(self, period: UsagePeriod, characters: int, allowed: int, *, of_key: bool) -> None:
        super().__init__(self.code)
        self.period = period
        self.characters = characters
        self.allowed = allowed
        self.of_key = of_key

    @property
    def remaining(self) -> int:
        """Characters that are left, never below 0."""
        return max(0, self.allowed - self.period.used_characters - self.period.reserved_characters)


@dataclass(frozen=True, slots=True)
class Reservation:
    """Where characters are reserved. `taken` are those used or reserved in the tenant's period, these included."""

    period_id: UUID
    key_period_id: UUID | None
    taken: int
    ends_at: datetime


# The tenant's row is its lock: what admission counts afterwards cannot change under it. Periods are locked in one
# order everywhere, the tenant's first, so that nobody waits for each other.
_RESERVE = """
WITH tenant AS MATERIALIZED (
    SELECT id FROM accounts_tenant WHERE id = %(tenant)s FOR NO KEY UPDATE
), locked AS MATERIALIZED (
    SELECT period.id, period.api_key_id, period.ends_at,
           period.used_characters + period.reserved_characters AS taken,
           CASE WHEN period.api_key_id IS NULL THEN %(limit)s ELSE %(key_limit)s END::bigint AS allowed
    FROM tenant JOIN accounts_usageperiod period ON period.tenant_id = tenant.id
    WHERE (period.api_key_id IS NULL OR period.api_key_id = %(key)s)
      AND period.starts_at <= %(now)s AND period.ends_at > %(now)s
    ORDER BY period.api_key_id NULLS FIRST
    FOR NO KEY UPDATE OF period
), verdict AS (
    SELECT count(*) = %(expected)s AND bool_and(allowed IS NULL OR taken + %(characters)s <= allowed) AS fits
    FROM locked
)
, reserved AS (
    UPDATE accounts_usageperiod period
    SET reserved_characters = period.reserved_characters + %(characters)s, characters_limit = locked.allowed
    FROM locked, verdict
    WHERE period.id = locked.id AND verdict.fits
)
SELECT id, api_key_id, taken, ends_at, allowed, verdict.fits FROM locked, verdict
ORDER BY api_key_id NULLS FIRST
"""

_SETTLE = """
WITH locked AS MATERIALIZED (
    SELECT id FROM accounts_usageperiod WHERE id = ANY(%(periods)s)
    ORDER BY api_key_id NULLS FIRST
    FOR NO KEY UPDATE
)
UPDATE accounts_usageperiod period
SET reserved_characters = period.reserved_characters - %(characters)s,
    used_characters = period.used_characters + %(used)s,
    requests = period.requests + %(requests)s
FROM locked
WHERE period.id = locked.id
RETURNING period.id, period.tenant_id, period.used_characters, period.characters_limit
"""


def quota_reserve(
    *,
    tenant: Tenant,
    key: ApiKey | None,
    characters: int,
    limit: int | None,
    key_limit: int | None,
    now: datetime,
) -> Reservation:
    """Reserve `characters` for a request in the period that `now` lies in; both limits hold, None is unlimited.

    Call it inside the transaction that records the request. One statement, and the tenant's row stays locked until the
    transaction ends; the first request of a month takes some more, a refusal one. Raises `QuotaExhausted`, with nothing
    reserved.
    """
    periods = 1 if key is None else 2
    values = {
        "tenant": tenant.pk,
        "key": None if key is None else key.pk,
        "characters": characters,
        "limit": limit,
        "key_limit": key_limit,
        "now": now,
        "expected": periods,
    }
    rows = _rows(_RESERVE, values)
    if len(rows) < periods:
        periods_ensure(tenant=tenant, key=key, now=now)
        rows = _rows(_RESERVE, values)
    whole, *of_key = rows
    if not whole[-1]:
        raise _exhausted(rows, characters)
    return Reservation(whole[0], of_key[0][0] if of_key else None, whole[2] + characters, whole[3])


def quota_settle(*, period_ids: Sequence[UUID], characters: int, charged: bool, now: datetime) -> None:
    """End a reservation of `characters`: use it up, or give it back.

    Call it once, in the transaction of the request's final state.
    """
    if not period_ids:
        return
    used = characters if charged else 0
    rows = _rows(
        _SETTLE,
        {"periods": list(period_ids), "characters": characters, "used": used, "requests": int(charged)},
    )
    passed = [
        QuotaThreshold(
            tenant_id=tenant_id,
            period_id=period_id,
            percent=percent,
            at=now,
            used_characters=after,
            characters_limit=limit,
        )
        for period_id, tenant_id, after, limit in rows
        if limit and used
        for percent in QuotaThreshold.PERCENTS
        if (after - used) * 100 < percent * limit <= after * 100
    ]
    if passed:
        # A limit that was raised meanwhile is passed a second time; it is told of once.
        QuotaThreshold.all_tenants.bulk_create(passed, ignore_conflicts=True)


def _exhausted(rows: Sequence[tuple[Any, ...]], characters: int) -> QuotaExhausted:
    """The first of the periods found to refuse: the tenant's comes before the key's."""
    period_id, key_id, _, _, allowed, _ = next(
        row for row in rows if row[4] is not None and row[2] + characters > row[4]
    )
    # Under the tenant's lock, so these are the figures that refused.
    period = UsagePeriod.all_tenants.get(pk=period_id)
    return QuotaExhausted(period, characters, allowed, of_key=key_id is not None)


def _rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
