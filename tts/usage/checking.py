"""Use computed anew from its events, and compared with what is kept of it: the quarters, and the months of quotas.

The difference is to be nothing, always. What is kept was written in the transactions that wrote the events, so whatever
differs was changed by hand or by a defect.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from time import monotonic
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from tts.models import MaintenanceRun
from tts.services.locks import Lock, lock_held
from tts.services.maintenance_runs import run_begin, run_end

logger = logging.getLogger(__name__)

SLICE = timedelta(days=7)
"""How much is summed up at once: memory for as many quarters."""
MOST_PLACES = 50

SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
FOR_SUMS = "SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true)"

_BOUNDS = """
SELECT date_bin('1 day', least(event.first, bucket.first), '2000-01-01T00:00Z'), greatest(event.last, bucket.last)
FROM (SELECT min(at) AS first, max(at) AS last FROM tts_usageevent) event,
     (SELECT min(starts_at) AS first, max(starts_at) AS last FROM tts_usagebucket) bucket
"""

# Both sides in one list, summed up by place: what is on one side only differs as well.
DIFFERENCES = """
SELECT tenant_id, api_key_id, starts_at, outcome, engine, voice, fallback,
    sum(requests)::bigint, sum(kept_requests)::bigint, sum(characters)::bigint, sum(kept_characters)::bigint,
    sum(audio_seconds), sum(kept_audio_seconds)
FROM (
    SELECT tenant_id, api_key_id, date_bin('15 minutes', at, '2000-01-01T00:00Z') AS starts_at, outcome, engine, voice,
        fallback, 1 AS requests, characters, audio_seconds, 0 AS kept_requests, 0 AS kept_characters,
        0.000 AS kept_audio_seconds
    FROM tts_usageevent WHERE at >= %(starts_at)s AND at < %(ends_at)s
    UNION ALL
    SELECT tenant_id, api_key_id, starts_at, outcome, engine, voice, fallback, 0, 0, 0.000, requests, characters,
        audio_seconds
    FROM tts_usagebucket WHERE starts_at >= %(starts_at)s AND starts_at < %(ends_at)s
) AS sides
GROUP BY 1, 2, 3, 4, 5, 6, 7
HAVING sum(requests) <> sum(kept_requests) OR sum(characters) <> sum(kept_characters)
    OR sum(audio_seconds) <> sum(kept_audio_seconds)
"""

# Periods of a key have the bounds of its tenant's; a period counts what was charged.
_PERIODS = """
WITH span AS (
    SELECT DISTINCT tenant_id, starts_at, ends_at FROM accounts_usageperiod
), used AS (
    SELECT span.tenant_id, span.starts_at, event.api_key_id, GROUPING(event.api_key_id) = 0 AS of_key,
        count(*) AS requests, sum(event.characters) AS characters
    FROM span JOIN tts_usageevent event ON event.tenant_id = span.tenant_id
        AND event.at >= span.starts_at AND event.at < span.ends_at
    WHERE event.outcome = 'succeeded'
    GROUP BY GROUPING SETS ((1, 2), (1, 2, 3))
)
SELECT period.tenant_id, period.api_key_id, period.starts_at,
    COALESCE(used.requests, 0), period.requests, COALESCE(used.characters, 0), period.used_characters
FROM accounts_usageperiod period LEFT JOIN used ON used.tenant_id = period.tenant_id
    AND used.starts_at = period.starts_at AND used.of_key = (period.api_key_id IS NOT NULL)
    AND used.api_key_id IS NOT DISTINCT FROM period.api_key_id
WHERE COALESCE(used.requests, 0) <> period.requests OR COALESCE(used.characters, 0) <> period.used_characters
"""
_COUNTS = """
SELECT (SELECT count(*) FROM tts_usageevent), (SELECT count(*) FROM tts_usagebucket),
    (SELECT count(*) FROM accounts_usageperiod)
