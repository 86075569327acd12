"""The background worker, as a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection
from rq import Worker
from rq.job import JobStatus

from tests.cast import Cast
from tests.system import ROOT, alive, wait_for
from tests.tts.exports.stored import requested, work_off, worker_command, worker_environment
from tests.tts.exports.usage import spoken
from tts.connections import background_queue
from tts.models import UsageExport
from tts.services.background import background_enqueue
from tts.services.leases import workers_alive

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_redis")]

Status = UsageExport.Status


@contextmanager
def worker(exports: Path, *, finish_seconds: float = 25.0) -> Iterator[subprocess.Popen[str]]:
    """A worker that lets a job go on for `finish_seconds` after SIGTERM."""
    program = (
        "import sys; from tts.jobs import background; from django.core.management import execute_from_command_line\n"
        f"background.FINISH_SECONDS = {finish_seconds}\n"
        "execute_from_command_line(['manage.py', 'backgroundworker'])"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        env=worker_environment(exports) | {"DJANGO_SETTINGS_MODULE": "voxgate.settings"},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(30)


def status_of(job_id: str) -> JobStatus | None:
    job = background_queue().fetch_job(job_id)
    return None if job is None else job.get_status(refresh=True)


def waits_for_jobs() -> bool:
    return [worker.get_state() for worker in Worker.all(queue=background_queue())] == ["idle"]


def lock_the_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("BEGIN; LOCK TABLE tts_usageexport IN ACCESS EXCLUSIVE MODE")


def unlock_the_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ROLLBACK")


def test_it_writes_what_was_asked_for_and_is_no_speech_worker(cast: Cast, tmp_path: Path) -> None:
    spoken(cast.alice, datetime(2026, 5, 1, 1, tzinfo=UTC))
    export = requested(cast.alice.tenant)
    assert "Traceback" not in work_off(tmp_path)
    export.refresh_from_db()
    assert (export.status, export.error_code, export.rows_done) == (Status.SUCCEEDED, "", 1)
    assert (tmp_path / str(export.file.name)).stat().st_size == export.file_bytes
    assert workers_alive() == frozenset()
    assert status_of(f"export-{export.pk}") is None


def test_it_does_one_job_after_the_other_without_sharing_connections(cast: Cast, tmp_path: Path) -> None:
    exports = [requested(cast.alice.tenant), requested(cast.bob.tenant), requested(None)]
    assert "Traceback" not in work_off(tmp_path)
    for export in exports:
        export.refresh_from_db()
        assert export.status == Status.SUCCEEDED


def test_with_nothing_to_do_it_ends_at_once_when_asked(tmp_path: Path) -> None:
    with worker(tmp_path) as process:
        wait_for(waits_for_jobs, seconds=60)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_asked_to_stop_it_lets_the_job_finish(cast: Cast, tmp_path: Path) -> None:
    export = requested(cast.alice.tenant)
    lock_the_table()
    with worker(tmp_path) as process:
        wait_for(lambda: status_of(f"export-{export.pk}") == JobStatus.STARTED, seconds=60)
        process.send_signal(signal.SIGTERM)
        unlock_the_table()
        assert process.wait(30) == 0
    export.refresh_from_db()
    assert export.status == Status.SUCCEEDED


def test_a_job_that_takes_longer_is_ended_and_done_first_by_the_next_worker(
    cast: Cast, tmp_path: Path
) -> None:
    export = requested(cast.alice.tenant)
    another = requested(cast.bob.tenant)
    lock_the_table()
    with worker(tmp_path, finish_seconds=0.1) as process:
        wait_for(lambda: status_of(f"export-{export.pk}") == JobStatus.STARTED, seconds=60)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    unlock_the_table()
    assert background_queue().get_job_ids() == [f"export-{export.pk}", f"export-{another.pk}"]
    work_off(tmp_path)
    export.refresh_from_db()
    assert export.status == Status.SUCCEEDED


def test_a_job_whose_process_dies_does_not_take_the_worker_along(cast: Cast, tmp_path: Path) -> None:
    export = requested(cast.alice.tenant)
    lock_the_table()
    with worker(tmp_path) as process:
        wait_for(lambda: status_of(f"export-{export.pk}") == JobStatus.STARTED, seconds=60)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        (horse,) = wait_for(lambda: children.read_text().split())
        os.kill(int(horse), signal.SIGKILL)
        unlock_the_table()
        wait_for(lambda: status_of(f"export-{export.pk}") == JobStatus.FAILED)
        background_queue().fetch_job(f"export-{export.pk}").delete()  # type: ignore[union-attr] # it is there
        assert background_enqueue(
            job="tts.jobs.exports.export_write", job_id=f"export-{export.pk}", arguments=(str(export.pk),)
        )
        wait_for(lambda: UsageExport.all_tenants.get(pk=export.pk).status == Status.SUCCEEDED)
        assert alive(process.pid)


def test_the_command_says_what_it_is_for() -> None:
    done = subprocess.run(
        [*worker_command(), "--help"],
        env=worker_environment("."),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "--burst" in done.stdout
