"""What processes log on its way to Redis: what is sent, how, and what becomes of it while Redis is away."""

import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection
from django.test import Client

from accounts import keys
from tests.outages import redis_away
from tests.system import wait_for
from tts.api.request_facts import request_facts_for
from tts.connections import volatile_redis
from tts.services.logs_context import logs_about
from tts.services.logs_wire import FIELD, MOST_MESSAGE, MOST_STACK, STREAM, LogEntry
from voxgate.ops import logs_records
from voxgate.ops.logs_records import ACCESS, MOST_KEPT, Pace, RecordsHandler

ROOT = Path(__file__).resolve().parents[3]

SECRET = "secretphrase"

pytestmark = pytest.mark.usefixtures("empty_stream")


@pytest.fixture
def empty_stream() -> None:
    for handler in logging.getLogger().handlers:
        handler.flush()
    volatile_redis().delete(STREAM)


class HastyHandler(RecordsHandler):
    away_seconds = 0.05


def sender(handler: logging.Handler, name: str = "tts.somewhere") -> logging.Logger:
    logger = logging.Logger(name)
    logger.addHandler(handler)
    return logger


@pytest.fixture
def handler() -> Iterator[RecordsHandler]:
    handler = HastyHandler()
    yield handler
    handler.close()


@pytest.fixture
def logger(handler: RecordsHandler) -> logging.Logger:
    return sender(handler)


def sent() -> list[LogEntry]:
    found = cast(list[tuple[bytes, dict[bytes, bytes]]], volatile_redis().xrange(STREAM))
    return [LogEntry.from_bytes(values[FIELD]) for _, values in found]


def told(handler: logging.Handler) -> list[str]:
    """The messages that Redis has, once the handler has sent what it holds."""
    handler.flush()
    return [entry.message for entry in sent()]


def test_warnings_and_errors_are_sent_and_what_is_less_is_not(
    handler: RecordsHandler, logger: logging.Logger
) -> None:
    logger.debug("nothing")
    logger.info("little")
    logger.warning("some")
    logger.error("much")
    assert told(handler) == ["some", "much"]
    assert [entry.level for entry in sent()] == ["warning", "error"]


def test_everything_is_sent_where_the_settings_ask_for_it() -> None:
    handler = RecordsHandler(everything=True)
    logger = sender(handler)
    logger.debug("nothing")
    logger.info("little")
    assert told(handler) == ["nothing", "little"]
    assert [entry.level for entry in sent()] == ["debug", "info"]
    handler.close()


def test_a_record_says_when_where_and_about_what(handler: RecordsHandler, logger: logging.Logger) -> None:
    before = time.time()
    with request_facts_for("of-the-client") as facts:
        facts.tenant = "alice"
        logger.warning("asked %d times", 3)
    row = uuid4()
    with logs_about(row):
        logger.warning("spoken")
    handler.flush()
    asked, spoken = sent()
    assert (asked.message, asked.logger) == ("asked 3 times", "tts.somewhere")
    assert (asked.request_id, asked.tenant_slug) == ("of-the-client", "alice")
    assert (spoken.request_id, spoken.tenant_slug) == (str(row), "")
    assert before <= asked.at <= spoken.at <= time.time()
    assert f".{os.getpid()}@{socket.gethostname()}" in asked.process


@pytest.mark.django_db
def test_refused_calls_of_the_api_are_sent_and_other_lines_of_the_access_log_are_not() -> None:
    """By the logging of the settings themselves."""
    client = Client()
    (handler,) = [one for one in logging.getLogger().handlers if isinstance(one, RecordsHandler)]
    assert handler in logging.getLogger(ACCESS).handlers
    assert client.get("/api/nothing/here", headers={"x-request-id": "refused"}).status_code == 404
    assert client.get("/nowhere").status_code == 404
    assert client.get("/admin/login/").status_code == 200
    handler.flush()
    (entry,) = sent()
    assert (entry.level, entry.logger, entry.request_id) == ("access", "voxgate.access", "refused")
    assert "status=404" in entry.message


def test_a_flood_of_refused_calls_leaves_room_for_the_rest() -> None:
    pace = Pace(20)
    assert sum(pace.allows(100.0) for _ in range(1_000)) == 20
    assert sum(pace.allows(100.5) for _ in range(1_000)) == 10
    assert sum(pace.allows(200.0) for _ in range(1_000)) == 20


