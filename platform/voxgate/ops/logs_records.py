"""Log records on their way to the admin: each process sends its own to Redis, the janitor brings them to the database.

Logging must cost its caller nothing and never fail, least of all while Redis is away. So records are rendered at once,
kept in a bounded queue, and sent by a thread of this handler, which itself says only how many it had to drop.
"""

import contextlib
import logging
import os
import socket
import sys
import threading
import time
import weakref
from collections import deque
from pathlib import Path
from typing import ClassVar

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tts.services.logs_wire import FIELD, MOST_ENTRIES, STREAM, LogEntry
from voxgate.ops.logs import UtcFormatter, harmless, request_id_in_hand, tenant_in_hand

logger = logging.getLogger(__name__)

ACCESS = "voxgate.access"
MOST_KEPT = 1_000
"""Records that wait in a process while Redis is away; the oldest give way."""
BATCH = 200
TIMEOUT_SECONDS = 0.5
LAST_SECONDS = 1.0
"""How long a process that ends waits for its last records to go out."""
REFUSALS_PER_SECOND = 20
"""More lines of refused calls than this are left to the access log: a flood must not push errors out."""
REFUSED = 400


class RecordsHandler(logging.Handler):
    """Sends warnings, errors and refused API calls to Redis; with `everything`, all records and all API calls.

    `emit` waits for nothing and raises nothing. Each process has a thread and a connection of its own, after a fork as
    well.
    """

    away_seconds: ClassVar[float] = 5.0
    """How long Redis is left alone after it did not answer."""
    told_seconds: ClassVar[float] = 60.0
    """Records that were dropped are told of no more often than this."""

    def __init__(self, *, everything: bool = False, url: str | None = None) -> None:
        super().__init__()
        self._everything = everything
        self._url = url
        self._format = UtcFormatter()
        self._refusals = Pace(REFUSALS_PER_SECOND)
        self.begin()
        _handlers.add(self)

    def begin(self) -> None:
        """As in a new process: what is queued here is sent by the parent, and its thread is not in this one."""
        self._waiting: deque[bytes] = deque(maxlen=MOST_KEPT)
        self._news = threading.Event()
        self._ended = threading.Event()
        self._sent = threading.Condition()
        self._sending = 0
        self._thread: threading.Thread | None = None
        self._redis: Redis | None = None
        self._away_until = 0.0
        self._dropped = 0
        self._told_at: float | None = None
        self._process = process_name()

    def filter(self, record: logging.LogRecord) -> bool:
        if self._thread is not None and record.thread == self._thread.ident:
            # What sending itself gives cause to log would never end.
            return False
        return self._is_wanted(record) and bool(super().filter(record))

    def emit(self, record: logging.LogRecord) -> None:
        # Whoever logs has done nothing wrong; the files have the record too.
        with contextlib.suppress(Exception):
            entry = self._entry(record).to_bytes()
            self._dropped += len(self._waiting) == MOST_KEPT
            self._waiting.append(entry)
            self._start()
            self._news.set()

    def flush(self) -> None:
        """Wait until what is queued was sent, `LAST_SECONDS` at most; not at all while Redis is away."""
        if threading.current_thread() is self._thread:
            return
        with self._sent:
            self._sent.wait_for(self._is_idle, LAST_SECONDS)

    def close(self) -> None:
        self.flush()
        self._ended.set()
        self._news.set()
        _handlers.discard(self)
        super().close()

    @property
    def is_away(self) -> bool:
        """Whether Redis did not answer the last time, a moment ago."""
        return time.monotonic() < self._away_until

    def _is_idle(self) -> bool:
        return not (self._waiting or self._sending) or self.is_away

    def _is_wanted(self, record: logging.LogRecord) -> bool:
        if record.name != ACCESS:
            return self._everything or record.levelno >= logging.WARNING
        # Pages are left out: who follows the log in the admin would make it longer by that.
        status = getattr(record, "api_status", 0)
        if self._everything:
            return status > 0
        return status >= REFUSED and self._refusals.allows(time.monotonic())

    def _entry(self, record: logging.LogRecord) -> LogEntry:
        """The first line of a message says what happened; what follows it is a stack, as an exception's is."""
        message, _, rest = record.getMessage().partition("\n")
        raised = self._format.formatException(record.exc_info) if record.exc_info else ""
        return LogEntry(
            at=record.created,
            level=_level(record),
            logger=record.name,
            process=self._process,
            request_id=request_id_in_hand(),
            tenant_slug=tenant_in_hand(),
            message=harmless(message),
            stack=harmless("\n".join(filter(None, (rest.rstrip(), raised))), line_break="\n"),
        )

    def _start(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._send_all, name="log-records", daemon=True)
            self._thread.start()

    def _send_all(self) -> None:
        while not self._ended.is_set():
            self._news.wait()
            self._news.clear()
            self._send_waiting()
            with self._sent:
                self._sent.notify_all()

    def _send_waiting(self) -> None:
        while self._waiting:
            batch = self._take()
            try:
                self._send(batch)
                self._sending = 0
                self._tell_dropped()
            except Exception:  # noqa: BLE001 - there is nobody to tell, and the next record needs this thread
                self._give_back(batch)
                return

    def _take(self) -> list[bytes]:
        batch: list[bytes] = []
        while self._waiting and len(batch) < BATCH:
            # The length before the records, so that nobody sees both empty.
            self._sending += 1
            batch.append(self._waiting.popleft())
        return batch

    def _send(self, batch: list[bytes]) -> None:
        if self._redis is None:
            self._redis = _connected(self._url or settings.REDIS_VOLATILE_URL)
        with self._redis.pipeline(transaction=False) as pipeline:
            for entry in batch:
                pipeline.xadd(STREAM, {FIELD: entry}, maxlen=MOST_ENTRIES, approximate=True)
            pipeline.execute()

    def _tell_dropped(self) -> None:
        """Redis is there again: the log says how much it lacks. `filter` keeps this thread's record from `emit`."""
        now = time.monotonic()
        if not self._dropped or (self._told_at is not None and now - self._told_at < self.told_seconds):
            return
        record = logger.makeRecord(
            logger.name,
            logging.WARNING,
            __file__,
            0,
            "%d log records were dropped: Redis was away",
            (self._dropped,),
            None,
        )
        self._dropped, self._told_at = 0, now
        self._waiting.append(self._entry(record).to_bytes())
        logger.handle(record)

    def _give_back(self, batch: list[bytes]) -> None:
        """Keep what could not be sent, as far as newer records leave room, and wait before the next try."""
        self._away_until = time.monotonic() + self.away_seconds
        # The address may be another by then: of a service that moved.
        self._redis = None
        room = max(0, MOST_KEPT - len(self._waiting))
        self._dropped += max(0, len(batch) - room)
        self._waiting.extendleft(reversed(batch[max(0, len(batch) - room) :]))
        self._sending = 0
        with self._sent:
            self._sent.notify_all()
        self._ended.wait(self.away_seconds)
        self._news.set()


