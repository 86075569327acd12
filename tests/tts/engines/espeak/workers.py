"""Stand-ins for a worker: Python processes of their own that use an `EspeakProcess`."""

import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TypeVar, cast

ROOT = Path(__file__).resolve().parents[4]

T = TypeVar("T")


class Worker:
    """A running script and what it prints."""

    def __init__(self, script: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            cwd=ROOT,
        )

    def read_line(self) -> str:
        return cast(IO[str], self.process.stdout).readline()


@contextmanager
def started_worker(script: str) -> Iterator[Worker]:
    worker = Worker(script)
    try:
        yield worker
    finally:
        worker.process.kill()
        worker.process.communicate(timeout=10)


@contextmanager
def pidfd(pid: int) -> Iterator[int]:
    """A descriptor of the process, which is killed in the end if it still runs."""
    descriptor = os.pidfd_open(pid)
    try:
        yield descriptor
    finally:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        os.close(descriptor)


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def ends_within(descriptor: int, seconds: float) -> bool:
    """Whether the process behind a pidfd ends in time."""
    poller = select.poll()
    poller.register(descriptor, select.POLLIN)
    return bool(poller.poll(seconds * 1000))


def eventually(condition: Callable[[], T | None], seconds: float = 5.0) -> T:
    """The first true value of `condition`."""
    until = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < until, "it never happened"
        threading.Event().wait(0.002)
    return value