"""


class UsageCheckRunning(RuntimeError):
    """Another check or repair is at work."""


@dataclass(slots=True)
class Drift:
    """What differs: how many places, by how much in all, and the first of them."""

    buckets: int = 0
    periods: int = 0
    requests: int = 0
    characters: int = 0
    audio_seconds: Decimal = Decimal(0)
    places: list[dict[str, Any]] = field(default_factory=list)

    @property
    def count(self) -> int:
        return self.buckets + self.periods

    def add(self, place: dict[str, Any], *, requests: int, characters: int, audio_seconds: Decimal) -> None:
        self.requests += abs(requests)
        self.characters += abs(characters)
        self.audio_seconds += abs(audio_seconds)
        if len(self.places) < MOST_PLACES:
            self.places.append(place)


def usage_check(*, now: datetime) -> MaintenanceRun:
    """Compare all that is kept with the events, in one snapshot of the database, and record the outcome.

    `data` of the run has `drift`, the number of places that differ, with `buckets` and `periods` among them; by how
    much in all (`requests`, `characters`, `audio_seconds`); `places`, the first fifty; and how many rows were
    `checked`. A drift is an error in the log. Raises `UsageCheckRunning`.
    """
    with lock_held(Lock.USAGE) as held:
        if not held:
            raise UsageCheckRunning("another check of usage is at work")
        run = run_begin(kind=MaintenanceRun.Kind.USAGE_CHECK, now=now)
        began = monotonic()

        def ended() -> datetime:
            return now + timedelta(seconds=monotonic() - began)

        try:
            drift, checked = _compared()
        except Exception as problem:
            run_end(run=run, data={}, now=ended(), problem=type(problem).__name__)
            raise
        run_end(run=run, data=_told(drift, checked), now=ended())
    if drift.count:
        logger.error("usage differs from its events in %d places", drift.count)
    return run


def _compared() -> tuple[Drift, dict[str, int]]:
    drift = Drift()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SNAPSHOT)
        cursor.execute(FOR_SUMS)
        for starts_at, ends_at in slices(cursor):
            cursor.execute(DIFFERENCES, {"starts_at": starts_at, "ends_at": ends_at})
            for row in cursor.fetchall():
                _add_bucket(drift, row)
        cursor.execute(_PERIODS)
        for row in cursor.fetchall():
            _add_period(drift, row)
        cursor.execute(_COUNTS)
        events, buckets, periods = cursor.fetchone()
    return drift, {"events": events, "buckets": buckets, "periods": periods}


def slices(cursor: CursorWrapper) -> Iterator[tuple[datetime, datetime]]:
    """The time of all that is on record, a week at a time."""
    cursor.execute(_BOUNDS)
    begin, last = cursor.fetchone()
    while begin is not None and begin <= last:
        yield begin, begin + SLICE
        begin += SLICE


def _add_bucket(drift: Drift, row: tuple[Any, ...]) -> None:
    tenant_id, key_id, starts_at, outcome, engine, voice, fallback, *sums = row
    requests, kept_requests, characters, kept_characters, seconds, kept_seconds = sums
    drift.buckets += 1
    drift.add(
        {
            "of": "bucket",
            **_place(tenant_id, key_id, starts_at),
            "outcome": outcome,
            "engine": engine,
            "voice": voice,
            "fallback": fallback,
            "requests": [requests, kept_requests],
            "characters": [characters, kept_characters],
            "audio_seconds": [float(seconds), float(kept_seconds)],
        },
        requests=requests - kept_requests,
        characters=characters - kept_characters,
        audio_seconds=seconds - kept_seconds,
    )


def _add_period(drift: Drift, row: tuple[Any, ...]) -> None:
    tenant_id, key_id, starts_at, requests, kept_requests, characters, kept_characters = row
    drift.periods += 1
    drift.add(
        {
            "of": "period",
            **_place(tenant_id, key_id, starts_at),
            "requests": [requests, kept_requests],
            "characters": [int(characters), kept_characters],
        },
        requests=requests - kept_requests,
        characters=int(characters) - kept_characters,
        audio_seconds=Decimal(0),
    )


def _place(tenant_id: object, key_id: object, starts_at: datetime) -> dict[str, Any]:
    return {
        "tenant": str(tenant_id),
        "key": None if key_id is None else str(key_id),
        "starts_at": starts_at.astimezone(UTC).isoformat(),
    }


def _told(drift: Drift, checked: dict[str, int]) -> dict[str, Any]:
    return {
        "drift": drift.count,
        "buckets": drift.buckets,
        "periods": drift.periods,
        "requests": drift.requests,
        "characters": drift.characters,
        "audio_seconds": float(drift.audio_seconds),
        "places": drift.places,
        "checked": checked,
    }
