"""How far a download is, for people: a bar on a terminal, a line now and then in a log."""

import time
from collections.abc import Callable
from typing import TextIO

BAR_CHARACTERS = 24
REDRAW_SECONDS = 0.1
LINE_SECONDS = 5.0
_RATE_SECONDS = 3.0


def human_bytes(count: float) -> str:
    """`63.2 MB`: decimal units, as publishers write them."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.2f} GB"


def human_seconds(seconds: float) -> str:
    """`1:05`, or `2:00:05` from an hour on."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class ProgressBar:
    """A `Watch` that draws: bytes, rate and the time left, the rate being that of the last seconds.

    Nothing is drawn for what is done at once. `close` ends the line. `clock` is in seconds.
    """

    def __init__(self, stream: TextIO, label: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._label = label
        self._clock = clock
        self._terminal = stream.isatty()
        self._drawn_at: float | None = None
        self._width = 0
        self._marks: list[tuple[float, int]] = []
        self._last: tuple[int, int | None] | None = None

    def __call__(self, done: int, total: int | None) -> None:
        now = self._clock()
        if self._marks and done < self._marks[-1][1]:
            self._marks.clear()
        self._marks.append((now, done))
        while len(self._marks) > 2 and self._marks[1][0] <= now - _RATE_SECONDS:
            self._marks.pop(0)
        self._last = done, total
        if self._drawn_at is None:
            self._drawn_at = now
        elif now - self._drawn_at >= (REDRAW_SECONDS if self._terminal else LINE_SECONDS):
            self._draw(now)

    def close(self) -> None:
        """Show how it ended, if anything was shown."""
        if self._terminal and self._width:
            self._draw(self._clock())
            self._stream.write("\n")
            self._stream.flush()
        self._width = 0

    def _draw(self, now: float) -> None:
        if self._last is None:
            return
        line = f"{self._label}  {self._text(*self._last)}"
        if self._terminal:
            self._stream.write("\r" + line.ljust(self._width))
        else:
            self._stream.write(line + "\n")
        self._stream.flush()
        self._drawn_at, self._width = now, len(line)

    def _text(self, done: int, total: int | None) -> str:
        rate = self._rate()
        speed = f"{human_bytes(rate)}/s" if rate else "waiting"
        if not total:
            return f"{human_bytes(done)}  {speed}"
        share = min(1.0, done / total)
        filled = round(share * BAR_CHARACTERS)
        left = f"  {human_seconds((total - done) / rate)} left" if rate and done < total else ""
        bar = f"[{'#' * filled}{'.' * (BAR_CHARACTERS - filled)}] " if self._terminal else ""
        return f"{bar}{share:4.0%}  {human_bytes(done)} of {human_bytes(total)}  {speed}{left}"

    def _rate(self) -> float:
        """Bytes per second lately."""
        (first, start), (last, end) = self._marks[0], self._marks[-1]
        return (end - start) / (last - first) if last > first else 0.0
