"""How the platform is doing right now: the figures of the strip on the admin's home page."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.conf import settings
from redis.exceptions import RedisError

from tts.desk.folding import bucket_begins
from tts.desk.queues import QueueState, background_states, speech_state
from tts.desk.series import ServicePoint, service_since
from tts.models import ServiceBucket
from tts.services.leases import workers_alive
from tts.services.refusal_counts import refusals_recent
from tts.usage.histogram import percentile

T = TypeVar("T")

WINDOW = timedelta(minutes=15)
BUCKET_SECONDS = 300
CANCELED = "canceled"
"""The code of a request that somebody canceled, or whose client hung up: what was asked for is no error."""


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Seconds that half of the requests, and 95 % of them, stay within; None when there were none."""

    p50: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class ErrorRate:
    code: str
    count: int
    share: float
    """Of the requests that ended and that nobody canceled, 0 … 1."""


@dataclass(frozen=True, slots=True)
class Refusals:
    limit: str
    count: int


@dataclass(frozen=True, slots=True)
class LiveFigures:
    """What the strip shows. `recent` is of the last 15 to 20 minutes: of the buckets that `window` reaches into.

    None stands for what the Redis that is away knows.
    """

    speech: QueueState
    background: list[QueueState] | None
    workers_up: int | None
    recent: ServicePoint
    waits: Percentiles
    syntheses: Percentiles
    errors: list[ErrorRate]
    refusals: list[Refusals] | None


def live_figures(*, now: datetime) -> LiveFigures:
    """Read them: three short queries and a few commands of Redis, however long history is."""
    since = bucket_begins(now - WINDOW, BUCKET_SECONDS)
    recent = service_since(since=since, now=now)
    return LiveFigures(
        speech=speech_state(name=settings.SPEECH_QUEUE, now=now),
        background=_if_redis(lambda: background_states(now=now)),
        workers_up=_if_redis(lambda: len(workers_alive())),
        recent=recent,
        waits=_percentiles(recent.waits),
        syntheses=_percentiles(recent.syntheses),
        errors=_error_rates(since, recent.ended - recent.canceled),
        refusals=_if_redis(lambda: _refusals(now)),
    )


def _percentiles(histogram: list[int]) -> Percentiles:
    return Percentiles(percentile(histogram, 0.5), percentile(histogram, 0.95))


def _error_rates(since: datetime, tried: int) -> list[ErrorRate]:
    counts: Counter[str] = Counter()
    rows = ServiceBucket.objects.filter(starts_at__gte=since).exclude(errors={})
    for errors in rows.values_list("errors", flat=True):
        counts.update(errors)
    return [
        ErrorRate(code, count, count / max(1, tried))
        for code, count in counts.most_common()
        if code != CANCELED
    ]


def _refusals(now: datetime) -> list[Refusals]:
    minutes = int(WINDOW.total_seconds()) // 60
    return [Refusals(*found) for found in refusals_recent(now=now, minutes=minutes).most_common()]


def _if_redis(read: Callable[[], T]) -> T | None:
    try:
        return read()
    except RedisError:
        return None
