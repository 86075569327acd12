import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests.cast import Cast
from tests.outages import redis_away
from tests.system import wait_for
from tests.tts.rows import QUEUE_KEY, admitted, claimed, event_names, fresh, queued_jobs
from tts.connections import queue_redis, volatile_redis
from tts.jobs import janitor as janitor_module
from tts.jobs.janitor import Janitor
from tts.models import SynthesisRequest
from tts.services.leases import DEAD_WORKERS, WorkerFacts, lease_end, lease_renew, workers_alive
from tts.services.recovery import LATE, Sweep

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_redis")]

Status = SynthesisRequest.Status


def alive(name: str) -> None:
    lease_renew(facts=WorkerFacts(name, started_at=0.0, jobs=0, engines=()))


class Now:
    """The time the test says it is; also tells that, and how often, somebody asked."""

    def __init__(self) -> None:
        self.at = timezone.now()
        self.asked = 0

    def __call__(self) -> datetime:
        self.asked += 1
        return self.at


@pytest.fixture(autouse=True)
def quick_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(janitor_module, "TICK_SECONDS", 0.05)


@contextmanager
def running(janitor: Janitor) -> Iterator[threading.Thread]:
    """A janitor at work on a thread of its own."""

    def run() -> None:
        try:
            janitor.run()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield thread
    finally:
        janitor.stop()
        thread.join(10)
    assert not thread.is_alive()


def test_a_lease_missing_once_is_no_death(cast: Cast) -> None:
    """A Redis that just lost its memory knows no worker for a second; none of them died."""
    row = claimed(cast.alice, worker="one.1")
    janitor = Janitor()
    alive("one.1")
    assert janitor.tick() == Sweep()
    lease_end(worker="one.1")
    assert janitor.tick() == Sweep()
    assert janitor.tick() == Sweep(returned=1)
    assert (fresh(row).status, fresh(row).claim) == (Status.QUEUED, 1)


def test_a_death_that_was_reported_is_acted_on_at_once(cast: Cast) -> None:
    row = claimed(cast.alice, worker="one.1")
    others = claimed(cast.bob, worker="two.2")
    janitor = Janitor()
    alive("one.1")
    alive("two.2")
    janitor.tick()
    queue_redis().delete(QUEUE_KEY)

    janitor.tick(dead_worker="one.1")
    assert fresh(row).status == Status.QUEUED
    assert fresh(others).status == Status.RUNNING
    assert len(queued_jobs()) == 1
    assert workers_alive() == {"two.2"}


def test_a_deadline_passes_by_the_janitors_own_clock(cast: Cast) -> None:
    row = admitted(cast.alice, timeout_seconds=5)
    now = Now()
    janitor = Janitor(now)
    now.at = row.deadline_at + LATE - timedelta(milliseconds=1)
    assert janitor.tick() == Sweep()
    now.at = row.deadline_at + LATE
    assert janitor.tick() == Sweep(expired=1)
    assert fresh(row).finished_at == now.at


@pytest.mark.django_db(transaction=True)
def test_the_supervisors_word_ends_the_wait(cast: Cast) -> None:
    row = claimed(cast.alice, worker="one.1")
    alive("one.1")
    with running(Janitor()):
        volatile_redis().lpush(DEAD_WORKERS, "one.1")
        wait_for(lambda: fresh(row).status == Status.QUEUED, seconds=5, what="the row given back")
    assert event_names(row) == ["worker-lost"]


@pytest.mark.django_db(transaction=True)
def test_of_two_janitors_one_works_and_the_other_takes_over(cast: Cast) -> None:
    first, second = Now(), Now()
    leader, heir = Janitor(first), Janitor(second)
    with running(heir), running(leader):
        wait_for(lambda: first.asked + second.asked > 0, what="a leader")
        leading, idle = (first, second) if first.asked else (second, first)
        seen = leading.asked
        wait_for(lambda: leading.asked >= seen + 2, what="another pass of the leader")
        assert idle.asked == 0
        (leader if leading is first else heir).stop()
        wait_for(lambda: idle.asked, seconds=10, what="the other to take over")


@pytest.mark.django_db(transaction=True)
def test_a_leader_that_leaves_gives_its_lock_back() -> None:
    now = Now()
    janitor = Janitor(now)
    with running(janitor):
        wait_for(lambda: now.asked, what="the leader")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db(transaction=True)
def test_deadlines_are_kept_while_redis_is_away(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    row = admitted(cast.alice, timeout_seconds=5)
    now = Now()
    now.at = row.deadline_at + LATE
    with redis_away(), running(Janitor(now)):
        wait_for(lambda: fresh(row).status == Status.EXPIRED, seconds=5, what="the row expired")
        wait_for(lambda: "sweep left out" in caplog.text, what="the warning")
    assert "127.0.0.1" not in caplog.text
