"""The sweeper, with the time the test gives it."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from django.utils import timezone
from rq.serializers import JSONSerializer

from tests.cast import Cast, Member, member
from tests.outages import redis_away
from tests.tts.rows import (
    OUTCOME,
    QUEUE_KEY,
    SPOKEN,
    admitted,
    claimed,
    event_names,
    fresh,
    queued_jobs,
    together,
)
from tts.connections import queue_redis, speech_queue
from tts.engines.base import Deadline
from tts.models import SynthesisRequest, UsageEvent
from tts.services.answers import answer_wait
from tts.services.recovery import LATE, MAX_CLAIMS, Sweep, sweep, sweep_overdue, worker_died
from tts.services.states import request_claim, request_succeed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_redis")]

Status = SynthesisRequest.Status


def after(row: SynthesisRequest, seconds: float) -> datetime:
    return row.created_at + timedelta(seconds=seconds)


def override(one: Member, concurrent: int) -> None:
    one.tenant.overrides.update_or_create(limit="concurrent_requests", defaults={"value": concurrent})


def test_nothing_to_do_is_nothing_done(cast: Cast) -> None:
    waiting, running = admitted(cast.alice), claimed(cast.bob)
    assert sweep(alive={"one.1"}, now=timezone.now()) == Sweep()
    assert (fresh(waiting).status, fresh(running).status) == (Status.QUEUED, Status.RUNNING)


def test_what_is_past_its_deadline_expires_wherever_it_stands(cast: Cast) -> None:
    waiting, running = admitted(cast.alice, timeout_seconds=2), claimed(cast.bob, timeout_seconds=2)
    a_moment_early = min(waiting.deadline_at, running.deadline_at) + LATE - timedelta(microseconds=1)
    assert sweep(alive={"one.1"}, now=a_moment_early).expired == 0
    in_time = max(waiting.deadline_at, running.deadline_at) + LATE
    assert sweep(alive={"one.1"}, now=in_time) == Sweep(expired=2)
    for row in (waiting, running):
        assert (fresh(row).status, fresh(row).error_code) == (Status.EXPIRED, "deadline_exceeded")
        assert event_names(row)[-1] == "expired"
    assert sweep(alive={"one.1"}, now=in_time) == Sweep()


def test_deadlines_need_no_redis(cast: Cast) -> None:
    row = admitted(cast.alice, timeout_seconds=2)
    with redis_away():
        assert sweep_overdue(now=row.deadline_at + LATE) == 1
    assert fresh(row).status == Status.EXPIRED


def test_what_a_dead_worker_held_is_queued_again(cast: Cast) -> None:
    row = claimed(cast.alice, worker="dead.1")
    alive = claimed(cast.bob, worker="alive.2")
    queue_redis().delete(QUEUE_KEY)
    assert sweep(alive={"alive.2"}, now=timezone.now()) == Sweep(returned=1, rung=True)

    assert (fresh(row).status, fresh(row).claim, fresh(row).worker) == (Status.QUEUED, 1, "")
    assert fresh(alive).status == Status.RUNNING
    assert len(queued_jobs()) == 1
    event = row.events.get(name="worker-lost")
    assert (event.level, event.data) == ("error", {"worker": "dead.1", "claim": 1})


def test_the_work_of_a_worker_that_was_only_slow_is_void(cast: Cast) -> None:
    row = claimed(cast.alice, worker="slow.1")
    sweep(alive=set(), now=timezone.now())
    again = request_claim(request_id=row.id, worker="two.2", now=timezone.now())
    assert again is not None
    assert not request_succeed(row=row, outcome=OUTCOME, attempts=[SPOKEN], now=timezone.now())
    assert request_succeed(row=again, outcome=OUTCOME, attempts=[SPOKEN], now=timezone.now())
    assert UsageEvent.all_tenants.filter(outcome="succeeded").count() == 1


def test_a_request_that_ended_three_workers_is_given_up_and_the_caller_told(cast: Cast) -> None:
    row = admitted(cast.alice)
    for number in range(1, MAX_CLAIMS + 1):
        assert request_claim(request_id=row.id, worker=f"w.{number}", now=timezone.now())
        done = sweep(alive=set(), now=timezone.now())
    assert done == Sweep(given_up=1)
    assert (fresh(row).status, fresh(row).error_code, fresh(row).claim) == (Status.FAILED, "worker_lost", 3)
    assert request_claim(request_id=row.id, worker="w.4", now=timezone.now()) is None
    answer = answer_wait(request_id=row.id, deadline=Deadline.after(1))
    assert answer is not None
    assert answer.code == "synthesis_failed"
    assert event_names(row) == ["received", "worker-lost", "worker-lost", "failed"]


def test_rows_the_queue_forgot_are_rung_for_once(cast: Cast) -> None:
    """One doorbell for all of them: who hears it rings for the next."""
    rows = [admitted(cast.alice), admitted(cast.bob)]
    queue_redis().flushall()
    assert sweep(alive=set(), now=timezone.now()) == Sweep(rung=True)
    assert len(queued_jobs()) == 1
    assert sweep(alive=set(), now=timezone.now()) == Sweep()
    assert [fresh(row).status for row in rows] == [Status.QUEUED] * 2


def test_rows_that_wait_their_turn_are_left_waiting(cast: Cast) -> None:
    rows = [admitted(cast.alice) for _ in range(3)]
    assert sweep(alive=set(), now=after(rows[-1], 8)) == Sweep()
    assert queued_jobs() == [str(row.id) for row in rows]


def test_nobody_is_woken_for_what_may_not_begin(db: None) -> None:
    one, none = member("one", concurrent_requests=1), member("none", concurrent_requests=1)
    claimed(one), admitted(one), admitted(none)
    override(none, 0)
    queue_redis().flushall()
    assert sweep(alive={"one.1"}, now=timezone.now()) == Sweep()

    override(one, 2)
    assert sweep(alive={"one.1"}, now=timezone.now()) == Sweep(rung=True), "a limit was raised"


def test_a_doorbell_that_lost_its_content_is_rung_for(cast: Cast) -> None:
    """RQ drops a job by deleting its hash; a worker that finds the id alone in the list does nothing."""
    row = admitted(cast.alice)
    queue_redis().delete(f"rq:job:{row.id}")
    queue = speech_queue()
    assert queue.dequeue_any([queue], None, connection=queue_redis(), serializer=JSONSerializer) is None
    assert sweep(alive=set(), now=timezone.now()) == Sweep(rung=True)
    (job,) = queued_jobs()
    assert queue_redis().exists(f"rq:job:{job}")


def test_a_dead_worker_gives_back_at_once_what_it_held_and_the_doorbell_it_had_heard(cast: Cast) -> None:
    held, others = claimed(cast.alice, worker="dead.1"), claimed(cast.bob, worker="alive.2")
    queue_redis().delete(QUEUE_KEY)
    assert worker_died(worker="dead.1", now=timezone.now()) == Sweep(returned=1, rung=True)
    assert len(queued_jobs()) == 1
    assert (fresh(held).status, fresh(others).status) == (Status.QUEUED, Status.RUNNING)

    queue_redis().delete(QUEUE_KEY)
    assert worker_died(worker="dead.3", now=timezone.now()) == Sweep(rung=True)
    assert worker_died(worker="dead.3", now=timezone.now()) == Sweep()


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_return_a_row_once(cast: Cast) -> None:
    rows = [claimed(cast.alice, worker="dead.1") for _ in range(8)]
    done = together(*[partial(sweep, alive=set(), now=timezone.now())] * 4)
    assert sum(one.returned for one in done) == 8
    for row in rows:
        assert (fresh(row).status, event_names(row).count("worker-lost")) == (Status.QUEUED, 1)


def test_a_row_returned_while_redis_was_away_is_queued_when_it_is_back(cast: Cast) -> None:
    row = claimed(cast.alice, worker="dead.1")
    with redis_away():
        assert sweep(alive=set(), now=timezone.now()) == Sweep(returned=1)
    assert fresh(row).status == Status.QUEUED
    queue_redis().delete(QUEUE_KEY)
    assert sweep(alive=set(), now=timezone.now()) == Sweep(rung=True)
