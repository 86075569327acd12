"""Log records from Redis into their table, and out of it again when they are old."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from django.conf import settings
from django.db import DataError, transaction
from django.db.models import Max, Min, QuerySet
from redis import Redis
from redis.exceptions import RedisError

from tts.connections import volatile_redis
from tts.models import LogRecord, SynthesisRequest
from tts.services.logs_lines import row_id_of
from tts.services.logs_wire import FIELD, STREAM, LogEntry

logger = logging.getLogger(__name__)

MOST_PER_PASS = 1_000
PRUNED_PER_PASS = 5_000

_TAKEN = f"{STREAM}:taken"
"""How many entries of the stream were dealt with, of all that were ever added to it."""

_Stored = tuple[bytes, dict[bytes, bytes]]


@dataclass(slots=True)
class Drained:
    """`stored` rows were written, `refused` entries could not be.

    `left` is the id of the last entry that was dealt with and could not be taken off the stream; empty as a rule.
    """

    stored: int = 0
    refused: int = 0
    left: bytes = b""


def log_records_drain(*, left: bytes = b"", most: int = MOST_PER_PASS) -> Drained:
    """Bring up to `most` waiting records into the table and take them off the stream.

    They leave the stream once they are stored, so what cannot be stored stays. `left` is what the last call returned
    as such: these are taken off first, so that none is stored twice. Raises `RedisError` and `DatabaseError`.
    """
    client = volatile_redis()
    if left:
        with client.pipeline(transaction=True) as pipeline:
            pipeline.xtrim(STREAM, minid=left.decode(), approximate=False)
            pipeline.xdel(STREAM, left)
            earlier, last = pipeline.execute()
        client.incrby(_TAKEN, earlier + last)
    waiting = cast(list[_Stored], client.xrange(STREAM, count=most))
    if not waiting:
        return Drained()
    _begin_to_count(client)
    rows = [row for _, values in waiting if (row := _row(values)) is not None]
    _name_tenants(rows)
    done = Drained(_insert(rows))
    done.refused = len(waiting) - done.stored
    try:
        with client.pipeline(transaction=True) as pipeline:
            pipeline.xdel(STREAM, *(entry for entry, _ in waiting))
            pipeline.incrby(_TAKEN, len(waiting))
            pipeline.execute()
    except RedisError:
        done.left = waiting[-1][0]
    if done.refused:
        logger.warning("%d log records could not be stored", done.refused)
    return done


def _begin_to_count(client: Redis) -> None:
    """Where nobody has counted yet, or the count was lost, nothing before counts as lost."""
    if client.exists(_TAKEN):
        return
    stream = client.xinfo_stream(STREAM)
    client.set(_TAKEN, int(stream["entries-added"]) - int(stream["length"]), nx=True)


def log_records_lost() -> int:
    """How many entries the stream let go before they were brought into the table, since this was last asked: only
    about `MOST_ENTRIES` wait.

    From the stream's own count of what was ever added to it (`XINFO STREAM`, Redis 7). Raises `RedisError`.
    """
    client = volatile_redis()
    if not client.exists(STREAM):
        return 0
    with client.pipeline(transaction=True) as pipeline:
        pipeline.xinfo_stream(STREAM)
        pipeline.get(_TAKEN)
        stream, taken = pipeline.execute()
    gone = int(stream["entries-added"]) - int(stream["length"])
    client.set(_TAKEN, gone)
    return 0 if taken is None else max(0, gone - int(taken))


def log_records_prune(*, now: datetime, most: int = PRUNED_PER_PASS) -> int:
    """Delete up to `most` of the oldest records past `LOG_DAYS` or beyond `LOG_ROWS`; returns how many.

    Rows are counted by their numbers, which are given in order: that reads two of them however many there are.
    """
    ends = LogRecord.objects.aggregate(first=Min("id"), last=Max("id"))
    if ends["last"] is None:
        return 0
    beyond = min(ends["last"] - settings.LOG_ROWS, ends["first"] + most - 1)
    if beyond >= ends["first"]:
        return _delete(LogRecord.objects.filter(id__lte=beyond))
    old = LogRecord.objects.filter(at__lt=now - timedelta(days=settings.LOG_DAYS))
    return _delete(LogRecord.objects.filter(pk__in=old.order_by("at", "id").values("pk")[:most]))


def _delete(rows: QuerySet[LogRecord]) -> int:
    return rows.delete()[0]


def _row(values: dict[bytes, bytes]) -> LogRecord | None:
    try:
        entry = LogEntry.from_bytes(values.get(FIELD, b""))
        at = datetime.fromtimestamp(entry.at, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return LogRecord(
        at=at,
        level=entry.level[:7],
        logger=entry.logger[:100],
        process=entry.process[:100],
        request_id=entry.request_id[:128],
        tenant_slug=entry.tenant_slug[:63],
        message=entry.message,
        stack=entry.stack,
    )


def _name_tenants(rows: list[LogRecord]) -> None:
    """Workers know the request they are at by its id alone."""
    about = {
        row.request_id: known for row in rows if not row.tenant_slug and (known := row_id_of(row.request_id))
    }
    if not about:
        return
    slugs = dict(
        SynthesisRequest.all_tenants.filter(pk__in=set(about.values())).values_list("pk", "tenant__slug")
    )
    for row in rows:
        if not row.tenant_slug and row.request_id in about:
            row.tenant_slug = slugs.get(about[row.request_id], "")


def _insert(rows: list[LogRecord]) -> int:
    """Write `rows` in one statement, or one by one those that are none of the ones to blame; returns how many."""
    try:
        with transaction.atomic():
            return len(LogRecord.objects.bulk_create(rows))
    except DataError:
        return sum(_insert_alone(row) for row in rows)


def _insert_alone(row: LogRecord) -> bool:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except DataError:
        return False
    return True
