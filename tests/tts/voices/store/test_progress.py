import io
import itertools
from collections.abc import Sequence

import pytest

from tts.voices.store.progress import ProgressBar, human_bytes, human_seconds


class Screen(io.StringIO):
    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def drawn(terminal: bool, steps: Sequence[tuple[float, int]], total: int | None = 10_000_000) -> str:
    """What is on the screen after `steps` of (seconds, bytes)."""
    screen, clock = Screen(terminal), Clock()
    bar = ProgressBar(screen, "voice.onnx", clock=clock)
    for seconds, done in steps:
        clock.now = 100.0 + seconds
        bar(done, total)
    bar.close()
    return screen.getvalue()


def test_a_terminal_shows_bytes_rate_and_time_left() -> None:
    last = drawn(True, [(0, 0), (1, 1_000_000), (2, 2_000_000)]).split("\r")[-1]
    assert last.startswith("voice.onnx  [#####...................]  20%")
    assert "2.0 MB of 10.0 MB  1.0 MB/s  0:08 left" in last
    assert last.endswith("\n")


def test_lines_of_a_terminal_cover_what_was_there_before() -> None:
    screen = drawn(True, [(0, 0), (1, 1), (2, 9_999_999), (3, 10_000_000)])
    lines = screen.rstrip("\n").split("\r")[1:]
    assert all(len(later) >= len(earlier.rstrip()) for earlier, later in itertools.pairwise(lines))


def test_a_log_gets_a_line_every_five_seconds() -> None:
    lines = drawn(False, [(second, second * 100_000) for second in range(13)]).splitlines()
    assert [line.split("%")[0][-4:].strip() for line in lines] == ["5", "10"]
    assert "\r" not in "".join(lines)


def test_what_is_done_at_once_is_not_drawn() -> None:
    assert drawn(True, [(0, 0), (0.05, 10_000_000)]) == ""
    assert drawn(False, [(0, 0), (3, 10_000_000)]) == ""


def test_an_unknown_total_shows_what_arrived() -> None:
    assert drawn(True, [(0, 0), (1, 500_000)], None).endswith("500.0 kB  500.0 kB/s\n")


def test_the_rate_is_that_of_the_last_seconds() -> None:
    steps = [(second, second * 2_000_000) for second in range(3)] + [(3 + n, 4_000_000) for n in range(5)]
    assert "4.0 MB of 10.0 MB  waiting" in drawn(True, steps).split("\r")[-1]


def test_a_file_that_starts_over_starts_a_new_rate() -> None:
    assert "1.0 MB/s" in drawn(True, [(0, 0), (1, 9_000_000), (2, 0), (3, 1_000_000)]).split("\r")[-1]


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (63_201_294, "63.2 MB"), (1_500, "1.5 kB"), (2e9, "2.00 GB")],
)
def test_bytes_are_readable(count: float, text: str) -> None:
    assert human_bytes(count) == text


@pytest.mark.parametrize(("seconds", "text"), [(-1, "0:00"), (65.4, "1:05"), (7205, "2:00:05")])
def test_seconds_are_readable(seconds: float, text: str) -> None:
    assert human_seconds(seconds) == text
