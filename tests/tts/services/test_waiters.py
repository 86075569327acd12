"""Places for waiting requests: nobody takes them all."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

from tts.services.waiters import Waiters

HOG, OTHER = uuid4(), uuid4()


def enter_all(waiters: Waiters, tenant: UUID) -> int:
    """How many places a tenant gets that takes all it can get."""
    count = 0
    while waiters.enter(tenant):
        count += 1
    return count


def test_one_tenant_gets_three_quarters() -> None:
    assert enter_all(Waiters(96), HOG) == 72


def test_there_is_a_place_for_the_next_and_the_one_after() -> None:
    waiters = Waiters(96)
    taken = [enter_all(waiters, uuid4()) for _ in range(4)]
    assert taken[0] == 72
    assert min(taken) >= 1
    assert sum(taken) <= 96


def test_places_given_back_can_be_had_again() -> None:
    waiters = Waiters(8)
    first = enter_all(waiters, HOG)
    for _ in range(first):
        waiters.leave(HOG)
    assert enter_all(waiters, OTHER) == first


def test_a_single_place_is_for_whoever_comes() -> None:
    waiters = Waiters(1)
    assert waiters.enter(HOG)
    assert not waiters.enter(OTHER)


def test_places_are_counted_right_by_many_threads() -> None:
    waiters = Waiters(40)
    most: list[int] = []
    inside = 0
    lock = threading.Lock()

    @contextmanager
    def place() -> Iterator[bool]:
        nonlocal inside
        entered = waiters.enter(HOG)
        with lock:
            inside += entered
            most.append(inside)
        yield entered
        with lock:
            inside -= entered
        if entered:
            waiters.leave(HOG)

    def work() -> None:
        for _ in range(500):
            with place():
                pass

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) <= 30
    assert enter_all(waiters, HOG) == 30
