"""Exports and housekeeping side by side, in workers that are processes of their own, as `make run` starts them."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from rq import Queue, Worker
from rq.job import JobStatus

from tests.cast import Cast
from tests.system import ROOT, wait_for
from tests.tts.exports.stored import requested, work_off, worker_command, worker_environment
from tests.tts.exports.usage import spoken
from tts.connections import background_queue, housekeeping_queue
from tts.models import MaintenanceRun, MaintenanceTask, UsageExport
from tts.services.background import SILENCE, WorkersState, background_workers
from tts.services.housekeeping import (
    ORPHANS,
    PAUSES,
    RETENTION,
    TASKS,
    USAGE_CHECK,
    housekeeping_due,
    housekeeping_start,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_redis")]


@contextmanager
def worker(exports: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        worker_command(*arguments),
        env=worker_environment(exports),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """With the child that is at a job, as when a container is killed."""
    if process.poll() is None:
        # RQ puts the child into a group of its own.
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        process.kill()
        for child in children:
            os.kill(int(child), signal.SIGKILL)
    process.wait(30)


@contextmanager
def held(table: str) -> Iterator[None]:
    """Whoever reads or writes `table` waits, except on the connection of the test itself."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            yield
            cursor.execute("ROLLBACK")
    finally:
        other.close()


def status_of(task: str) -> JobStatus | None:
    job = housekeeping_queue().fetch_job(f"housekeeping-{task}")
    return None if job is None else job.get_status(refresh=True)


def idle(queue: Queue) -> bool:
    return [one.get_state() for one in Worker.all(queue=queue)] == ["idle"]


def test_an_export_begins_at_once_though_the_orphan_walk_is_at_work(cast: Cast, tmp_path: Path) -> None:
    spoken(cast.alice, datetime(2026, 5, 1, 1, tzinfo=UTC))
    with ExitStack() as stack:
        stack.enter_context(worker(tmp_path, "background"))
        stack.enter_context(worker(tmp_path, "housekeeping"))
        wait_for(lambda: idle(background_queue()) and idle(housekeeping_queue()), seconds=60)
        # The walk cannot record that it begins.
        stack.enter_context(held("tts_maintenancerun"))
        assert housekeeping_start(task=ORPHANS)
        wait_for(lambda: status_of("orphans") == JobStatus.STARTED, seconds=20)
        busy, free = WorkersState(up=1, busy=1, waiting=0), WorkersState(up=1, busy=0, waiting=0)
        assert background_workers() == {"background": free, "housekeeping": busy}
        export = requested(cast.alice.tenant)
        wait_for(
            lambda: UsageExport.all_tenants.get(pk=export.pk).status == UsageExport.Status.SUCCEEDED,
            seconds=20,
        )
        assert status_of("orphans") == JobStatus.STARTED


def test_one_worker_for_both_queues_takes_exports_first(cast: Cast, tmp_path: Path) -> None:
    assert housekeeping_start(task=RETENTION)
    export = requested(cast.alice.tenant)
    assert "Traceback" not in work_off(tmp_path)
    run = MaintenanceRun.objects.get(kind="retention")
    export.refresh_from_db()
    assert export.finished_at is not None
    assert export.finished_at < run.started_at


def test_a_queue_that_is_none_is_refused(tmp_path: Path) -> None:
    done = subprocess.run(
        worker_command("tts"),
        env=worker_environment(tmp_path),
        cwd=ROOT,
        timeout=60,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    assert b"invalid choice: 'tts'" in done.stderr


def test_a_task_whose_worker_was_killed_is_done_by_the_next(tmp_path: Path) -> None:
    now = timezone.now()
    MaintenanceTask.objects.bulk_create(
        MaintenanceTask(name=task.name, started_for=now + timedelta(days=1))
        for task in TASKS
        if task != USAGE_CHECK
    )
    with ExitStack() as stack:
        process = stack.enter_context(worker(tmp_path, "housekeeping"))
        wait_for(lambda: idle(housekeeping_queue()), seconds=60)
        with held("tts_maintenancerun"):
            assert housekeeping_due(now=now) == ["usage-check"]
            wait_for(lambda: status_of("usage-check") == JobStatus.STARTED, seconds=20)
            kill(process)
        # To Redis the job is still at work.
        assert status_of("usage-check") == JobStatus.STARTED
        assert not MaintenanceRun.objects.filter(kind="usage-check", succeeded=True).exists()
        stack.enter_context(worker(tmp_path, "housekeeping"))
        later = now + max(PAUSES[0], SILENCE) + timedelta(seconds=30)
        assert housekeeping_due(now=later) == ["usage-check"]
        served = MaintenanceTask.objects.filter(name="usage-check", ended_for__isnull=False)
        wait_for(served.exists, seconds=60, what="the end of the second try")
    assert MaintenanceRun.objects.filter(kind="usage-check", succeeded=True).count() == 1


def test_a_task_says_that_it_came_to_its_end(tmp_path: Path) -> None:
    now = timezone.now()
    housekeeping_due(now=now)
    assert "Traceback" not in work_off(tmp_path, "housekeeping")
    for row in MaintenanceTask.objects.all():
        assert row.ended_for == row.started_for
    assert housekeeping_due(now=now) == []
