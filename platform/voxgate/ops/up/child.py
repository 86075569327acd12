"""One process under the supervisor."""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from voxgate.ops.embedded.launch import ends_with_parent
from voxgate.ops.embedded.process import tail
from voxgate.ops.up.console import Console

_ROTATE_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """What to run. `environment` is all the process gets; `speaks` marks a speech worker.

    `stop_seconds` is how long it may take to finish what it is doing after SIGTERM.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    directory: Path
    stop_seconds: float = 20.0
    speaks: bool = False
    prefix: tuple[str, ...] = field(default_factory=lambda: ends_with_parent("TERM"))


class Child:
    """A process made from a `ChildSpec`, in a session of its own; its output goes to `<logs>/<name>.log`.

    With `echo`, every line is also shown on that console behind the name.
    """

    def __init__(self, spec: ChildSpec, logs: Path, echo: Console | None = None) -> None:
        self.spec = spec
        self.log = logs / f"{spec.name}.log"
        self._echo = echo
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def stop_seconds(self) -> float:
        return self.spec.stop_seconds

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        self._rotate()
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [*self.spec.prefix, *self.spec.command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if self._echo else output,
                stderr=subprocess.STDOUT,
                cwd=self.spec.directory,
                env=dict(self.spec.environment),
                start_new_session=True,
                umask=0o077,
            )
        if self._echo and self._process.stdout:
            copier = threading.Thread(target=self._copy, args=(self._process.stdout,), daemon=True)
            copier.start()

    def poll(self) -> int | None:
        """The exit code of a process that has ended; None while it runs or before it was started."""
        return self._process.poll() if self._process else None

    def ask_to_stop(self) -> None:
        """SIGTERM: finish what is being done, then end."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def kill(self) -> None:
        """End the process and what it has started, now."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def last_lines(self) -> str:
        """The end of its log, indented, for a report of failure."""
        text = tail(self.log)
        return "\n".join(f"    {line}" for line in text.splitlines()) or "    (it wrote nothing)"

    def _rotate(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            if self.log.stat().st_size > _ROTATE_BYTES:
                self.log.rename(self.log.with_suffix(".log.1"))

    def _copy(self, output: IO[bytes]) -> None:
        with output, self.log.open("ab", buffering=0) as log:
            for line in output:
                log.write(line)
                if self._echo:
                    self._echo.line(f"{self.name:<8} | {line.decode(errors='replace').rstrip()}")
