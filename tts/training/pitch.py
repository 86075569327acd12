"""Pitch of a recording in numpy alone, so that measures run without the training tools.

Method: YIN (de Cheveigné and Kawahara, YIN, a fundamental frequency estimator for speech and music, JASA 111, 2002),
frame by frame with one lag choice each and a median over three frames.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tts.engines.base import Samples

Track = NDArray[np.float64]

FRAME_SECONDS = 0.005
LOW_HZ, HIGH_HZ = 50.0, 450.0

_WINDOW_SECONDS = 0.025
_THRESHOLD = 0.3
_QUIET_DB = -38.0


@dataclass(frozen=True, slots=True)
class PitchTrack:
    """`hz` (F,) is 0 where there is no pitch; frame k is centred at k · `FRAME_SECONDS`."""

    hz: Track

    @property
    def voiced(self) -> NDArray[np.bool_]:
        return self.hz > 0

    def semitones(self, start: float, end: float) -> Track:
        """Semitones above 1 Hz of the voiced frames from `start` to `end` seconds."""
        first, last = round(start / FRAME_SECONDS), round(end / FRAME_SECONDS)
        part = self.hz[max(0, first) : max(0, last) + 1]
        heights: Track = 12 * np.log2(part[part > 0])
        return heights


def track_pitch(samples: Samples, sample_rate: int) -> PitchTrack:
    """Pitch from 50 to 450 Hz. Frames 38 dB below the loudest count as silent."""
    window = round(_WINDOW_SECONDS * sample_rate)
    longest, shortest = int(sample_rate / LOW_HZ) + 1, int(sample_rate / HIGH_HZ)
    frames = _frames(samples.astype(np.float64), sample_rate, window + longest)
    ratio = _normalised_difference(frames, window, longest)
    lag, clear = _best_lags(ratio, shortest)
    level = 10 * np.log10(np.mean(frames**2, axis=1) + 1e-12)
    loud = level > level.max(initial=-120.0) + _QUIET_DB
    hz = np.where(clear & loud, sample_rate / lag, 0.0)
    return PitchTrack(_without_islands(hz))


def _frames(samples: Track, sample_rate: int, length: int) -> Track:
    hop = FRAME_SECONDS * sample_rate
    count = int(len(samples) / hop) + 1
    padded = np.pad(samples, (length // 2, length))
    starts = np.rint(np.arange(count) * hop).astype(int)
    frames: Track = padded[starts[:, None] + np.arange(length)]
    return frames


def _normalised_difference(frames: Track, window: int, longest: int) -> Track:
    """Equation 8 of the paper, (F, longest + 1); lag 0 is 1."""
    size = 1 << (2 * window + longest).bit_length()
    head = np.fft.rfft(frames[:, :window], size)
    correlation = np.fft.irfft(np.conj(head) * np.fft.rfft(frames, size), size)[:, : longest + 1]
    energy = np.cumsum(np.pad(frames**2, ((0, 0), (1, 0))), axis=1)
    moved = energy[:, window : window + longest + 1] - energy[:, : longest + 1]
    difference = np.maximum(moved[:, :1] + moved - 2 * correlation, 0.0)
    lags = np.arange(1, longest + 1)
    ratio = np.ones_like(difference)
    ratio[:, 1:] = difference[:, 1:] * lags / np.maximum(np.cumsum(difference[:, 1:], axis=1), 1e-12)
    return ratio


def _best_lags(ratio: Track, shortest: int) -> tuple[Track, NDArray[np.bool_]]:
    """Lag in samples, refined by a parabola, and whether it is below the threshold.

    The first dip below the threshold counts, not the deepest: that would often be two periods.
    """
    inner = ratio[:, shortest:-1]
    dip = (inner < ratio[:, shortest - 1 : -2]) & (inner <= ratio[:, shortest + 1 :])
    good = dip & (inner < _THRESHOLD)
    clear = np.asarray(good.any(axis=1))
    first = good.argmax(axis=1) + shortest
    rows = np.arange(len(ratio))
    left, centre, right = (ratio[rows, first + step] for step in (-1, 0, 1))
    bend = np.maximum(left - 2 * centre + right, 1e-9)
    return first + np.clip(0.5 * (left - right) / bend, -0.5, 0.5), clear


def _without_islands(hz: Track) -> Track:
    """A median over three frames; what is voiced for one frame only goes."""
    padded = np.pad(hz, 1)
    return np.median(np.stack([padded[:-2], padded[1:-1], padded[2:]]), axis=0)
