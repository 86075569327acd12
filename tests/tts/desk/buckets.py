"""Figures of the platform as processes leave them."""

from datetime import datetime
from typing import Any

from tts.models import ServiceBucket
from tts.usage.histogram import BINS, bin_of


def histogram(*durations: float) -> list[int]:
    """The bins that durations in seconds count in."""
    counts = [0] * BINS
    for seconds in durations:
        counts[bin_of(seconds)] += 1
    return counts


def bucket(
    starts_at: datetime, shard: int = 0, *, waits: tuple[float, ...] = (), **values: Any
) -> ServiceBucket:
    """A row as `tts.usage.recording` writes it; `waits` are durations in seconds."""
    return ServiceBucket.objects.create(
        starts_at=starts_at,
        shard=shard,
        wait_histogram=histogram(*waits),
        synthesis_histogram=histogram(),
        total_histogram=histogram(),
        **values,
    )
