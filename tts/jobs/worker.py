"""The RQ worker that speaks: one long-lived process, engines loaded once, no fork."""

import faulthandler
import logging
import os
from typing import Any

from rq import Queue, SimpleWorker
from rq.job import Job

from tts.jobs.runtime import SpeechRuntime, runtime_install, worker_name

logger = logging.getLogger(__name__)

OVERTIME_SECONDS = 10.0
"""A request this far past its deadline hangs where nothing of Python's can reach it: the process ends."""

CLAIMING_SECONDS = 30.0
"""What finding out whose turn it is may take at most: all waits for the database have time-outs of their own."""


class SpeechWorker(SimpleWorker):
    """A `SimpleWorker` with a `SpeechRuntime`. Forking would cost 10 ms a request and lose the loaded voices.

    RQ's own time-out is a signal, which waits until native code returns. So a timer thread of `faulthandler`, which
    needs no interpreter lock, ends the process when its request is long past its deadline; the supervisor starts
    another.
    """

    log_job_description = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["name"] = worker_name()
        super().__init__(*args, **kwargs)
        self.runtime = SpeechRuntime(kwargs["name"], on_work=_end_process_in)

    def work(self, *args: Any, **kwargs: Any) -> bool:
        runtime_install(self.runtime)
        self.runtime.start()
        try:
            return super().work(*args, **kwargs)
        finally:
            self.runtime.close()
            if self.runtime.chain.abandoned:
                # A thread is stuck in native code; ordinary interpreter exit might wait for it.
                logging.shutdown()
                os._exit(0)

    def execute_job(self, job: Job, queue: Queue) -> None:
        _end_process_in(CLAIMING_SECONDS)
        try:
            super().execute_job(job, queue)
        finally:
            faulthandler.cancel_dump_traceback_later()
        reason = self.runtime.reason_to_retire
        if reason and not self._stop_requested:
            logger.info("worker %s retires: %s", self.name, reason)
            self._stop_requested = True


def _end_process_in(seconds: float) -> None:
    """Unless somebody says otherwise by then, and `OVERTIME_SECONDS` more. The last word counts."""
    faulthandler.dump_traceback_later(max(0.0, seconds) + OVERTIME_SECONDS, exit=True)
