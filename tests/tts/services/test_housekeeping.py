from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from functools import partial
from importlib import import_module
from inspect import signature
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from tests.outages import redis_away
from tests.tts.rows import together
from tts.connections import housekeeping_queue
from tts.models import MaintenanceRun, MaintenanceTask
from tts.services.housekeeping import (
    ORPHANS,
    PAUSES,
    RETENTION,
    TASKS,
    USAGE_CHECK,
    Task,
    housekeeping_due,
    housekeeping_ended,
    housekeeping_start,
)
from tts.services.maintenance_runs import BROKEN_OFF, run_begin

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_redis")]

NAMES = [task.name for task in TASKS]
SHANGHAI = ZoneInfo("Asia/Shanghai")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
NEW_YORK = ZoneInfo("America/New_York")


def at(hour: int, minute: int, second: int = 0, *, day: int = 3) -> datetime:
    return datetime(2026, 3, day, hour, minute, second, tzinfo=SHANGHAI)


def queued() -> list[str]:
    return [job.removeprefix("housekeeping-") for job in housekeeping_queue().get_job_ids()]


def gone(*names: str) -> None:
    """Their jobs are no more, as when Redis lost them."""
    for name in names:
        job = housekeeping_queue().fetch_job(f"housekeeping-{name}")
        assert job is not None
        job.delete()


def done(*names: str) -> None:
    """The worker has done them."""
    gone(*names)
    for task in TASKS:
        if task.name in names:
            housekeeping_ended(task=task)


@pytest.fixture(autouse=True)
def in_shanghai() -> None:
    timezone.activate(SHANGHAI)


@pytest.mark.parametrize(
    ("task", "now", "last", "following"),
    [
        (Task("a", "", minute=20), at(5, 19, 59), at(4, 20), at(5, 20)),
        (Task("a", "", minute=20), at(5, 20), at(5, 20), at(6, 20)),
        (Task("a", "", minute=20), at(0, 3), at(23, 20, day=2), at(0, 20)),
        (Task("a", "", at=time(4, 10)), at(4, 9, 59), at(4, 10, day=2), at(4, 10)),
        (Task("a", "", at=time(4, 10)), at(4, 10), at(4, 10), at(4, 10, day=4)),
        (Task("a", "", at=time(4, 10)), at(23, 59), at(4, 10), at(4, 10, day=4)),
    ],
)
def test_times_are_local_ones(task: Task, now: datetime, last: datetime, following: datetime) -> None:
    assert (task.last_before(now), task.next_after(now)) == (last, following)


@pytest.mark.parametrize("month", [3, 10])
@pytest.mark.parametrize("zone", [NEW_YORK, LORD_HOWE])
@pytest.mark.parametrize("task", TASKS, ids=NAMES)
def test_every_time_comes_once_when_clocks_are_changed_too(task: Task, zone: ZoneInfo, month: int) -> None:
    """Asked twice an hour for the weeks around a change: times only move on, by an hour or about a day."""
    timezone.activate(zone)
    now = datetime(2026, month, 1, tzinfo=UTC)
    times: list[datetime] = []
    while now < datetime(2026, month + 1, 10, tzinfo=UTC):
        last = task.last_before(now)
        assert last <= now < task.next_after(now)
        if not times or last != times[-1]:
            times.append(last)
        now += timedelta(minutes=30)
    steps = {later - earlier for earlier, later in pairwise(times)}
    usual = timedelta(hours=1) if task.at is None else timedelta(days=1)
    assert usual in steps
    assert all(abs(step - usual) <= timedelta(hours=1 if task.at else 0) for step in steps)


def test_each_time_is_served_once() -> None:
    assert housekeeping_due(now=at(5, 0)) == NAMES
    assert queued() == NAMES
    done(*NAMES)
    assert housekeeping_due(now=at(5, 19)) == []
    assert housekeeping_due(now=at(5, 20)) == ["retention"]
    done("retention")
    assert housekeeping_due(now=at(5, 21)) == []
    assert housekeeping_due(now=at(5, 40)) == ["exports"]
    done("exports")
    assert housekeeping_due(now=at(5, 50)) == ["service-figures"]
    done("service-figures")
    hourly = ["exports", "service-figures"]
    assert housekeeping_due(now=at(3, 10, day=4)) == ["retention", "usage-check", *hourly]
    done("retention", "usage-check", *hourly)
    assert housekeeping_due(now=at(4, 10, day=4)) == ["retention", "orphans", *hourly]


def test_what_was_missed_is_made_up_for_once() -> None:
    housekeeping_due(now=at(5, 0))
    done(*NAMES)
    assert housekeeping_due(now=at(5, 0, day=20)) == NAMES
    done(*NAMES)
    assert housekeeping_due(now=at(5, 1, day=20)) == []


def test_what_is_still_at_work_is_started_when_it_is_done() -> None:
    housekeeping_due(now=at(5, 0))
    assert housekeeping_due(now=at(5, 25)) == []
    done("retention")
    assert housekeeping_due(now=at(5, 26)) == ["retention"]


