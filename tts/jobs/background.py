"""The RQ worker for long work without a deadline: reports and housekeeping. It loads no voices and holds no lease."""

import logging
import os
import socket
import threading
from typing import Any

from django.db import connections
from rq import Queue, Worker
from rq.job import Job

logger = logging.getLogger(__name__)

FINISH_SECONDS = 25.0
"""How long a job may go on after SIGTERM; below the 40 s that the container examples leave a process."""


def worker_name() -> str:
    """`background-<host>.<pid>`: never the name of a speech worker."""
    return f"background-{socket.gethostname()}.{os.getpid()}"


class BackgroundWorker(Worker):
    """A worker that forks for each job, so that what a large report needs is given back when it is written.

    After SIGTERM the job in hand may finish for `FINISH_SECONDS`; then it is ended and goes back to the head of the
    queue. Jobs of this queue are therefore written to begin anew.
    """

    log_job_description = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["name"] = worker_name()
        super().__init__(*args, **kwargs)
        self._impatient: threading.Timer | None = None
        self._interrupted = False

    def work(self, *args: Any, **kwargs: Any) -> bool:
        try:
            return super().work(*args, **kwargs)
        finally:
            if self._impatient is not None:
                self._impatient.cancel()

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        # Neither sockets nor threads of a pool can be shared with a child.
        _close_connections()
        super().fork_work_horse(job, queue)

    def perform_job(self, *args: Any, **kwargs: Any) -> bool:
        try:
            return super().perform_job(*args, **kwargs)
        finally:
            # The child ends without the interpreter's own tidying up.
            _close_connections()
            for handler in logging.getLogger().handlers:
                handler.flush()

    def handle_warm_shutdown_request(self) -> None:
        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call] # RQ has none here
        self._impatient = threading.Timer(FINISH_SECONDS, self._interrupt)
        self._impatient.daemon = True
        self._impatient.start()

    def handle_work_horse_killed(self, job: Job, *args: Any) -> None:
        super().handle_work_horse_killed(job, *args)  # type: ignore[no-untyped-call] # nor here
        if self._interrupted:
            # RQ's word for "once more, first thing".
            job.retries_left = 1
            job.enqueue_at_front_on_retry = True

    def _interrupt(self) -> None:
        if self.horse_pid:
            logger.warning("a job is ended with its worker and will be done again")
            self._interrupted = True
            self.kill_horse()


def _close_connections() -> None:
    for connection in connections.all(initialized_only=True):
        connection.close()
        # PostgreSQL's alone has one.
        close_pool = getattr(connection, "close_pool", None)
        if close_pool is not None:
            close_pool()