def test_the_stack_is_apart_from_the_message(handler: RecordsHandler, logger: logging.Logger) -> None:
    try:
        raise LookupError("no template of that name")
    except LookupError:
        logger.exception("failed")
    logger.error("failed: %s\n%s", "Problem", '  File "x.py", line 1\n')
    handler.flush()
    raised, told_of = sent()
    assert raised.message == "failed"
    assert raised.stack.startswith("Traceback")
    assert raised.stack.endswith("LookupError: no template of that name")
    assert (told_of.message, told_of.stack) == ("failed: Problem", '  File "x.py", line 1')


@pytest.mark.django_db
def test_neither_keys_nor_values_of_rows_are_sent(handler: RecordsHandler, logger: logging.Logger) -> None:
    key = keys.generate("live").text
    logger.error("with %s", key)
    with pytest.raises(DatabaseError) as raised, connection.cursor() as cursor:
        cursor.execute("SELECT %s::uuid", [SECRET])
    problem = raised.value
    logger.error("refused", exc_info=(type(problem), problem, problem.__traceback__))
    handler.flush()
    with_key, refused = sent()
    assert with_key.message == f"with {key[:20]}_…"
    assert SECRET in str(problem)
    assert SECRET not in refused.stack
    assert "DataError (SQLSTATE 22P02)" in refused.stack


def test_no_message_drives_a_terminal_or_is_refused_by_the_database(
    handler: RecordsHandler, logger: logging.Logger
) -> None:
    logger.error("%s", "\x1b[2J\x00 你好 \ud800")
    assert told(handler) == ["\\x1b[2J\\x00 你好 ?"]


def test_long_texts_are_cut_where_it_hurts_least(handler: RecordsHandler, logger: logging.Logger) -> None:
    logger.error("%s\n%s", "m" * 10_000, "begin" + "s" * 50_000 + "end")
    handler.flush()
    (entry,) = sent()
    assert len(entry.message) == MOST_MESSAGE
    assert len(entry.stack) <= MOST_STACK
    assert entry.stack.startswith("begin")
    assert entry.stack.endswith("end")


def test_a_record_that_cannot_be_rendered_harms_nobody(
    handler: RecordsHandler, logger: logging.Logger
) -> None:
    class Unprintable:
        def __str__(self) -> str:
            raise RuntimeError("no")

    logger.error("%d and %s", "one", Unprintable())
    logger.error("after")
    assert told(handler) == ["after"]


def test_what_sending_gives_cause_to_log_is_not_sent(empty_stream: None) -> None:
    class TalkingHandler(HastyHandler):
        said = 0

        def _send(self, batch: list[bytes]) -> None:
            self.said += 1
            talking.warning("sending")
            super()._send(batch)

    handler = TalkingHandler()
    talking = sender(handler, "redis.connection")
    talking.warning("by somebody else")
    assert told(handler) == ["by somebody else"]
    assert handler.said == 1
    handler.close()


def test_records_wait_in_the_process_while_redis_is_away() -> None:
    with redis_away(queue=False):
        handler = HastyHandler()
        logger = sender(handler)
        logger.error("during")
        wait_for(lambda: handler.is_away, what="a failed try")
        begun = time.monotonic()
        handler.flush()
        assert time.monotonic() - begun < 0.5, "an ending process does not wait for it"
    logger.error("after")
    wait_for(lambda: len(sent()) == 2, what="both records")
    assert told(handler) == ["during", "after"]
    handler.close()


def test_of_too_many_the_newest_are_kept() -> None:
    with redis_away(queue=False):
        handler = HastyHandler()
        logger = sender(handler)
        for number in range(MOST_KEPT + 500):
            logger.error("%d", number)
    wait_for(lambda: str(MOST_KEPT + 499) in told(handler), what="the last record")
    numbers = [int(message) for message in told(handler) if message.isdecimal()]
    assert len(numbers) >= MOST_KEPT
    assert numbers[-MOST_KEPT:] == list(range(500, MOST_KEPT + 500))
    handler.close()


