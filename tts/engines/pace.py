"""How long an engine takes for a text, learned from what it did."""


class Pace:
    """Expected seconds of synthesis: a fixed part for each task, and one that grows with the work it asks for.

    The work of a text is its number of characters divided by the speaking rate. How the two parts relate changes little
    and is learned slowly, by least squares over texts of different lengths; how fast the machine is now is an
    exponential average with weight 0.2, which follows a machine that gets busy within a few requests and forgets one
    slow start as fast. Without the fixed part, a fast voice that is asked for greetings all day would be thought too
    slow for a page.
    """

    WEIGHT = 0.2
    DOUBT = 0.9
    MEMORY = 0.99
    """What one observation leaves of the weight of those before it in the least squares."""

    MAX_FIXED_UNITS = 200.0
    """The fixed part is never taken for more than that many characters would take."""

    ORDINARY_UNITS = 2000.0
    """A text of more work was made long on purpose; that it is passed over says nothing against the pace known."""

    FARTHEST = 10.0
    """What texts show of one that is longer by more than this factor is not enough to refuse it."""

    def __init__(self) -> None:
        self._line = _Line(self.MEMORY)
        self._longest_units = 0.0
        self._seconds_per_unit: float | None = None
        self._seconds_per_task: float | None = None

    def learn(self, *, characters: float, speed: float, seconds: float) -> None:
        units = _units(characters, speed)
        self._longest_units = max(self._longest_units, units)
        usual, before = self._line.mean_x(), self._fixed_units
        self._line.add(units, seconds)
        if self._seconds_per_unit is not None:
            # The same pace in terms of the new fixed part, for the texts it was learned from.
            self._seconds_per_unit *= (before + usual) / (self._fixed_units + usual)
        self._seconds_per_unit = self._moved(self._seconds_per_unit, seconds / (self._fixed_units + units))
        self._seconds_per_task = self._moved(self._seconds_per_task, seconds)

    @property
    def seconds_per_task(self) -> float:
        """Mean seconds of recent tasks of whatever length; 0.0 while nothing has been learned."""
        return self._seconds_per_task or 0.0

    def expected_seconds(self, *, characters: float, speed: float) -> float:
        """Expected seconds of synthesis; 0.0 while nothing has been learned."""
        return self._expected(_units(characters, speed))

    def least_seconds(self, *, characters: float, speed: float) -> float:
        """Expected seconds of as much of the work as experience allows to tell: ten times what was ever learned from.

        A worker that has only said "hello" knows what a greeting costs, and nearly nothing of a page.
        """
        return self._expected(min(_units(characters, speed), self.FARTHEST * self._longest_units))

    def late(self, *, characters: float, speed: float, seconds: float) -> None:
        """The engine was stopped after `seconds` and was not done: expect up to twice as long, of whatever it was.

        At most twice what was expected, because an engine that hangs on a greeting is no slow one.
        """
        expected = self.expected_seconds(characters=characters, speed=speed)
        if self._seconds_per_unit is not None and expected < 2 * seconds:
            self._seconds_per_unit *= min(2.0, 2 * seconds / expected)

    def doubt(self, *, characters: float, speed: float) -> None:
        """The engine was passed over for its pace, so nothing new was learned: expect 10 % less the next time.

        Without this, one very slow synthesis would keep an engine from being asked ever again.
        """
        if self._seconds_per_unit is not None and _units(characters, speed) <= self.ORDINARY_UNITS:
            self._seconds_per_unit *= self.DOUBT

    def _expected(self, units: float) -> float:
        return (self._seconds_per_unit or 0.0) * (self._fixed_units + units)

    @property
    def _fixed_units(self) -> float:
        """The fixed part of a task in characters; 0.0 while all texts were of one length."""
        return min(self.MAX_FIXED_UNITS, self._line.intercept_in_slopes())

    def _moved(self, known: float | None, observed: float) -> float:
        return observed if known is None else known + self.WEIGHT * (observed - known)


class _Line:
    """Least squares with weights that fade: seconds = intercept + slope x units."""

    def __init__(self, memory: float) -> None:
        self._memory = memory
        self._weight = self._x = self._y = self._xx = self._xy = 0.0

    def add(self, x: float, y: float) -> None:
        fade = self._memory
        self._weight = fade * self._weight + 1.0
        self._x = fade * self._x + x
        self._y = fade * self._y + y
        self._xx = fade * self._xx + x * x
        self._xy = fade * self._xy + x * y

    def mean_x(self) -> float:
        return self._x / self._weight if self._weight else 0.0

    def intercept_in_slopes(self) -> float:
        """Intercept divided by slope, neither below zero; 0.0 where the points do not tell."""
        spread = self._weight * self._xx - self._x * self._x
        if spread <= 1e-6 * self._xx * max(1.0, self._weight):
            return 0.0
        slope = (self._weight * self._xy - self._x * self._y) / spread
        intercept = (self._y - slope * self._x) / self._weight
        if intercept <= 0.0:
            return 0.0
        return intercept / slope if slope > 0.0 else float("inf")


def _units(characters: float, speed: float) -> float:
    return max(1.0, characters / speed)
