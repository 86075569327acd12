"""Keeps processes alive and ends them in order."""

import time
from collections.abc import Callable
from typing import Protocol

from voxgate.ops.embedded.errors import EmbeddedError
from voxgate.ops.up.backoff import Backoff
from voxgate.ops.up.console import Console
from voxgate.ops.up.errors import StartFailed, StopRequested
from voxgate.ops.up.signals import Signals

_IDLE_SECONDS = 1.0
_DEATHS_BEFORE_READY = 3


class Supervised(Protocol):
    """A process that can be started again. `start` returns once it runs and may raise on failure."""

    @property
    def name(self) -> str: ...

    @property
    def pid(self) -> int | None: ...

    @property
    def stop_seconds(self) -> float: ...

    def start(self) -> None: ...

    def poll(self) -> int | None: ...

    def ask_to_stop(self) -> None: ...

    def kill(self) -> None: ...

    def last_lines(self) -> str: ...


DeathHook = Callable[[Supervised, int], None]


class _Member:
    def __init__(self, process: Supervised, clock: Callable[[], float]) -> None:
        self.process = process
        self.backoff = Backoff(clock)
        self.restart_at: float | None = None
        self.deaths = 0


class Supervisor:
    """Starts processes in stages, restarts what dies, and stops the stages in reverse.

    `on_death` is called at once with the process and its exit code, while its pid is still the old one.
    For the main thread only, inside `signals`.
    """

    def __init__(
        self,
        signals: Signals,
        console: Console,
        on_death: DeathHook = lambda _process, _code: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._signals = signals
        self._console = console
        self._on_death = on_death
        self._clock = clock
        self._stages: list[list[_Member]] = []
        self._ready = False

    def start(self, *processes: Supervised) -> None:
        """Start one stage, to be stopped before the earlier ones. Raises `StopRequested` after a signal."""
        stage: list[_Member] = []
        self._stages.append(stage)
        for process in processes:
            member = _Member(process, self._clock)
            stage.append(member)
            process.start()
            member.backoff.started()
        if self._signals.stops:
            raise StopRequested

    def watch(self, until: Callable[[], bool] | None = None, every_seconds: float = _IDLE_SECONDS) -> None:
        """Supervise until `until`, asked every `every_seconds`, holds, or else until a signal asks to stop.

        With `until`, Voxgate counts as starting: raises `StopRequested` on a signal and `StartFailed` when
        one process has died three times.
        """
        while not self._signals.stops:
            self._look_after_all()
            if until is not None and until():
                self._ready = True
                return
            self._signals.wait(min(every_seconds, self._seconds_to_next_restart()))
        if until is not None:
            raise StopRequested

    def stop(self) -> None:
        """Stop the stages, the last first: ask, wait for as long as each process may take, kill.

        One more signal during that skips the waiting.
        """
        patience = self._signals.stops + 1
        for stage in reversed(self._stages):
            running = [
                member.process for member in stage if member.process.poll() is None and member.process.pid
            ]
            for process in running:
                process.ask_to_stop()
            deadline = self._clock() + max((process.stop_seconds for process in running), default=0.0)
            while any(process.poll() is None for process in running):
                if self._clock() >= deadline or self._signals.stops >= patience:
                    break
                self._signals.wait(min(_IDLE_SECONDS, deadline - self._clock()))
            for process in running:
                if process.poll() is None:
                    self._console.line(f"  {process.name} did not stop in time and is killed")
                process.kill()
        self._stages.clear()

    def _look_after_all(self) -> None:
        for member in [member for stage in self._stages for member in stage]:
            if member.restart_at is not None:
                if self._clock() >= member.restart_at:
                    self._restart(member)
            elif (code := member.process.poll()) is not None:
                self._bury(member, code)
                if member.restart_at is not None and self._clock() >= member.restart_at:
                    self._restart(member)

    def _bury(self, member: _Member, code: int) -> None:
        process = member.process
        member.deaths += 1
        member.restart_at = member.backoff.died()
        self._on_death(process, code)
        if code == 0 and self._ready:
            return
        delay = max(0.0, member.restart_at - self._clock())
        how = f"ended with code {code}" if code >= 0 else f"was ended by signal {-code}"
        self._console.line(
            f"  {process.name} (pid {process.pid}) {how}; it is started again in {delay:.1f} s"
        )
        if not self._ready:
            self._console.line(process.last_lines())
            if member.deaths >= _DEATHS_BEFORE_READY:
                raise StartFailed(f"{process.name} does not start.")

    def _restart(self, member: _Member) -> None:
        try:
            member.process.start()
        except (EmbeddedError, OSError) as error:
            if not self._ready:
                raise
            member.restart_at = member.backoff.died()
            self._console.line(f"  {member.process.name} does not start: {error}")
            return
        member.restart_at = None
        member.backoff.started()

    def _seconds_to_next_restart(self) -> float:
        times = [
            member.restart_at for stage in self._stages for member in stage if member.restart_at is not None
        ]
        return max(0.0, min(times) - self._clock()) if times else _IDLE_SECONDS
