"""A circuit breaker: stop asking an engine that keeps failing, try again after a while."""

import time

from tts.engines.base import Clock


class CircuitBreaker:
    """Opens after `threshold` failures in a row, for `cool_down_seconds`; then lets one request through to see.

    Pattern: M. Nygard, "Release It!", 2007. Not thread-safe; one worker process has one.
    """

    def __init__(
        self, *, threshold: int = 5, cool_down_seconds: float = 10.0, clock: Clock = time.monotonic
    ) -> None:
        self._threshold = threshold
        self._cool_down = cool_down_seconds
        self._clock = clock
        self._failures = 0
        self._open_until = 0.0

    @property
    def is_open(self) -> bool:
        return self._failures >= self._threshold and self._clock() < self._open_until

    def success(self) -> None:
        self._failures = 0

    def failure(self) -> None:
        self._failures += 1
        if self._failures >= self._threshold:
            self._open_until = self._clock() + self._cool_down