def test_what_did_not_come_to_its_end_is_started_again_after_a_pause_and_so_many_times() -> None:
    now = at(3, 10)
    housekeeping_due(now=now)
    done(*(name for name in NAMES if name != "usage-check"))
    for pause in PAUSES:
        gone("usage-check")
        assert "usage-check" not in housekeeping_due(now=now + pause - timedelta(seconds=1))
        now += pause
        assert "usage-check" in housekeeping_due(now=now)
        # It waits in the queue: that is no failure, however long it takes.
        assert "usage-check" not in housekeeping_due(now=now + timedelta(hours=2))
    gone("usage-check")
    assert "usage-check" not in housekeeping_due(now=at(3, 9, day=4))
    assert "usage-check" in housekeeping_due(now=at(3, 10, day=4))


def open_runs() -> QuerySet[MaintenanceRun]:
    return MaintenanceRun.objects.filter(finished_at=None)


def test_the_run_of_a_task_that_was_given_up_is_not_at_work_any_more(
    caplog: pytest.LogCaptureFixture,
) -> None:
    now = at(3, 10)
    housekeeping_due(now=now)
    for pause in (timedelta(0), *PAUSES):
        now += pause
        housekeeping_due(now=now)
        run = run_begin(kind=MaintenanceRun.Kind.USAGE_CHECK, now=now)
        if pause != PAUSES[-1]:
            gone("usage-check")
    later = now + PAUSES[-1]
    housekeeping_due(now=later)
    assert open_runs().count() == 1, "its last try waits or is at work"
    gone("usage-check")
    with redis_away():
        housekeeping_due(now=later)
    assert open_runs().count() == 1, "nobody knows"
    housekeeping_due(now=later)
    housekeeping_due(now=later + timedelta(minutes=1))
    run.refresh_from_db()
    assert (run.finished_at, run.succeeded, run.problem) == (later, False, BROKEN_OFF)
    assert caplog.text.count("usage-check did not come to its end and waits for its next time") == 1


def test_a_task_that_leaves_no_open_run_says_once_that_it_was_given_up(
    caplog: pytest.LogCaptureFixture,
) -> None:
    now = at(2, 45)
    housekeeping_due(now=now)
    for pause in PAUSES:
        gone("exports")
        now += pause
        assert "exports" in housekeeping_due(now=now)
    gone("exports")
    for minutes in range(3):
        assert "exports" not in housekeeping_due(now=now + PAUSES[-1] + timedelta(minutes=minutes))
    assert caplog.text.count("exports did not come to its end and waits for its next time") == 1


def test_what_came_to_its_end_the_second_time_is_not_started_a_third_time() -> None:
    housekeeping_due(now=at(3, 10))
    gone("usage-check")
    assert "usage-check" in housekeeping_due(now=at(3, 10) + PAUSES[0])
    done("usage-check")
    assert "usage-check" not in housekeeping_due(now=at(9, 10))


def test_what_an_operator_started_serves_the_time_that_was_missed() -> None:
    housekeeping_due(now=at(3, 10))
    gone("usage-check")
    assert housekeeping_start(task=USAGE_CHECK)
    done("usage-check")
    assert "usage-check" not in housekeeping_due(now=at(9, 10))


def test_a_redis_that_is_away_costs_a_minute_and_no_run() -> None:
    with redis_away():
        assert housekeeping_due(now=at(5, 0)) == []
    assert housekeeping_due(now=at(5, 1)) == NAMES
    assert {task.started_for for task in MaintenanceTask.objects.filter(name="retention")} == {at(4, 20)}


def test_somebody_may_ask_for_it_between_the_times() -> None:
    housekeeping_due(now=at(5, 0))
    done(*NAMES)
    assert housekeeping_start(task=ORPHANS)
    assert not housekeeping_start(task=ORPHANS)
    assert queued() == ["orphans"]


@pytest.mark.django_db(transaction=True)
def test_of_several_who_ask_at_once_one_starts_it() -> None:
    timezone.deactivate()
    now = timezone.now()
    found = together(*[partial(housekeeping_due, now=now)] * 4)
    assert sorted(name for names in found for name in names) == sorted(NAMES)
    assert sorted(queued()) == sorted(NAMES)


@pytest.mark.parametrize("task", TASKS, ids=NAMES)
def test_every_job_is_a_function_without_arguments(task: Task) -> None:
    module, _, name = task.job.rpartition(".")
    job: Callable[[], None] = getattr(import_module(module), name)
    signature(job).bind()


def test_tasks_have_names_that_fit_and_times_of_their_own() -> None:
    longest = MaintenanceTask._meta.get_field("name").max_length
    assert longest is not None
    assert all(len(name) <= longest for name in NAMES)
    hourly = [task.minute for task in TASKS if task.at is None]
    daily = [task.at for task in TASKS if task.at is not None]
    assert len(set(hourly)) == len(hourly)
    assert len(set(daily)) == len(daily)
    assert RETENTION in TASKS
