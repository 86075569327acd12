"""How long to wait before something that died is started again."""

import time
from collections.abc import Callable

DELAYS_SECONDS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 10.0)
STABLE_SECONDS = 30.0
"""Who lived this long starts over with the first delay."""


class Backoff:
    """Restart times of one process; `clock` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._deaths = 0
        self._started_at = clock()

    def started(self) -> None:
        self._started_at = self._clock()

    def died(self) -> float:
        """Note a death and return the moment, on the clock, of the next start."""
        now = self._clock()
        if now - self._started_at >= STABLE_SECONDS:
            self._deaths = 0
        delay = DELAYS_SECONDS[min(self._deaths, len(DELAYS_SECONDS) - 1)]
        self._deaths += 1
        return now + delay
