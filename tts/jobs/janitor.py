"""The janitor: one process that sweeps what queue and workers forgot, every second."""

import contextlib
import logging
import threading
from collections.abc import Callable
from datetime import datetime

from django.db import DatabaseError, connection
from django.utils import timezone
from redis.exceptions import RedisError

from tts.jobs.logs import Rotating
from tts.services.exports import exports_reconcile
from tts.services.housekeeping import housekeeping_due
from tts.services.idempotency import idempotency_prune
from tts.services.leases import dead_worker_wait, janitor_renew, lease_end, leases_prune, workers_alive
from tts.services.logs_store import log_records_drain, log_records_lost, log_records_prune
from tts.services.recovery import Sweep, sweep, sweep_overdue, worker_died

logger = logging.getLogger(__name__)

TICK_SECONDS = 1.0
LOCK = 0x766F7867  # "voxg": the advisory lock that keeps a second janitor idle
PRUNE_EVERY = 60
ROTATE_EVERY = 15


class Janitor:
    """Sweeps until `stop` is called. Several may run; the one that holds Postgres' advisory lock works.

    A worker counts as gone when its lease was missing on two passes in a row, so that a Redis that just lost its
    memory does not take every worker for dead.
    """

    def __init__(self, now: Callable[[], datetime] = timezone.now) -> None:
        self._now = now
        self._stop = threading.Event()
        self._seen_before: frozenset[str] = frozenset()
        self._passes = 0
        self._logs_left = b""
        self._logs_are_many = False
        self._rotation = Rotating(now)

    def stop(self) -> None:
        self._stop.set()

    def run(self) -> None:
        try:
            while not self._stop.is_set():
                self._pass()
        finally:
            self._rotation.wait()
            self._resign()

    def _pass(self) -> None:
        try:
            if self._is_leader():
                # First, and on its own: a deadline needs no Redis.
                sweep_overdue(now=self._now())
                self._with_redis()
                self.keep_house()
            else:
                self._stop.wait(TICK_SECONDS)
        except DatabaseError as problem:
            logger.warning("sweep left out: %s", type(problem).__name__)
            connection.close()
            self._stop.wait(TICK_SECONDS)

    def _with_redis(self) -> None:
        try:
            janitor_renew()
            self.tick(dead_worker=dead_worker_wait(seconds=TICK_SECONDS))
        except RedisError as problem:
            logger.warning("sweep left out: %s", type(problem).__name__)
            self._stop.wait(TICK_SECONDS)

    def tick(self, *, dead_worker: str | None = None) -> Sweep:
        """What needs Redis in a pass; with a name, first give back what that worker held."""
        if dead_worker is not None:
            lease_end(worker=dead_worker)
            worker_died(worker=dead_worker, now=self._now())
        alive = workers_alive()
        done = sweep(alive=alive | self._seen_before, now=self._now())
        self._seen_before = alive if dead_worker is None else alive - {dead_worker}
        self._logs_left = log_records_drain(left=self._logs_left).left
        if done != Sweep():
            logger.info("swept: %s", done)
        return done

    def keep_house(self) -> None:
        """What a pass does whether Redis is there or not: without it, disk and tables fill up."""
        self._passes += 1
        if self._passes % ROTATE_EVERY == 0:
            self._rotation.start()
        if self._passes % PRUNE_EVERY == 0:
            self._look_after_redis()
            idempotency_prune(now=self._now())
            housekeeping_due(now=self._now())
        # A backlog is worked off a batch a pass, so that no sweep waits for more.
        if self._logs_are_many or self._passes % PRUNE_EVERY == 0:
            self._logs_are_many = log_records_prune(now=self._now()) > 0

    def _look_after_redis(self) -> None:
        # Nothing is lost by waiting a minute; `_with_redis` has said that Redis is away.
        with contextlib.suppress(RedisError):
            leases_prune()
            exports_reconcile(now=self._now())
            lost = log_records_lost()
            if lost:
                logger.warning("%d log records were lost: more came than could wait", lost)

    def _is_leader(self) -> bool:
        # The lock belongs to the connection: it is taken again, idempotently, each time.
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) > 0 FROM pg_locks"
                " WHERE locktype = 'advisory' AND objid = %s AND pid = pg_backend_pid()",
                [LOCK],
            )
            (held,) = cursor.fetchone()
            if held:
                return True
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            (taken,) = cursor.fetchone()
            return bool(taken)

    def _resign(self) -> None:
        # Giving the connection back to a pool would keep the lock.
        with contextlib.suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
