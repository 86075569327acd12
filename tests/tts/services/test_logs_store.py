"""Log records from Redis to the table: what is stored, what waits, and what goes again."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings
from redis.exceptions import RedisError

from tests.cast import Cast
from tests.outages import database_away, redis_away
from tests.tts.rows import admitted
from tts.connections import volatile_redis
from tts.models import LogRecord
from tts.services.logs_store import log_records_drain, log_records_lost, log_records_prune
from tts.services.logs_wire import FIELD, STREAM, LogEntry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_redis")]

NOW = timezone.now()


def entry(message: str = "said", **fields: Any) -> LogEntry:
    values: dict[str, Any] = {
        "at": time.time(),
        "level": "warning",
        "logger": "tts.test",
        "process": "web.1@here",
        "request_id": "",
        "tenant_slug": "",
        "stack": "",
    }
    return LogEntry(message=message, **(values | fields))


def send(*entries: LogEntry | bytes) -> list[bytes]:
    sent = [one if isinstance(one, bytes) else one.to_bytes() for one in entries]
    return [cast(bytes, volatile_redis().xadd(STREAM, {FIELD: one})) for one in sent]


def messages() -> list[str]:
    return list(LogRecord.objects.order_by("id").values_list("message", flat=True))


def waiting() -> int:
    return volatile_redis().xlen(STREAM)


def test_a_record_is_stored_as_it_was_logged() -> None:
    send(
        entry(
            "it broke", at=1_700_000_000.25, level="error", request_id="r", tenant_slug="alice", stack="File"
        )
    )
    assert log_records_drain().stored == 1
    (row,) = LogRecord.objects.all()
    assert row.at == datetime(2023, 11, 14, 22, 13, 20, 250_000, tzinfo=UTC)
    assert (row.level, row.logger, row.process) == ("error", "tts.test", "web.1@here")
    assert (row.message, row.stack, row.request_id, row.tenant_slug) == ("it broke", "File", "r", "alice")
    assert waiting() == 0


def test_a_pass_stores_so_many_the_oldest_first_in_one_statement(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    send(*(entry(str(number)) for number in range(7)))
    with django_assert_num_queries(3):  # a savepoint around the one that writes
        assert log_records_drain(most=5).stored == 5
    assert messages() == ["0", "1", "2", "3", "4"]
    assert log_records_drain(most=5).stored == 2
    assert log_records_drain().stored == 0
    assert messages() == [str(number) for number in range(7)]


def test_what_a_worker_tells_of_a_request_gets_the_name_of_its_tenant(cast: Cast) -> None:
    row = admitted(cast.alice)
    send(entry("by a worker", request_id=str(row.pk)), entry("by the web", request_id="0" * 32))
    log_records_drain()
    assert list(LogRecord.objects.order_by("id").values_list("tenant_slug", flat=True)) == ["alice", ""]


def test_records_wait_while_the_database_is_away() -> None:
    send(entry("patient"))
    with database_away(), pytest.raises(DatabaseError):
        log_records_drain()
    assert waiting() == 1


def test_that_redis_is_away_is_the_callers_to_know() -> None:
    with redis_away(), pytest.raises(RedisError):
        log_records_drain()


def test_what_could_not_be_taken_off_is_not_stored_twice() -> None:
    ids = send(entry("stored before"), entry("stored before too"))
    send(entry("new"))
    assert log_records_drain(left=ids[-1]).stored == 1
    assert messages() == ["new"]
    assert waiting() == 0


def test_what_the_stream_let_go_is_counted_once() -> None:
    assert log_records_lost() == 0
    send(entry("stored"), entry("stored too"))
    log_records_drain()
    assert log_records_lost() == 0
    send(*(entry(str(number)) for number in range(5)))
    assert log_records_lost() == 0
    volatile_redis().xtrim(STREAM, maxlen=2, approximate=False)
    assert log_records_lost() == 3
    assert log_records_lost() == 0
    log_records_drain()
    assert messages() == ["stored", "stored too", "3", "4"]
    assert log_records_lost() == 0


def test_what_was_stored_and_could_not_be_taken_off_is_not_lost() -> None:
    send(entry("before"))
    log_records_drain()
    assert log_records_lost() == 0
    ids = send(entry("one"), entry("two"))
    log_records_drain(left=ids[-1])
    assert log_records_lost() == 0


@pytest.mark.parametrize(
    "sent", [b"", b"nonsense", b"{}", entry(at=1e300).to_bytes(), entry(at=float("nan")).to_bytes()]
)
def test_what_is_no_record_is_dropped_and_told_of(sent: bytes, caplog: pytest.LogCaptureFixture) -> None:
    ids = send(entry("before"), sent, entry("after"))
    done = log_records_drain()
    assert (done.stored, done.refused) == (2, 1)
    assert messages() == ["before", "after"]
    # What it told of is on the way itself.
    assert not volatile_redis().xrange(STREAM, max=ids[-1].decode())
    assert "1 log records could not be stored" in caplog.text


def test_one_record_that_the_database_refuses_does_not_keep_the_others_waiting() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tts_logrecord ALTER COLUMN message TYPE varchar(9)")
    send(entry("before"), entry("longer than nine"), entry("after"))
    done = log_records_drain()
    assert (done.stored, done.refused) == (2, 1)
    assert messages() == ["before", "after"]


def test_nothing_that_json_can_spell_is_refused_by_the_database() -> None:
    send(rb'{"at":1,"level":"errorerror","logger":"%s","process":"","request_id":"","tenant_slug":"",'
         rb'"message":"\u0000\ud800","stack":""}' % (b"l" * 500))  # fmt: skip
    assert log_records_drain().stored == 1
    (row,) = LogRecord.objects.all()
    assert (row.message, len(row.logger)) == ("�?", 100)


def stored(*ago: timedelta) -> None:
    LogRecord.objects.bulk_create(
        LogRecord(at=NOW - one, level="info", logger="x", message=str(one.days)) for one in ago
    )


def test_records_go_after_so_many_days_a_batch_at_a_time(settings: Settings) -> None:
    settings.LOG_DAYS = 14
    stored(*(timedelta(days=days) for days in (20, 13, 18, 16, 0)), timedelta(days=14))
    assert log_records_prune(now=NOW, most=2) == 2
    assert messages() == ["13", "16", "0", "14"]
    assert log_records_prune(now=NOW, most=2) == 1
    assert log_records_prune(now=NOW, most=2) == 0
    assert messages() == ["13", "0", "14"]


def test_more_records_than_allowed_push_the_oldest_out(settings: Settings) -> None:
    settings.LOG_ROWS = 4
    stored(*(timedelta(0) for _ in range(11)))
    newest = list(LogRecord.objects.order_by("-id").values_list("id", flat=True)[:4])
    pruned = [log_records_prune(now=NOW, most=3) for _ in range(4)]
    assert pruned == [3, 3, 1, 0]
    assert list(LogRecord.objects.order_by("-id").values_list("id", flat=True)) == newest


def test_an_empty_table_is_left_alone() -> None:
    assert log_records_prune(now=NOW) == 0
