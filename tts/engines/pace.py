"""How long an engine takes for a text, learned from what it did."""


class Pace:
    """Seconds of synthesis per second of work asked, as a moving average over recent requests.

    The work of a text is its number of characters divided by the speaking rate. An exponential average with weight
    0.2 follows a machine that gets busy within a few requests and forgets one slow start as fast.
    """

    WEIGHT = 0.2
    DOUBT = 0.9

    def __init__(self) -> None:
        self._seconds_per_unit: float | None = None
        self._seconds_per_task: float | None = None

    def learn(self, *, characters: int, speed: float, seconds: float) -> None:
        self._seconds_per_unit = self._moved(self._seconds_per_unit, seconds / max(1.0, characters / speed))
        self._seconds_per_task = self._moved(self._seconds_per_task, seconds)

    @property
    def seconds_per_task(self) -> float:
        """Mean seconds of recent tasks of whatever length; 0.0 while nothing has been learned."""
        return self._seconds_per_task or 0.0

    def expected_seconds(self, *, characters: int, speed: float) -> float:
        """Expected seconds of synthesis; 0.0 while nothing has been learned."""
        return (self._seconds_per_unit or 0.0) * max(1.0, characters / speed)

    def doubt(self) -> None:
        """The engine was passed over for its pace, so nothing new was learned: expect 10 % less the next time.

        Without this, one very slow synthesis would keep an engine from being asked ever again.
        """
        if self._seconds_per_unit is not None:
            self._seconds_per_unit *= self.DOUBT

    def _moved(self, known: float | None, observed: float) -> float:
        return observed if known is None else known + self.WEIGHT * (observed - known)
