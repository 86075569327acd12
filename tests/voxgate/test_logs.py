"""Log files: several writers, rotation, lines that cannot be forged."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import DatabaseError, connection

from accounts import keys
from tts.api.request_facts import request_facts_for
from voxgate.ops.logs import AppendingFileHandler, RequestIdFilter, UtcFormatter

ROOT = Path(__file__).resolve().parents[2]
SECRET = "secretphrase"
LINE = "%(asctime)s %(levelname)s [%(request_id)s] %(message)s"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "tts_error.log"


@pytest.fixture
def logger(path: Path) -> Iterator[logging.Logger]:
    """A logger of this test alone, writing as the settings have it."""
    handler = AppendingFileHandler(str(path))
    handler.setFormatter(UtcFormatter(LINE))
    handler.addFilter(RequestIdFilter())
    logger = logging.Logger("test")
    logger.addHandler(handler)
    yield logger
    handler.close()


def records(path: Path) -> list[str]:
    """Lines that begin a record: they begin with a time."""
    return [line for line in path.read_text().split("\n") if line[:2] == "20" and line[10:11] == "T"]


def test_the_file_is_made_at_once_for_the_owner_alone(path: Path, logger: logging.Logger) -> None:
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_line_has_its_time_in_utc_and_the_request_in_hand(path: Path, logger: logging.Logger) -> None:
    record = logging.LogRecord("test", logging.ERROR, "", 0, "said", None, None)
    record.created, record.msecs = 1_000_000_000.5, 500.0
    logger.handle(record)
    with request_facts_for("my-id"):
        logger.error("asked")
    first, second = path.read_text().splitlines()
    assert first == "2001-09-09T01:46:40.500Z ERROR [-] said"
    assert second.endswith(" ERROR [my-id] asked")


@pytest.mark.parametrize(
    "separator", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]
)
def test_no_message_begins_a_record(path: Path, logger: logging.Logger, separator: str) -> None:
    forged = f"hello{separator}2026-01-01T00:00:00.000Z ERROR [-] all is lost"
    logger.error("%s", forged)
    try:
        raise ValueError(forged)
    except ValueError:
        logger.exception("failed")
    text = path.read_text()
    begin = [line for line in text.splitlines() if line.startswith("20")]
    assert len(begin) == 2
    assert not any(line.endswith("] all is lost") and line.startswith("2026-01-01") for line in begin)
    assert "Traceback" in text


def test_no_message_drives_a_terminal(path: Path, logger: logging.Logger) -> None:
    logger.error("%s", "\x1b[2J\x07\x9b31m\x00 你好")
    text = path.read_text()
    assert text.rstrip("\n").isprintable()
    assert "你好" in text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            "CREATE TEMPORARY TABLE words (word text CONSTRAINT words_short CHECK (length(word) < 3));"
            "INSERT INTO words VALUES ('secretphrase')",
            "IntegrityError (SQLSTATE 23514, constraint words_short)",
        ),
        ("SELECT 'secretphrase'::uuid", "DataError (SQLSTATE 22P02)"),
        ("SELECT secretphrase", "ProgrammingError (SQLSTATE 42703)"),
    ],
)
def test_a_complaint_of_the_database_is_told_without_the_values_it_quotes(
    path: Path, logger: logging.Logger, statement: str, told: str
) -> None:
    with pytest.raises(DatabaseError) as raised, connection.cursor() as cursor:
        cursor.execute(statement)
    problem = raised.value
    assert SECRET in str(problem)
    record = logger.makeRecord(
        "test", logging.ERROR, "", 0, "failed", (), (type(problem), problem, problem.__traceback__)
    )
    # Another handler may have rendered the exception before.
    assert SECRET in logging.Formatter().format(record)
    logger.handle(record)
    try:
        raise RuntimeError(str(problem)) from problem
    except RuntimeError:
        logger.exception("failed later")
    text = path.read_text()
    assert SECRET not in text
    assert text.count(told) == 2
    assert "RuntimeError" in text
    assert "django/db/backends/utils.py" in text, "the stack is there"


def test_other_exceptions_keep_their_messages(path: Path, logger: logging.Logger) -> None:
    try:
        raise LookupError("no template of that name")
    except LookupError:
        logger.exception("failed")
    assert "LookupError: no template of that name" in path.read_text()


def test_of_a_key_no_more_than_its_public_part_is_written(path: Path, logger: logging.Logger) -> None:
    key = keys.generate("live").text
    logger.error("path=/api/%s and %s", key, key[:40])
    written = path.read_text()
    assert written.count(f"{key[:20]}_…") == 2
    assert key[21:33] not in written


def test_a_file_that_was_rotated_away_is_followed_by_a_new_one(path: Path, logger: logging.Logger) -> None:
    logger.error("before")
    rotated = path.rename(path.with_suffix(".log.1"))
    logger.error("after")
    assert "before" in rotated.read_text()
    assert "after" not in rotated.read_text()
    assert "after" in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600


def test_who_may_not_write_the_file_runs_all_the_same() -> None:
    # Not even root can make a directory there.
    handler = AppendingFileHandler("/proc/self/logs/tts_error.log")
    logger = logging.Logger("test")
    logger.addHandler(handler)
    logger.error("lost")
    handler.close()


WRITER = """
import logging, sys
from voxgate.ops.logs import AppendingFileHandler, RequestIdFilter, UtcFormatter
handler = AppendingFileHandler(sys.argv[1])
handler.setFormatter(UtcFormatter("%(asctime)s %(message)s"))
logger = logging.Logger("w")
logger.addHandler(handler)
print("ready", flush=True)
sys.stdin.readline()
for number in range(200):
    # Every tenth is longer than any buffer on the way.
    logger.error("%s %d %s end", sys.argv[2], number, sys.argv[2] * (30_000 if number % 10 == 0 else 100))
"""


def test_processes_that_write_at_once_tear_no_line(path: Path) -> None:
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
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0

    lines = [line.split(" ") for line in path.read_text().splitlines()]
    assert len(lines) == 800
    for _time, name, number, letters, end in lines:
        assert end == "end"
        assert letters == name * (30_000 if int(number) % 10 == 0 else 100)
