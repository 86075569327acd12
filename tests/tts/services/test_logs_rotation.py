"""Log files are rotated: by size, compressed when settled, so many kept, and no line lost or torn."""

import gzip
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import pytest
from pytest_django import Settings

from tests.system import wait_for
from tts.models import MaintenanceRun
from tts.services.logs_rotation import SETTLED, Rotation, log_files_rotate

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime(2026, 11, 22, 18, 15, 2, 7, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.LOG_DIR = tmp_path
    settings.LOG_MAX_BYTES = 100
    settings.LOG_KEEP = 3
    return tmp_path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def written(folder: Path, name: str, size: int) -> Path:
    path = folder / name
    path.write_bytes(b"x" * size)
    return path


def test_a_file_above_the_size_is_put_aside_and_others_stay(folder: Path) -> None:
    written(folder, "tts_access.log", 101)
    written(folder, "tts_error.log", 100)
    written(folder, "web.log", 1000)
    assert log_files_rotate(now=NOW) == Rotation(renamed=1)
    assert names(folder) == ["tts_access.log.20261122T181502000007Z", "tts_error.log", "web.log"]


def test_what_was_put_aside_is_compressed_once_nobody_writes_to_it(folder: Path) -> None:
    written(folder, "tts_error.log", 5000)
    log_files_rotate(now=NOW)
    assert log_files_rotate(now=NOW + SETTLED - timedelta(microseconds=1)) == Rotation()
    done = log_files_rotate(now=NOW + SETTLED)
    (made,) = folder.iterdir()
    assert made.name == "tts_error.log.20261122T181502000007Z.gz"
    assert gzip.decompress(made.read_bytes()) == b"x" * 5000
    assert made.stat().st_mode & 0o777 == 0o600
    assert done == Rotation(compressed=1, freed_bytes=5000 - made.stat().st_size)


def test_a_file_that_grows_while_it_is_compressed_is_left_for_later(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = written(folder, "tts_error.log.20261122T170000000000Z", 500)
    copy = shutil.copyfileobj

    def copy_and_write(source: BinaryIO, packed: BinaryIO, size: int) -> None:
        copy(source, packed, size)
        with old.open("ab") as late:
            late.write(b"late")

    monkeypatch.setattr(shutil, "copyfileobj", copy_and_write)
    assert log_files_rotate(now=NOW) == Rotation()
    assert names(folder) == [old.name]
    monkeypatch.undo()
    assert old.read_bytes().endswith(b"late")


HOLDER = """
import fcntl, sys
held = open(sys.argv[1], "r+b")
fcntl.lockf(held, fcntl.LOCK_SH)
print("held", flush=True)
sys.stdin.readline()
"""


def test_a_file_that_a_writer_holds_is_left_for_later(folder: Path) -> None:
    old = written(folder, "tts_error.log.20261122T170000000000Z", 500)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(old)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert log_files_rotate(now=NOW) == Rotation()
        assert names(folder) == [old.name]
        holder.communicate("\n", timeout=10)
    assert log_files_rotate(now=NOW).compressed == 1
    assert names(folder) == [f"{old.name}.gz"]


def test_so_many_old_ones_are_kept_of_each_file(folder: Path) -> None:
    for hour in range(6):
        written(folder, f"tts_access.log.20261122T{hour:02}0000000000Z.gz", 10)
    written(folder, "tts_error.log.20261122T000000000000Z.gz", 10)
    foreign = ["tts_access.log.1", "tts_access.log.2.gz", "tts_access.log.20261122T000000000000Z.part"]
    for name in foreign:
        written(folder, name, 10)
    assert log_files_rotate(now=NOW) == Rotation(deleted=3, freed_bytes=30)
    assert set(names(folder)) == {
        *(f"tts_access.log.20261122T{hour:02}0000000000Z.gz" for hour in (3, 4, 5)),
        "tts_error.log.20261122T000000000000Z.gz",
        *foreign,
    }


def test_what_was_done_is_on_record_and_nothing_leaves_none(folder: Path) -> None:
    log_files_rotate(now=NOW)
    assert not MaintenanceRun.objects.exists()
    written(folder, "tts_access.log", 101)
    log_files_rotate(now=NOW)
    (run,) = MaintenanceRun.objects.all()
    assert (run.kind, run.started_at, run.succeeded, run.problem) == ("log-rotation", NOW, True, "")
    assert run.data == {"renamed": 1, "compressed": 0, "deleted": 0, "freed_bytes": 0}


def test_zero_leaves_rotation_to_others(folder: Path, settings: Settings) -> None:
    settings.LOG_MAX_BYTES = 0
    written(folder, "tts_access.log", 101)
    written(folder, "tts_access.log.20261122T000000000000Z", 10)
    assert log_files_rotate(now=NOW) == Rotation()
    assert len(names(folder)) == 2


def test_one_file_that_cannot_be_dealt_with_does_not_keep_the_others(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # Nobody, root neither, compresses into a place where a directory is.
    written(folder, "tts_access.log.20261122T000000000000Z", 10)
    (folder / "tts_access.log.20261122T000000000000Z.part").mkdir()
    written(folder, "tts_error.log", 101)
    assert log_files_rotate(now=NOW) == Rotation(renamed=1)
    assert MaintenanceRun.objects.get().succeeded is False
    assert "log file not rotated: tts_access.log: Is a directory" in caplog.text


def test_a_problem_that_lasts_is_on_record_once_a_day_and_a_new_one_at_once(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def passes(*moments: datetime) -> list[tuple[str, bool]]:
        for at in moments:
            assert log_files_rotate(now=at) == Rotation()
        runs = MaintenanceRun.objects.order_by("started_at").values_list("problem", "succeeded")
        return [(problem.partition(":")[0], bool(succeeded)) for problem, succeeded in runs]

    def broken(name: str) -> None:
        written(folder, f"{name}.20261122T000000000000Z", 10)
        (folder / f"{name}.20261122T000000000000Z.part").mkdir()

    seconds = timedelta(seconds=15)
    broken("tts_access.log")
    first = ("tts_access.log", False)
    assert passes(NOW, NOW + seconds, NOW + 2 * seconds) == [first]
    assert caplog.text.count("log file not rotated") == 1
    assert passes(NOW + timedelta(days=1)) == [first, first]
    broken("tts_error.log")
    assert passes(NOW + timedelta(days=1) + seconds) == [first, first, ("tts_error.log", False)]


def test_a_directory_that_is_not_there_is_no_trouble(settings: Settings, tmp_path: Path) -> None:
    settings.LOG_DIR = tmp_path / "nowhere"
    assert log_files_rotate(now=NOW) == Rotation()


WRITER = """
import logging, sys
from voxgate.ops.logs import AppendingFileHandler, UtcFormatter
handler = AppendingFileHandler(sys.argv[1])
handler.setFormatter(UtcFormatter("%(message)s"))
logger = logging.Logger("w")
logger.addHandler(handler)
print("ready", flush=True)
sys.stdin.readline()
for number in range(3000):
    logger.error("%s %d %s end", sys.argv[2], number, sys.argv[2] * (9000 if number % 50 == 0 else 50))
"""


def test_while_processes_write_no_line_is_lost_and_none_torn(folder: Path, settings: Settings) -> None:
    settings.LOG_MAX_BYTES = 20_000
    settings.LOG_KEEP = 10_000
    path = folder / "tts_access.log"
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), name],
            env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in "abcd"
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    passes = iter(range(10**9))

    def rotate() -> bool:
        # Compressed at once: whoever still writes to what was put aside keeps it from being taken away.
        log_files_rotate(now=NOW + timedelta(milliseconds=next(passes)), settled=timedelta(0))
        return all(writer.poll() is not None for writer in writers)

    wait_for(rotate, seconds=60, what="the writers' end")
    for writer in writers:
        writer.communicate(timeout=10)
        assert writer.returncode == 0

    texts = [
        gzip.decompress(one.read_bytes()) if one.suffix == ".gz" else one.read_bytes()
        for one in folder.iterdir()
    ]
    assert len(texts) > 2
    lines = [line.split(" ") for text in texts for line in text.decode().splitlines()]
    for name, number, letters, end in lines:
        assert end == "end"
        assert letters == name * (9000 if int(number) % 50 == 0 else 50)
    assert len(lines) == 12_000
    assert len({(name, number) for name, number, *_ in lines}) == 12_000
