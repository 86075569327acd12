from tests.tts.engines.test_chain import Clock
from tts.engines.breaker import CircuitBreaker


def test_it_opens_at_the_threshold_and_not_before() -> None:
    breaker = CircuitBreaker(threshold=3, cool_down_seconds=10, clock=Clock())
    seen = []
    for _ in range(4):
        breaker.failure()
        seen.append(breaker.is_open)
    assert seen == [False, False, True, True]


def test_only_failures_in_a_row_count() -> None:
    breaker = CircuitBreaker(threshold=2, clock=Clock())
    for _ in range(5):
        breaker.failure()
        breaker.success()
    assert not breaker.is_open


def test_after_the_cool_down_one_more_failure_opens_it_again() -> None:
    clock = Clock()
    breaker = CircuitBreaker(threshold=3, cool_down_seconds=10, clock=clock)
    for _ in range(3):
        breaker.failure()
    clock.now += 9.999
    assert breaker.is_open
    clock.now += 0.001
    assert not breaker.is_open
    breaker.failure()
    assert breaker.is_open
    clock.now += 10
    assert not breaker.is_open


def test_a_success_after_the_cool_down_closes_it_for_good() -> None:
    clock = Clock()
    breaker = CircuitBreaker(threshold=3, cool_down_seconds=10, clock=clock)
    for _ in range(3):
        breaker.failure()
    clock.now += 10
    breaker.success()
    breaker.failure()
    breaker.failure()
    assert not breaker.is_open
