import random
from statistics import quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts.usage.histogram import BINS, EDGES, GROWTH, bin_of, percentile

seconds = st.floats(min_value=0.0, max_value=600.0, allow_nan=False)


@given(seconds)
def test_a_duration_lies_within_the_edges_of_its_bin(value: float) -> None:
    place = bin_of(value)
    assert 0 <= place < BINS
    assert place == 0 or EDGES[place - 1] <= value
    assert place == BINS - 1 or value < EDGES[place]


def test_nothing_counted_has_no_percentile() -> None:
    assert percentile([0] * BINS, 0.95) is None


@pytest.mark.parametrize("share", [0.5, 0.9, 0.95, 0.99])
def test_a_percentile_is_at_most_a_fifth_off(share: float) -> None:
    rng = random.Random(7)
    values = [rng.lognormvariate(-0.5, 0.8) for _ in range(20_000)]
    counts = [0] * BINS
    for value in values:
        counts[bin_of(value)] += 1
    exact = quantiles(values, n=100)[round(share * 100) - 1]
    read = percentile(counts, share)
    assert read is not None
    assert exact / GROWTH < read < exact * GROWTH


@given(st.lists(seconds, min_size=1, max_size=50), st.integers(0, 50))
def test_histograms_add_up(values: list[float], cut: int) -> None:
    def counted(some: list[float]) -> list[int]:
        counts = [0] * BINS
        for value in some:
            counts[bin_of(value)] += 1
        return counts

    first, second = counted(values[:cut]), counted(values[cut:])
    both = [one + two for one, two in zip(first, second, strict=True)]
    assert percentile(both, 0.5) == percentile(counted(values), 0.5)
