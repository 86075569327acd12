"""Long work in short steps that gives way to everybody else."""

from collections.abc import Callable
from dataclasses import dataclass, field

LONGEST_PAUSE_SECONDS = 1.0


@dataclass(slots=True)
class Pacer:
    """Measures the steps and waits between them. `clock` tells seconds, `pause` waits as many as it is given."""

    pause: Callable[[float], None]
    clock: Callable[[], float]
    longest_seconds: float
    _began: float = field(init=False)
    _last: float = field(init=False)

    def __post_init__(self) -> None:
        self._began = self._last = self.clock()

    @property
    def is_over(self) -> bool:
        """Whether `longest_seconds` are over; for steps that may be long themselves."""
        return self.clock() - self._began >= self.longest_seconds

    def next(self) -> bool:
        """After a step, wait as long as it took, a second at most; false when `longest_seconds` are over."""
        self.pause(min(self.clock() - self._last, LONGEST_PAUSE_SECONDS))
        self._last = self.clock()
        return self._last - self._began < self.longest_seconds
