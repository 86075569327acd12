"""Tones heard in a pitch contour: how high the middle and the end of a syllable's rime are, and nothing else.

The beginning is left out since every tone starts where the one before ended. Thresholds were fixed on words that
espeak-ng spoke and that are not in the test list (`python -m tts.training.measure_tones --calibrate`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tts.training.pitch import PitchTrack, Track

LEAST_FRAMES = 6

WHOLE = 3_600.0
"""Seconds beyond the end of any recording."""


@dataclass(frozen=True, slots=True)
class VoiceRange:
    """Semitones above 1 Hz between which nine tenths of a voice's pitch lies."""

    low: float
    high: float

    @property
    def width(self) -> float:
        return max(1.0, self.high - self.low)


@dataclass(frozen=True, slots=True)
class Shape:
    """Heights of the middle and the end of a rime, 0 at the bottom of the voice's range and 1 at its top."""

    middle: float
    end: float


@dataclass(frozen=True, slots=True)
class Thresholds:
    """A change of `rise` or more to an end above `high_end` is a rise, of `fall` or more downwards a fall; where
    neither is and the middle is below `low`, the tone is low."""

    rise: float = 0.1
    fall: float = 0.1
    high_end: float = 0.6
    low: float = 0.25


THRESHOLDS = Thresholds()


def voice_range(tracks: Sequence[PitchTrack]) -> VoiceRange:
    """From every voiced frame of some words."""
    heights = np.concatenate([track.semitones(0.0, WHOLE) for track in tracks])
    low, high = np.quantile(heights, (0.05, 0.95))
    return VoiceRange(float(low), float(high))


def shape_of(contour: Track, voice: VoiceRange) -> Shape | None:
    """The shape of a rime's `contour` (semitones above 1 Hz), None where too little of it is voiced."""
    if len(contour) < LEAST_FRAMES:
        return None
    scaled = (contour - voice.low) / voice.width
    middle = scaled[int(0.35 * len(scaled)) : int(0.65 * len(scaled)) + 1]
    end = scaled[int(0.7 * len(scaled)) : int(0.92 * len(scaled)) + 1]
    return Shape(float(np.median(middle)), float(np.median(end)))


def tone_of(shape: Shape, thresholds: Thresholds = THRESHOLDS) -> int:
    """1 level and high, 2 rising, 3 low or dipping, 4 falling."""
    change = shape.end - shape.middle
    if change >= thresholds.rise and shape.end >= thresholds.high_end:
        return 2
    if change <= -thresholds.fall and shape.middle >= thresholds.low:
        return 4
    return 3 if shape.middle < thresholds.low else 1
