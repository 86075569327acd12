"""Thinning out the platform's own figures, so that thirty days of them are few rows."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from tts.models import ServiceBucket
from tts.usage.histogram import BINS

HOUR_SECONDS = 3600
FINE_FOR = timedelta(days=2)
"""How long buckets of five minutes are kept as they are."""
SETTLED_AFTER = timedelta(minutes=15)
"""When no process counts in a bucket any more, so that its shards can become one row."""
MOST_ROWS = 1000

_COUNTS = ("succeeded", "failed", "canceled", "expired", "fallbacks", "characters")
_SECONDS = ("audio_seconds", "synthesis_seconds")
_HISTOGRAMS = ("wait_histogram", "synthesis_histogram", "total_histogram")


def service_buckets_fold(*, now: datetime) -> int:
    """Make hours of the buckets that are older than two days, and one row of each younger one's shards.

    Every row is added up exactly once: it goes in the transaction that adds it. Returns how many rows went; at most
    1 000 of each kind in one call, the oldest first, so call it again while it returns anything.
    """
    fine = ServiceBucket.objects.filter(seconds__lt=HOUR_SECONDS)
    with transaction.atomic():
        old = fine.filter(starts_at__lt=now - FINE_FOR)
        gone = _fold(_locked(old), seconds=HOUR_SECONDS)
        settled = fine.filter(starts_at__gte=now - FINE_FOR, starts_at__lt=now - SETTLED_AFTER)
        for seconds, rows in _by_length(_locked(settled.exclude(shard=0))):
            gone += _fold(rows, seconds=seconds)
    return gone


def _locked(rows: QuerySet[ServiceBucket]) -> list[ServiceBucket]:
    return list(rows.order_by("starts_at", "shard").select_for_update()[:MOST_ROWS])


def _by_length(rows: Iterable[ServiceBucket]) -> Iterable[tuple[int, list[ServiceBucket]]]:
    found: defaultdict[int, list[ServiceBucket]] = defaultdict(list)
    for row in rows:
        found[row.seconds].append(row)
    return found.items()


def _fold(rows: list[ServiceBucket], *, seconds: int) -> int:
    """Add `rows` to the buckets of `seconds` that they lie in, shard 0, and delete them."""
    by_start: defaultdict[datetime, list[ServiceBucket]] = defaultdict(list)
    for row in rows:
        by_start[bucket_begins(row.starts_at, seconds)].append(row)
    there = {
        row.starts_at: row
        for row in ServiceBucket.objects.filter(starts_at__in=by_start, seconds=seconds, shard=0)
        .order_by("starts_at")
        .select_for_update()
    }
    for starts_at, parts in by_start.items():
        whole = there.get(starts_at) or ServiceBucket(starts_at=starts_at, seconds=seconds, shard=0)
        _add(whole, parts)
        whole.save()
    ServiceBucket.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def bucket_begins(at: datetime, seconds: int) -> datetime:
    """When the bucket of so many seconds begins that `at` lies in."""
    return at - timedelta(seconds=at.timestamp() % seconds)


def _add(whole: ServiceBucket, parts: list[ServiceBucket]) -> None:
    for name in (*_COUNTS, *_SECONDS):
        setattr(whole, name, getattr(whole, name) + sum(getattr(part, name) for part in parts))
    for name in _HISTOGRAMS:
        columns = [getattr(part, name) for part in (whole, *parts)]
        setattr(whole, name, [sum(bins) for bins in zip(*(c or [0] * BINS for c in columns), strict=True)])
    errors: Counter[str] = Counter()
    for part in (whole, *parts):
        errors.update(part.errors)
    whole.errors = dict(errors)
