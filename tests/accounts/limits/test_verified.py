import threading
from itertools import count

import pytest

from accounts.limits.verified import VerifiedKeys


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_key_is_known_for_its_time_after_it_was_last_good(clock: Clock) -> None:
    known = VerifiedKeys(seconds=60, clock=clock)
    assert not known.holds("good")
    known.remember("good")
    clock.now += 59
    assert known.holds("good")
    known.remember("good")
    clock.now += 59
    assert known.holds("good")
    clock.now += 1
    assert not known.holds("good")
    assert len(known) == 0


def test_looking_does_not_prolong(clock: Clock) -> None:
    known = VerifiedKeys(seconds=60, clock=clock)
    known.remember("good")
    clock.now += 59
    assert known.holds("good")
    clock.now += 1
    assert not known.holds("good")


def test_a_key_that_is_no_longer_good_is_forgotten() -> None:
    known = VerifiedKeys()
    known.remember("revoked")
    known.remember("good")
    known.forget("revoked")
    known.forget("never seen")
    assert not known.holds("revoked")
    assert known.holds("good")


def test_the_key_verified_longest_ago_makes_room() -> None:
    known = VerifiedKeys(capacity=2)
    for text in ("a", "b", "a", "c"):
        known.remember(text)
    assert [known.holds(text) for text in "abc"] == [True, False, True]


def test_no_key_is_kept_in_memory() -> None:
    known = VerifiedKeys()
    known.remember("vg_live_secret")
    assert b"vg_live_secret" not in repr(vars(known)).encode()
    assert "vg_live_secret" not in repr(vars(known))


def test_odd_texts_are_keys_nobody_knows() -> None:
    known = VerifiedKeys()
    assert not any(known.holds(text) for text in ("", "键", "\udc80"))


def test_threads_share_it_without_loss_or_growth() -> None:
    known = VerifiedKeys(capacity=50)
    failures: list[BaseException] = []
    numbers = count()

    def work() -> None:
        try:
            for _ in range(500):
                text = str(next(numbers) % 80)
                known.remember(text)
                known.holds(text)
                known.forget(str(next(numbers) % 80))
        except BaseException as problem:  # noqa: BLE001 - a thread's failure is the test's
            failures.append(problem)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(known) <= 50