class Pace:
    """Allows so many in a second, and as many at once."""

    def __init__(self, per_second: int) -> None:
        self._per_second = per_second
        self._left = float(per_second)
        self._at = 0.0

    def allows(self, now: float) -> bool:
        """Whether one more is within the pace at `now` (seconds of a clock that only moves on)."""
        self._left = min(self._per_second, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


def process_name() -> str:
    """What this process is (`web`, the name of a command), its number and its host."""
    path = sys.argv[0] if sys.argv else ""
    program = Path(path).name
    if "gunicorn" in path:
        program = "web"
    elif program == "manage.py" and len(sys.argv) > 1:
        program = sys.argv[1]
    return f"{program or 'python'}.{os.getpid()}@{socket.gethostname()}"[:100]


def _level(record: logging.LogRecord) -> str:
    if record.name == ACCESS:
        return "access"
    levels = ((logging.ERROR, "error"), (logging.WARNING, "warning"), (logging.INFO, "info"))
    return next((name for least, name in levels if record.levelno >= least), "debug")


def _connected(url: str) -> Redis:
    return Redis.from_url(
        url,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=30,
    )


_handlers: "weakref.WeakSet[RecordsHandler]" = weakref.WeakSet()


def _begin_in_child() -> None:
    for handler in _handlers:
        handler.begin()


os.register_at_fork(after_in_child=_begin_in_child)
