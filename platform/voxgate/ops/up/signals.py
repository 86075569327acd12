"""Signals as something one can wait for."""

import select
import signal
import socket
from types import FrameType

_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Signals:
    """Counts requests to stop and wakes the waiter on those and on the death of a child.

    Used in a `with` block, in the main thread; the handlers before it are put back afterwards.
    """

    def __init__(self) -> None:
        self.stops = 0
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._before: dict[int, signal._HANDLER] = {}
        self._wakeup_before = -1

    def __enter__(self) -> "Signals":
        self._wakeup_before = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for number in _STOP:
            if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
                continue  # nohup
            self._before[number] = signal.signal(number, self._stop)
        # The default for SIGCHLD is to be ignored, which would not wake anyone.
        self._before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup_before)
        self._reader.close()
        self._writer.close()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stops += 1

    def wait(self, seconds: float) -> None:
        """Return after `seconds`, or as soon as a signal has arrived since the last call."""
        if select.select([self._reader], [], [], max(0.0, seconds))[0]:
            self._reader.recv(4096)
