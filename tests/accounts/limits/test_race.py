import pytest
from django.conf import settings

from benchmarks.limits_race import race

SECONDS = 3.0


@pytest.mark.slow
@pytest.mark.parametrize(
    "clock_offsets",
    [pytest.param([0.0], id="true clocks"), pytest.param([-120.0, 120.0], id="clocks two minutes off")],
)
def test_a_limit_is_exact_when_processes_and_threads_race(
    clock_offsets: list[float],
) -> None:
    result = race(
        settings.REDIS_VOLATILE_URL, processes=4, threads=8, seconds=SECONDS, clock_offsets=clock_offsets
    )
    assert result.calls > 2 * result.admitted
    assert result.outer_seconds > SECONDS
    assert result.most - result.least < 4
    assert result.least <= result.admitted <= result.most