def dropped(messages: list[str]) -> list[int]:
    return [int(message.split()[0]) for message in messages if message.endswith("dropped: Redis was away")]


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The handler of the settings stays out of it."""
    root = logging.getLogger()
    others = [one for one in root.handlers if not isinstance(one, RecordsHandler)]
    monkeypatch.setattr(root, "handlers", others)


@pytest.mark.usefixtures("alone")
def test_of_what_was_dropped_the_log_says_how_much_once_a_minute(
    handler: RecordsHandler, logger: logging.Logger, caplog: pytest.LogCaptureFixture
) -> None:
    def flood(last: str) -> None:
        with redis_away(queue=False):
            # A connection that is there would go on to work.
            handler._redis = None
            logger.error("0")
            wait_for(lambda: handler.is_away, what="a failed try")
            for number in range(MOST_KEPT + 500):
                logger.error("%d", number)
        logger.error(last)
        wait_for(lambda: last in told(handler), what="the last record")

    def lost() -> int:
        return sent_off - sum(message.isdecimal() for message in told(handler))

    sent_off = MOST_KEPT + 501
    flood("after the first")
    wait_for(lambda: dropped(told(handler)), what="the word of it")
    first = lost()
    assert dropped(told(handler)) == dropped(caplog.messages) == [first]
    sent_off *= 2
    flood("after the second")
    assert dropped(told(handler)) == [first]
    # A minute is over.
    handler._told_at = None
    logger.error("one more")
    wait_for(lambda: len(dropped(told(handler))) == 2, what="the word of the others")
    assert sum(dropped(told(handler))) == lost()


def test_who_logs_waits_for_nothing_when_redis_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        handler = RecordsHandler(url=f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        logger = sender(handler)
        slowest = 0.0
        for _ in range(200):
            begun = time.perf_counter()
            logger.error("said")
            slowest = max(slowest, time.perf_counter() - begun)
        # One wait for Redis would take half a second.
        assert slowest < 0.25
        monkeypatch.setattr(logs_records, "LAST_SECONDS", 0.01)
        handler.close()


PROGRAM = """
import logging, os, django
django.setup()
logger = logging.getLogger("tts.program")
logger.warning("before the fork")
child = os.fork()
if child == 0:
    logger.warning("in the child")
    logging.shutdown()
    os._exit(0)
os.waitpid(child, 0)
logger.warning("the last word")
"""


def test_a_process_and_its_fork_send_their_records_each_before_it_ends(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", PROGRAM],
        env={
            **os.environ,
            "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
            "VOXGATE_LOG_DIR": str(tmp_path),
        },
        check=True,
        timeout=60,
        capture_output=True,
    )
    entries = {entry.message: entry.process for entry in sent()}
    assert len(sent()) == 3
    assert set(entries) == {"before the fork", "in the child", "the last word"}
    assert entries["in the child"] != entries["before the fork"] == entries["the last word"]


@pytest.mark.parametrize(
    ("argv", "name"),
    [
        (["/srv/manage.py", "janitor"], "janitor"),
        (["manage.py", "rqworker", "tts"], "rqworker"),
        (["/venv/bin/gunicorn", "voxgate.wsgi"], "web"),
        (["/lib/python3/site-packages/gunicorn/__main__.py", "voxgate.wsgi"], "web"),
        ([""], "python"),
    ],
)
def test_a_process_is_called_by_what_it_does(
    monkeypatch: pytest.MonkeyPatch, argv: list[str], name: str
) -> None:
    monkeypatch.setattr(sys, "argv", argv)
    assert logs_records.process_name().startswith(f"{name}.{os.getpid()}@")


def test_entries_of_nobody_of_ours_are_refused() -> None:
    for wrong in (b"", b"[]", b"{}", b'{"at": 1}', b"\xff", b"null"):
        with pytest.raises(ValueError):  # noqa: PT011 - whatever is wrong with it
            LogEntry.from_bytes(wrong)


def test_of_the_access_log_only_calls_of_the_api_are_everything() -> None:
    """Whoever follows the log in the admin asks for a page every two seconds."""
    handler = RecordsHandler(everything=True)
    logger = sender(handler, ACCESS)
    logger.info("a page", extra={"api_status": 0})
    logger.info("a call", extra={"api_status": 200})
    assert told(handler) == ["a call"]
    handler.close()
