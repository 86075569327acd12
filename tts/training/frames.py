"""Frames: the steps of time in which a network hears and speaks."""

import numpy as np
from numpy.typing import NDArray

from tts.training.utterance import HOP, SAMPLE_RATE

FRAMES_PER_SECOND = SAMPLE_RATE / HOP
LEAD_FRAMES, TAIL_FRAMES = 4, 8
"""Silence kept before and after the speech; the platform adds its own pauses between sentences."""

_MARKS = frozenset(",.?!;:")


def frame_count(samples: int, sample_rate: int) -> int:
    return int(samples / sample_rate * FRAMES_PER_SECOND) + 1


def frame_times(count: int) -> NDArray[np.float64]:
    """The middle of each frame in seconds; the first is at 0."""
    return np.arange(count) / FRAMES_PER_SECOND


def frame_durations(ends: NDArray[np.float64], frames: int) -> NDArray[np.int32]:
    """Frames per symbol from the `ends` (T,) in seconds; they add up to `frames`."""
    borders = np.minimum(np.rint(ends * FRAMES_PER_SECOND).astype(np.int32), frames)
    borders[-1] = frames
    return np.diff(borders, prepend=np.int32(0)).astype(np.int32)


def trimmed(durations: NDArray[np.int32], ipa: str) -> slice:
    """Shorten, in place, the silence of `^` and of the end of the sentence; returns the frames that remain."""
    frames = int(durations.sum())
    lead = max(0, int(durations[0]) - LEAD_FRAMES)
    durations[0] -= lead
    last = len(durations) - 1
    silent_from = last - (1 if ipa[-1:] in set(",.?!;:") else 0)
    excess = max(0, int(durations[silent_from:].sum()) - TAIL_FRAMES)
    for place in range(last, silent_from - 1, -1):
        cut = min(excess, int(durations[place]))
        durations[place] -= cut
        excess -= cut
    return slice(lead, lead + int(durations.sum())) if lead < frames else slice(0, 0)
