"""How the platform did over time, read from its rollup and never from history.

Postgres adds the buckets and their histograms up; what comes back is one row for each point of a chart.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
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


_POINTS = """
SELECT {begin} AS begins, sum(succeeded)::bigint, sum(failed)::bigint, sum(canceled)::bigint, sum(expired)::bigint,
    sum(fallbacks)::bigint, sum(characters)::bigint, sum(audio_seconds), sum(synthesis_seconds),
    {waits}, {syntheses}, {totals}
FROM tts_servicebucket WHERE starts_at >= %(since)s AND starts_at < %(until)s GROUP BY begins
"""


def _points_by(begin: str) -> str:
    return _POINTS.format(
        begin=begin,
        waits=_sums("wait_histogram"),
        syntheses=_sums("synthesis_histogram"),
        totals=_sums("total_histogram"),
    )


_BY_QUARTER = _points_by("date_bin('15 minutes', starts_at, '2000-01-01T00:00Z')")
_BY_DAY = _points_by("date_trunc('day', starts_at, %(zone)s)")
_IN_ALL = _points_by("%(since)s::timestamptz")


def service_since(*, since: datetime, now: datetime) -> ServicePoint:
    """What ended since `since`, a boundary of a bucket, in one sum."""
    found = _read(_IN_ALL, since, now)
    return found.get(since, ServicePoint(since))


def service_points(*, span: Span, now: datetime, zone: ZoneInfo) -> list[ServicePoint]:
    """Quarters of an hour of the last 24 h, or days in `zone`, today and the 29 before it; empty ones included.

    Of days more than two days ago only whole hours of UTC are known: where midnight is at half past an hour, half an
    hour counts in the day beside it.
    """
    if span is Span.MONTH:
        today = now.astimezone(zone).date()
        begins = [day_begins(today - timedelta(days=ago), zone) for ago in reversed(range(DAYS))]
        found = _read(_BY_DAY, begins[0], now, zone=zone.key)
    else:
        last = now - timedelta(seconds=now.timestamp() % QUARTER.total_seconds())
        begins = [last - QUARTER * ago for ago in reversed(range(96))]
        found = _read(_BY_QUARTER, begins[0], now)
    return [found.get(begin, ServicePoint(begin)) for begin in begins]


def _read(query: str, since: datetime, now: datetime, **values: Any) -> dict[datetime, ServicePoint]:
    with connection.cursor() as cursor:
        # A clock that is ahead of this one shall not hide what it counted.
        cursor.execute(query, {"since": since, "until": now + timedelta(minutes=5), **values})
        points = [ServicePoint(*row) for row in cursor.fetchall()]
    return {point.at.astimezone(UTC): point for point in points}
