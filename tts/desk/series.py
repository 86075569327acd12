"""How the platform did over time, read from its rollup and never from history.

Postgres adds the buckets and their histograms up; what comes back is one row for each point of a chart.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from tts.usage.histogram import BINS
from tts.usage.ranges import day_begins


class Span(StrEnum):
    """What the charts of the home page are over."""

    DAY = "24h"
    MONTH = "30d"


QUARTER = timedelta(minutes=15)
DAYS = 30


@dataclass(slots=True)
class ServicePoint:
    """What ended in the time that begins at `at`, over all tenants; histograms as in `tts.usage.histogram`."""

    at: datetime
    succeeded: int = 0
    failed: int = 0
    canceled: int = 0
    expired: int = 0
    fallbacks: int = 0
    characters: int = 0
    audio_seconds: float = 0.0
    synthesis_seconds: float = 0.0
    waits: list[int] = field(default_factory=list)
    syntheses: list[int] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)

    @property
    def ended(self) -> int:
        return self.succeeded + self.failed + self.canceled + self.expired

    @property
    def fallback_share(self) -> float | None:
        """Of those that succeeded, the share (0 … 1) that another engine spoke; None without any."""
        return self.fallbacks / self.succeeded if self.succeeded else None

    @property
    def error_share(self) -> float | None:
        """The share (0 … 1) that failed or expired; None when nothing ended. Who cancels is not refused anything."""
        tried = self.ended - self.canceled
        return (self.failed + self.expired) / tried if tried else None

    @property
    def real_time_factor(self) -> float | None:
        """Seconds of work for one second of audio."""
        return self.synthesis_seconds / self.audio_seconds if self.audio_seconds else None


def _sums(column: str) -> str:
    return "ARRAY[" + ", ".join(f"sum({column}[{place}])" for place in range(1, BINS + 1)) + "]::bigint[]"


# Begins are reckoned by this process: to the database's clock a local midnight that comes twice is one instant, and one
# that is skipped none.
_POINTS = """
SELECT width_bucket(starts_at, %(begins)s::timestamptz[]), sum(succeeded)::bigint, sum(failed)::bigint,
    sum(canceled)::bigint, sum(expired)::bigint, sum(fallbacks)::bigint, sum(characters)::bigint, sum(audio_seconds),
    sum(synthesis_seconds), {waits}, {syntheses}, {totals}
FROM tts_servicebucket WHERE starts_at >= %(since)s AND starts_at < %(until)s GROUP BY 1
""".format(
    waits=_sums("wait_histogram"), syntheses=_sums("synthesis_histogram"), totals=_sums("total_histogram")
)


def service_since(*, since: datetime, now: datetime) -> ServicePoint:
    """What ended since `since`, a boundary of a bucket, in one sum."""
    return _read([since], now)[0]


def service_points(*, span: Span, now: datetime, zone: ZoneInfo) -> list[ServicePoint]:
    """Quarters of an hour of the last 24 h, or days in `zone`, today and the 29 before it; empty ones included.

    Of days more than two days ago only whole hours of UTC are known: where midnight is at half past an hour, half an
    hour counts in the day beside it.
    """
    if span is Span.MONTH:
        return _read(last_days(now, zone), now)
    last = now - timedelta(seconds=now.timestamp() % QUARTER.total_seconds())
    return _read([last - QUARTER * ago for ago in reversed(range(96))], now)


def last_days(now: datetime, zone: ZoneInfo) -> list[datetime]:
    """The instants, in UTC, that today and the 29 days before it begin at in `zone`."""
    today = now.astimezone(zone).date()
    return [day_begins(today - timedelta(days=ago), zone) for ago in reversed(range(DAYS))]


def _read(begins: Sequence[datetime], now: datetime) -> list[ServicePoint]:
    """A point for each of `begins`, in their order, which lasts until the next one."""
    # A clock that is ahead of this one shall not hide what it counted.
    values: dict[str, Any] = {"begins": list(begins), "since": begins[0], "until": now + timedelta(minutes=5)}
    with connection.cursor() as cursor:
        cursor.execute(_POINTS, values)
        sums = {place: found for place, *found in cursor.fetchall()}
    return [ServicePoint(begin, *sums.get(place, ())) for place, begin in enumerate(begins, start=1)]
