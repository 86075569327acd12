"""The rotation of log files, beside the janitor's sweep: compressing one takes a second, and deadlines do not wait."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from django.db import DatabaseError, connection

from tts.services.logs_rotation import log_files_rotate

logger = logging.getLogger(__name__)

LAST_SECONDS = 10.0


class Rotating:
    """One pass of the rotation at a time, each on a thread of its own."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin a pass, unless one is under way."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._rotate, name="log-rotation", daemon=True)
            self._thread.start()

    def wait(self) -> None:
        """Until the pass under way is over, `LAST_SECONDS` at most: what is half compressed is compressed again."""
        if self._thread is not None:
            self._thread.join(LAST_SECONDS)

    def _rotate(self) -> None:
        try:
            log_files_rotate(now=self._now())
        except DatabaseError as problem:
            logger.warning("rotation of log files not recorded: %s", type(problem).__name__)
        finally:
            connection.close()
