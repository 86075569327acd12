"""Use by the tags that clients give their requests."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from accounts.models import Tenant
from tts.usage.ranges import UsageRange
from tts.usage.sums import Sums

MOST_EVENTS = 200_000
"""Events read for a list. There may be a reference of its own with each of them, so no sums are kept of these."""
MOST_EVENTS_OF_ALL = 100_000
"""The same where all tenants are on the page, which has more to add up beside it."""

_EVENTS = """
    SELECT tenant_id, reference, characters, audio_seconds FROM tts_usageevent
    WHERE tenant_id = {tenant} AND at >= %(starts_at)s AND at < %(ends_at)s AND reference <> ''
"""
# One tenant after the other, because the index of references begins with the tenant. OFFSET keeps the planner from
# making one join of it, which would have to be done before the first event is known.
_EVENTS_OF_ALL = """
    SELECT event.* FROM accounts_tenant tenant CROSS JOIN LATERAL ({events} OFFSET 0) AS event
"""
_MOST_USED = """
SELECT tenant_id, reference, count(*), sum(characters)::bigint, sum(audio_seconds), sum(count(*)) OVER ()
FROM ({events} LIMIT %(events)s) AS tagged
GROUP BY tenant_id, reference ORDER BY 4 DESC, 3 DESC, 2, 1 LIMIT %(rows)s
"""
_OF_ONE = _MOST_USED.format(events=_EVENTS.format(tenant="%(tenant)s"))
_OF_ALL = _MOST_USED.format(events=_EVENTS_OF_ALL.format(events=_EVENTS.format(tenant="tenant.id")))


@dataclass(frozen=True, slots=True)
class ReferenceUse:
    """What requests of one tenant with one reference used; another tenant's with the same one are another matter."""

    tenant_id: UUID
    reference: str
    sums: Sums


@dataclass(frozen=True, slots=True)
class References:
    """The references that used most, or None where there are too many events to tell; `more` than are listed."""

    rows: Sequence[ReferenceUse] | None
    more: bool = False


def references_most_used(*, tenant: Tenant | None, span: UsageRange, most: int) -> References:
    """The `most` references of a tenant, or of all of them, by characters."""
    allowed = MOST_EVENTS_OF_ALL if tenant is None else MOST_EVENTS
    with connection.cursor() as cursor:
        cursor.execute(
            _OF_ALL if tenant is None else _OF_ONE,
            {
                "tenant": None if tenant is None else tenant.pk,
                "starts_at": span.starts_at,
                "ends_at": span.ends_at,
                "events": allowed + 1,
                "rows": most + 1,
            },
        )
        lines = cursor.fetchall()
    if lines and lines[0][-1] > allowed:
        return References(None)
    rows = [ReferenceUse(owner, reference, Sums(*sums)) for owner, reference, *sums, _ in lines[:most]]
    return References(rows, more=len(lines) > most)
