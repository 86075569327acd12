"""The janitor keeps the logs: records come into the table, old ones go, files are rotated."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from tests.outages import redis_away
from tests.system import wait_for
from tests.tts.jobs.test_janitor import running
from tts.connections import housekeeping_queue, volatile_redis
from tts.jobs import janitor as janitor_module
from tts.jobs.janitor import Janitor
from tts.jobs.logs import Rotating
from tts.models import LogRecord, MaintenanceRun
from tts.services.housekeeping import TASKS
from tts.services.logs_store import log_records_lost, log_records_prune
from tts.services.logs_wire import FIELD, STREAM

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_redis")]


def test_what_a_process_logs_is_in_the_table_after_the_next_pass() -> None:
    logging.getLogger("tts.somewhere").warning("told to the janitor")
    for handler in logging.getLogger().handlers:
        handler.flush()
    Janitor().tick()
    assert LogRecord.objects.get(message="told to the janitor").logger == "tts.somewhere"


def test_old_records_go_once_a_minute_and_a_backlog_of_them_at_every_pass(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LOG_ROWS = 1000
    monkeypatch.setattr(janitor_module, "PRUNE_EVERY", 3)
    monkeypatch.setattr(log_records_prune, "__kwdefaults__", {"most": 2})
    now = timezone.now()
    LogRecord.objects.bulk_create(
        LogRecord(at=now - timedelta(days=30), level="info", logger="x", message="old") for _ in range(5)
    )
    janitor = Janitor(lambda: now)
    left = []
    for _ in range(6):
        janitor.keep_house()
        left.append(LogRecord.objects.filter(message="old").count())
    assert left == [5, 5, 3, 1, 0, 0]


@pytest.mark.django_db(transaction=True)
def test_files_are_rotated_beside_the_sweep(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.LOG_DIR = tmp_path
    settings.LOG_MAX_BYTES = 10
    (tmp_path / "tts_error.log").write_text("more than ten bytes")
    monkeypatch.setattr(janitor_module, "ROTATE_EVERY", 1)
    janitor = Janitor()
    janitor.keep_house()
    wait_for(MaintenanceRun.objects.exists, what="the rotation")
    janitor.stop()
    janitor.run()
    assert [path.name.startswith("tts_error.log.2") for path in tmp_path.iterdir()] == [True]


@pytest.mark.django_db(transaction=True)
def test_a_rotation_that_cannot_be_recorded_is_told_of(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.LOG_DIR = tmp_path
    settings.LOG_MAX_BYTES = 10
    (tmp_path / "tts_error.log").write_text("more than ten bytes")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tts_maintenancerun RENAME TO elsewhere")
        try:
            rotating = Rotating(timezone.now)
            rotating.start()
            rotating.wait()
        finally:
            cursor.execute("ALTER TABLE elsewhere RENAME TO tts_maintenancerun")
    assert "rotation of log files not recorded: ProgrammingError" in caplog.text


def test_once_a_minute_the_janitor_tells_how_many_records_were_lost(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(janitor_module, "PRUNE_EVERY", 2)
    janitor = Janitor()
    for _ in range(5):
        volatile_redis().xadd(STREAM, {FIELD: b"nonsense"})
    log_records_lost()
    volatile_redis().xtrim(STREAM, maxlen=1, approximate=False)
    janitor.keep_house()
    assert "were lost" not in caplog.text
    for _ in range(3):
        janitor.keep_house()
    assert caplog.text.count("4 log records were lost: more came than could wait") == 1


def test_where_nobody_has_counted_yet_nothing_counts_as_lost() -> None:
    """After an upgrade, or when a full Redis has let the count go."""
    for _ in range(5):
        volatile_redis().xadd(STREAM, {FIELD: b"nonsense"})
    volatile_redis().xtrim(STREAM, maxlen=2, approximate=False)
    Janitor().tick()
    assert log_records_lost() == 0


def test_once_a_minute_the_janitor_asks_which_housekeeping_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(janitor_module, "PRUNE_EVERY", 2)
    janitor = Janitor()
    janitor.keep_house()
    assert not housekeeping_queue().job_ids
    janitor.keep_house()
    assert set(housekeeping_queue().job_ids) == {f"housekeeping-{task.name}" for task in TASKS}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "away", [{"queue": False}, {"volatile": False}, {}], ids=["volatile", "queue", "both"]
)
def test_what_needs_no_redis_does_not_wait_for_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, away: dict[str, bool]
) -> None:
    settings.LOG_DIR = tmp_path
    settings.LOG_MAX_BYTES = 10
    (tmp_path / "tts_error.log").write_text("more than ten bytes")
    for name, value in (("TICK_SECONDS", 0.01), ("PRUNE_EVERY", 1), ("ROTATE_EVERY", 1)):
        monkeypatch.setattr(janitor_module, name, value)
    old = timezone.now() - timedelta(days=30)
    LogRecord.objects.create(at=old, level="info", logger="x", message="old")
    with redis_away(**away), running(Janitor()):
        wait_for(MaintenanceRun.objects.filter(kind="log-rotation").exists, what="the rotation")
        wait_for(lambda: not LogRecord.objects.filter(message="old").exists(), what="the old record's end")
        if "queue" in away:
            wait_for(lambda: housekeeping_queue().count == len(TASKS), what="housekeeping")
