"""Log files that several processes write at once."""

import contextlib
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

_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

# Line breaks of every kind and what drives a terminal; a stack stays readable, indented below its record.
_HARMLESS: dict[int, str] = {
    code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n"
} | {ord("\n"): "\n    ", 0x2028: "\\u2028", 0x2029: "\\u2029"}


class RequestIdFilter(logging.Filter):
    """Puts the id of the HTTP request in hand on each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        facts = request_facts_optional()
        record.request_id = "-" if facts is None else facts.request_id
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
        return without_secrets(super().format(record).translate(_HARMLESS))

    def formatException(self, ei: _Raised) -> str:
        problem = ei[1]
        if problem is None or not quotes_values(problem):
            return super().formatException(ei)
        return f"Traceback, without messages:\n{stack_of(problem)}".rstrip("\n")


class AppendingFileHandler(logging.handlers.WatchedFileHandler):
    """Appends whole records, so that processes do not tear each other's; opens a new file when it was rotated away.

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
            super().emit(record)

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return os.fdopen(descriptor, "a", encoding="utf-8")
