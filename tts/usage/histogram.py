"""Durations counted in bins, so that percentiles of any span are a sum of rows instead of a sort of requests.

Each bin is a fifth wider than the one before: a percentile read from them is off by a tenth of itself at most.
"""

from bisect import bisect_right
from collections.abc import Sequence

SHORTEST_SECONDS = 0.005
GROWTH = 1.2
BINS = 56

EDGES: tuple[float, ...] = tuple(SHORTEST_SECONDS * GROWTH**place for place in range(BINS - 1))
"""Upper edges in seconds of all bins but the last, which has everything from 113 s on."""


def bin_of(seconds: float) -> int:
    """The bin, from 0, that a duration counts in."""
    return bisect_right(EDGES, seconds)


def percentile(counts: Sequence[int], share: float) -> float | None:
    """Seconds that `share` (0 … 1) of the counted durations stay within; None when nothing was counted.

    Inside a bin, durations count as evenly spread.
    """
    total = sum(counts)
    if not total:
        return None
    rank, seen = share * total, 0
    for place, count in enumerate(counts):
        if count and seen + count >= rank:
            lower = EDGES[place - 1] if place else 0.0
            upper = EDGES[place] if place < len(EDGES) else EDGES[-1] * GROWTH
            return lower + (upper - lower) * (rank - seen) / count
        seen += count
    return EDGES[-1] * GROWTH
