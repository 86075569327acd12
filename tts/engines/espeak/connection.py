"""One running espeak-ng server and the pipes to it."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, cast

import espeakng_loader

from tts.engines.base import CancelToken, Deadline, EngineTimeout
from tts.engines.espeak import wire

WAIT_SLICE_SECONDS = 0.02
"""How soon a cancellation, or a deadline on an injected clock, is seen."""

_SOURCE_ROOT = Path(__file__).resolve().parents[3]


class ConnectionLost(Exception):
    """The server has ended; `status` is its exit status, negative for a signal."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Connection:
    """Starts a server at once; `exchange` sends it one request at a time. Not thread-safe."""

    def __init__(self) -> None:
        self.owner_pid = os.getpid()
        self._process = subprocess.Popen(
            _command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd="/",
            env=_environment(),
            start_new_session=True,
        )
        self._requests = cast(IO[bytes], self._process.stdin)
        self._replies = cast(IO[bytes], self._process.stdout)
        os.set_blocking(self._requests.fileno(), False)
        os.set_blocking(self._replies.fileno(), False)

    @property
    def pid(self) -> int:
        return self._process.pid

    def exchange(self, request: bytes, *, deadline: Deadline, cancel: CancelToken) -> bytes:
        """The server's reply: a status byte and its payload.

        After any exception the connection is of no more use: call `end`. Raises `ConnectionLost`, `EngineTimeout` and
        the token's reason.
        """
        self._send(wire.framed(request), deadline, cancel)
        (size,) = wire.LENGTH.unpack(self._receive(wire.LENGTH.size, deadline, cancel))
        if not 1 <= size <= wire.MAX_REPLY_BYTES:
            raise ConnectionLost(self.end())
        return bytes(self._receive(size, deadline, cancel))

    def end(self) -> int:
        """Kill the server with everything it started, and reap it. Returns its exit status; idempotent."""
        if self._process.returncode is None:
            try:
                # Its session holds the fork that works for it as well. The group lives until it is reaped below.
                os.killpg(self._process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                self._process.kill()
            self._process.wait()
        self.abandon()
        return self._process.returncode

    def abandon(self) -> None:
        """Close our ends of the pipes only."""
        self._requests.close()
        self._replies.close()

    def _send(self, data: bytes, deadline: Deadline, cancel: CancelToken) -> None:
        descriptor = self._requests.fileno()
        rest = memoryview(data)
        while rest:
            self._wait(descriptor, select.POLLOUT, deadline, cancel)
            try:
                rest = rest[os.write(descriptor, rest) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                raise ConnectionLost(self.end()) from None

    def _receive(self, size: int, deadline: Deadline, cancel: CancelToken) -> bytearray:
        descriptor = self._replies.fileno()
        data = bytearray()
        while len(data) < size:
            self._wait(descriptor, select.POLLIN, deadline, cancel)
            chunk = os.read(descriptor, size - len(data))
            if not chunk:
                raise ConnectionLost(self.end())
            data += chunk
        return data

    @staticmethod
    def _wait(descriptor: int, event: int, deadline: Deadline, cancel: CancelToken) -> None:
        poller = select.poll()
        poller.register(descriptor, event)
        while True:
            cancel.raise_if_canceled()
            remaining = deadline.remaining()
            if remaining <= 0:
                raise EngineTimeout("espeak-ng did not answer before the deadline")
            if poller.poll(1000 * min(remaining, WAIT_SLICE_SECONDS)):
                return


def _command() -> list[str]:
    # -S and -P: the server needs the standard library and this package only, and nothing from the working directory.
    return [
        sys.executable,
        "-S",
        "-P",
        "-m",
        "tts.engines.espeak.child",
        espeakng_loader.get_library_path(),
        espeakng_loader.get_data_path(),
    ]


def _environment() -> dict[str, str]:
    environment = {"PYTHONPATH": str(_SOURCE_ROOT), "LC_ALL": "C.UTF-8"}
    for name in ("LD_LIBRARY_PATH", "PYTHONHOME"):
        if name in os.environ:
            environment[name] = os.environ[name]
    return environment
