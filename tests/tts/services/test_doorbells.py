"""Doorbells: with workers that only listen to them, no request is left lying."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from django.utils import timezone

from tests.cast import Cast, member
from tests.outages import redis_away
from tests.tts.rows import OUTCOME, QUEUE_KEY, SPOKEN, admitted, fresh, queued_jobs, together
from tts.connections import queue_redis
from tts.models import SynthesisRequest
from tts.services.recovery import LATE, Sweep, sweep
from tts.services.states import (
    request_cancel,
    request_expire,
    request_fail,
    request_give_up,
    request_succeed,
)
from tts.services.turns import Claim, request_claim_next

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_redis")]

Status = SynthesisRequest.Status


def claim(worker: str = "one.1") -> Claim | None:
    return request_claim_next(worker=worker, now=timezone.now())


def taken() -> SynthesisRequest:
    found = claim()
    assert found is not None
    return found.row


def silence() -> None:
    """Every doorbell was heard."""
    queue_redis().flushall()


@contextmanager
def rung(times: int) -> Iterator[None]:
    """In the course of this, so many doorbells are rung; none hung before."""
    silence()
    yield
    assert len(queued_jobs()) == times


def test_who_serves_one_of_several_rings_for_the_next(cast: Cast) -> None:
    for _ in range(3):
        admitted(cast.alice)
    for times in (1, 1, 0, 0):
        with rung(times):
            claim()


def test_nobody_rings_for_what_may_not_begin(db: None) -> None:
    one = member("one", concurrent_requests=1)
    for _ in range(3):
        admitted(one)
    for _ in range(2):
        with rung(0):
            claim()


ENDS: dict[str, Callable[[SynthesisRequest], bool]] = {
    "succeeded": lambda row: request_succeed(row=row, outcome=OUTCOME, attempts=[SPOKEN], now=timezone.now()),
    "failed": lambda row: request_fail(row=row, code="synthesis_failed", detail="", now=timezone.now()),
    "canceled": lambda row: request_cancel(request_id=row.id, now=timezone.now()),
    "expired": lambda row: request_expire(request_id=row.id, now=timezone.now()),
    "given up": lambda row: request_give_up(
        request_id=row.id, claim=row.claim, code="worker_lost", detail="", now=timezone.now()
    ),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_the_end_of_a_request_at_work_rings_for_those_it_held_back(
    db: None, end: Callable[[SynthesisRequest], bool]
) -> None:
    one = member("one", concurrent_requests=1)
    first, second = admitted(one), admitted(one)
    assert taken() == first
    with rung(1):
        assert end(fresh(first))
    assert taken() == second
    with rung(0):
        assert end(fresh(second))


def test_the_end_of_a_request_that_waited_rings_for_nobody(cast: Cast) -> None:
    row, _other = admitted(cast.alice), admitted(cast.alice)
    with rung(0):
        assert request_cancel(request_id=row.id, now=timezone.now())


def test_an_end_stands_when_nobody_can_be_rung_for(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    row, _other = admitted(cast.alice), admitted(cast.alice)
    mine = taken()
    with redis_away():
        assert ENDS["succeeded"](mine)
    assert fresh(row).status == Status.SUCCEEDED
    assert "the sweeper will ring" in caplog.text


def test_with_workers_that_only_hear_doorbells_nothing_is_left_lying(db: None) -> None:
    """Four workers, two tenants at their limits, cancellations and deadlines in between, and no sweeper."""
    tenants = [member("one", concurrent_requests=1), member("two", concurrent_requests=2)]
    stop = threading.Event()
    ways = itertools.cycle(ENDS.values())
    lock = threading.Lock()

    def work(worker: str) -> int:
        served = 0
        while not stop.is_set():
            if queue_redis().blpop([QUEUE_KEY], timeout=0.1) is None:
                continue
            found = claim(worker)
            if found is not None:
                served += 1
                with lock:
                    end = next(ways)
                end(found.row)
        return served

    def ask() -> int:
        for number in range(30):
            for one in tenants:
                row = admitted(one)
                if number % 5 == 0:
                    request_cancel(request_id=row.id, now=timezone.now())
        deadline = time.monotonic() + 30
        unfinished = SynthesisRequest.all_tenants.filter(status__in=SynthesisRequest.UNFINISHED)
        while (left := unfinished.count()) and time.monotonic() < deadline:
            stop.wait(0.02)
        stop.set()
        return left

    left, *served = together(ask, *(partial(work, f"w.{number}") for number in range(4)))
    assert left == 0
    assert 0 < sum(served) <= 60


def test_after_a_redis_that_forgot_everything_one_ring_serves_all(cast: Cast) -> None:
    rows = [admitted(one) for one in (cast.alice, cast.bob) for _ in range(3)]
    silence()
    assert sweep(alive=set(), now=timezone.now()) == Sweep(rung=True)
    served = []
    while queued_jobs():
        silence()
        served.append(taken())
    assert sorted(row.id for row in served) == sorted(row.id for row in rows)


def test_what_expires_at_work_makes_room(db: None) -> None:
    one = member("one", concurrent_requests=1)
    first, second = admitted(one, timeout_seconds=2), admitted(one)
    assert taken() == first
    silence()
    assert sweep(alive={"one.1"}, now=first.deadline_at + LATE) == Sweep(expired=1)
    assert len(queued_jobs()) == 1
    assert taken() == second
