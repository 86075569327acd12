"""How long an engine takes for a text, learned from what it did."""


class Pace:
    """Seconds of synthesis per second of work asked, as a moving average over recent requests.

    The work of a text is its number of characters divided by the speaking rate. An exponential average with weight
    0.2 follows a machine that gets busy within a few requests and forgets one slow start as fast.
    """

    WEIGHT = 0.2

    def __init__(self) -> None:
        self._seconds_per_unit: float | None = None

    def learn(self, *, characters: int, speed: float, seconds: float) -> None:
        observed = seconds / max(1.0, characters / speed)
        known = self._seconds_per_unit
        self._seconds_per_unit = observed if known is None else known + self.WEIGHT * (observed - known)

    def expected_seconds(self, *, characters: int, speed: float) -> float:
        """Expected seconds of synthesis; 0.0 while nothing has been learned."""
        return (self._seconds_per_unit or 0.0) * max(1.0, characters / speed)
