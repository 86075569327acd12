"""Log files that several processes write at once."""

import contextlib
import fcntl
import logging
import logging.handlers
import os
import time
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType

from accounts.keys import without_secrets
from tts.api.request_facts import request_facts_optional
from tts.api.unexpected import quotes_values, stack_of
from tts.services.logs_context import logs_subject

_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

# Line breaks of every kind, and what drives a terminal.
_HARMFUL: dict[int, str] = {
    code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n"
} | {0x2028: "\\u2028", 0x2029: "\\u2029"}
_NOBODY = "-"


def harmless(text: str, *, line_break: str = "\n    ") -> str:
    """`text` without what forges lines or drives terminals, and of an API key no more than its public part.

    `line_break` stands for each `\\n`: indented as it is, a stack stays readable and begins no record.
    """
    return without_secrets(text.translate(_HARMFUL).replace("\n", line_break))


def request_id_in_hand() -> str:
    """Of the HTTP request, or in a worker the id of the request's row; empty outside of both."""
    facts = request_facts_optional()
    return logs_subject() if facts is None else facts.request_id


def tenant_in_hand() -> str:
    """The slug of the tenant whose HTTP request is in hand; empty where none is, or nobody knows yet."""
    facts = request_facts_optional()
    return "" if facts is None or facts.tenant == _NOBODY else facts.tenant


class RequestIdFilter(logging.Filter):
    """Puts the id of the request in hand on each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id_in_hand() or _NOBODY
        return True


class UtcFormatter(logging.Formatter):
    """Times in UTC with milliseconds (RFC 3339); a line break inside a message cannot fake a new record, and of an API
    key no more is written than its public part.

    Of exceptions that a database led to, the messages are left out: they quote the values of a row.
    """

    @staticmethod
    def converter(seconds: float | None) -> time.struct_time:
        return time.gmtime(seconds)

    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        # Another handler's formatter may have left its own rendering there, messages included.
        record.exc_text = None
        return harmless(super().format(record))

    def formatException(self, ei: _Raised) -> str:
        problem = ei[1]
        if problem is None or not quotes_values(problem):
            return super().formatException(ei)
        return f"Traceback, without messages:\n{stack_of(problem)}".rstrip("\n")


class AppendingFileHandler(logging.handlers.WatchedFileHandler):
    """Appends whole records, so that processes do not tear each other's; opens a new file when it was rotated away.

    While it writes it holds a shared lock (POSIX `fcntl`, which processes do not inherit) on a file that it has found
    to be the one of that name: whoever has renamed the file and then has it exclusively knows that no line will come.

    The file and its directory are made at once where that is allowed, and are for the owner only.
    """

    def __init__(self, filename: str) -> None:
        super().__init__(filename, encoding="utf-8", delay=True)
        # Operators look for all three files; a command without the right to write them runs all the same.
        with contextlib.suppress(OSError):
            self.stream = self._open()
            self._statstream()

    def emit(self, record: logging.LogRecord) -> None:
        # Opening the file again may be refused; the console has the record too.
        with contextlib.suppress(OSError):
            stream = self._locked()
            try:
                logging.FileHandler.emit(self, record)
            finally:
                _lock(stream, fcntl.LOCK_UN)

    def _locked(self) -> TextIOWrapper:
        """The open file, locked while it was the one of that name."""
        self.reopenIfNeeded()
        while True:
            if self.stream is None:
                self.stream = self._open()
                self._statstream()
            stream = self.stream
            _lock(stream, fcntl.LOCK_SH)
            # Closes and so unlocks one that was renamed meanwhile.
            self.reopenIfNeeded()
            if self.stream is stream:
                return stream

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A shared lock needs the right to read.
        descriptor = os.open(self.baseFilename, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        return os.fdopen(descriptor, "a", encoding="utf-8")


def _lock(stream: TextIOWrapper, operation: int) -> None:
    # Where a file system has no locks, a line is still worth more than its safety in the moment of a rotation.
    with contextlib.suppress(OSError):
        fcntl.lockf(stream, operation)
