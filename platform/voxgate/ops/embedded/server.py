"""What the embedded servers have in common: one process below one directory, on one port of the loopback address."""

import secrets
import signal
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from voxgate.ops.embedded.errors import EmbeddedError
from voxgate.ops.embedded.files import write_private
from voxgate.ops.embedded.ports import is_free, steady_port
from voxgate.ops.embedded.process import Steps, end, tail, wait_until


class EmbeddedServer(ABC):
    """A server whose files are all below `directory`; only one process may use a directory at a time.

    Subclasses prepare the directory, spawn the process and tell when it has settled: ready, or failed.
    """

    title: ClassVar[str]
    """The program's name, for people."""

    stop_steps: ClassVar[Steps]
    """Signals that end the server without loss, with the seconds each gets before the next one."""

    kill_steps: ClassVar[Steps]
    """Signals that end it at once."""

    def __init__(self, directory: Path, log: Path) -> None:
        self.directory = directory.resolve()
        self.log = log
        self.port = 0
        self._password_file = self.directory / "password"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def poll(self) -> int | None:
        """The exit code of a server that has ended; None while it runs or before it was started."""
        return self._process.poll() if self._process else None

    def stop(self) -> None:
        """End the server and wait for it: connections are cut, data is flushed."""
        if self._process is not None:
            end(self._process, self.stop_steps)

    def ask_to_stop(self) -> None:
        """Begin what `stop` does without waiting."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(self._stop_signal)

    def kill(self) -> None:
        """End the server now; what it had not flushed is recovered, as far as it promises, by the next start."""
        if self._process is not None:
            end(self._process, self.kill_steps)

    def _prepare_directory(self) -> None:
        """Make the directory and, once, the password. Raises `EmbeddedError`."""
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self._password_file.exists():
                write_private(self._password_file, secrets.token_hex(24))
        except PermissionError as error:
            raise EmbeddedError(
                f"{self.directory} cannot be written; is it another user's? Choose another VOXGATE_DATA_DIR."
            ) from error

    @property
    def _stop_signal(self) -> signal.Signals:
        return self.stop_steps[0][0]

    @abstractmethod
    def _spawn(self) -> subprocess.Popen[bytes]:
        """Start the process on `port`."""

    @abstractmethod
    def _settled(self) -> bool:
        """Whether the process is ready, or has ended."""

    def _start_process(self, seconds: float) -> None:
        """Spawn the process and wait at most `seconds` until it has settled. Raises `EmbeddedError`."""
        # Once clients know the address it must not change.
        known = self.port
        for _ in range(3):
            self.port = known or steady_port(self.directory / "port")
            self._process = self._spawn()
            if wait_until(self._settled, seconds) and self._process.poll() is None:
                return
            self.kill()
            # Someone else may have taken the port between the choice and the bind; only that is tried again.
            if is_free(self.port):
                break
        raise EmbeddedError(f"{self.title} did not start; the end of {self.log}:\n{tail(self.log)}")
