"""What `make run` says, on a terminal or in a CI log."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

_SPINNER = "|/-\\"


class Console:
    """Progress lines on a stream, safe to use from several threads.

    A step in progress is shown only on a terminal, where its line is overwritten by its result.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._lock = threading.Lock()
        self._pending = ""
        self._turn = 0
        self._is_terminal = self._stream.isatty()
        self._closed = False

    def line(self, text: str = "") -> None:
        with self._lock:
            self._clear()
            self._write(text + "\n")
            self._redraw()
            self._flush()

    @contextmanager
    def step(self, title: str) -> Iterator["Step"]:
        """A step of the start; once it has ended without an error, its line tells the seconds it took."""
        step = Step()
        began = time.monotonic()
        self._show(title)
        try:
            yield step
        except BaseException:
            self._show("")
            raise
        self._show("")
        detail = f" {step.detail}" if step.detail else ""
        self.line(f"  {title:<18}{detail}  ({time.monotonic() - began:.1f} s)")

    def tick(self) -> None:
        """Turn the spinner of the step in progress."""
        with self._lock:
            if self._pending and self._is_terminal:
                self._turn += 1
                self._clear()
                self._redraw()
                self._flush()

    def _show(self, title: str) -> None:
        with self._lock:
            self._clear()
            self._pending = title
            self._redraw()
            self._flush()

    def _clear(self) -> None:
        if self._pending and self._is_terminal:
            self._write("\r\x1b[K")

    def _redraw(self) -> None:
        if self._pending and self._is_terminal:
            self._write(f"{_SPINNER[self._turn % len(_SPINNER)]} {self._pending} ...")

    def _write(self, text: str) -> None:
        # `make run | head` closes the pipe; a server goes on without its listener.
        try:
            if not self._closed:
                self._stream.write(text)
        except OSError:
            self._closed = True

    def _flush(self) -> None:
        try:
            if not self._closed:
                self._stream.flush()
        except OSError:
            self._closed = True


class Step:
    """What to add to the line of a step."""

    detail: str = ""
