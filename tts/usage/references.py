"""Use by the tags that clients give their requests."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from accounts.models import Tenant
from tts.usage.ranges import UsageRange
from tts.usage.sums import Sums

MOST_EVENTS = 200_000
"""Events read for a list. There may be a reference of its own with each of them, so no sums are kept of these."""

_MOST_USED = """
SELECT reference, count(*), sum(characters)::bigint, sum(audio_seconds), sum(count(*)) OVER ()
FROM (
    SELECT reference, characters, audio_seconds FROM tts_usageevent
    WHERE tenant_id = %(tenant)s AND at >= %(starts_at)s AND at < %(ends_at)s AND reference <> ''
    LIMIT %(events)s
) AS tagged
GROUP BY reference ORDER BY 3 DESC, 2 DESC, 1 LIMIT %(rows)s
"""


@dataclass(frozen=True, slots=True)
class References:
    """The references that used most, or None where there are too many events to tell; `more` than are listed."""

    rows: Sequence[tuple[str, Sums]] | None
    more: bool = False


def references_most_used(*, tenant: Tenant, span: UsageRange, most: int) -> References:
    """The `most` references of a tenant by characters."""
    with connection.cursor() as cursor:
        cursor.execute(
            _MOST_USED,
            {
                "tenant": tenant.pk,
                "starts_at": span.starts_at,
                "ends_at": span.ends_at,
                "events": MOST_EVENTS + 1,
                "rows": most + 1,
            },
        )
        lines = cursor.fetchall()
    if lines and lines[0][-1] > MOST_EVENTS:
        return References(None)
    rows = [(reference, Sums(*sums)) for reference, *sums, _ in lines[:most]]
    return References(rows, more=len(lines) > most)
