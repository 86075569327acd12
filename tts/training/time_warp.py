"""Where a moment of one recording lies in another of the same words: dynamic time warping of their spectra.

Sakoe and Chiba, Dynamic programming algorithm optimization for spoken word recognition, IEEE Transactions on Acoustics,
Speech and Signal Processing 26, 1978. Spectra are taken on a mel-like scale and smoothed, so that pitch is not in them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tts.audio.resample import resample
from tts.engines.base import Samples

Array = NDArray[np.float64]

RATE = 16_000
STEP = 80
"""Samples between frames: 5 ms."""

BANDS = 20
"""Mel bands from 150 Hz to 7 kHz."""

_WINDOW = 400
_LOW_HZ, _HIGH_HZ = 150.0, 7_000.0
_FLOOR_DB = -60.0
_CEPSTRA = 10


@dataclass(frozen=True, slots=True, eq=False)
class Warp:
    """For each frame of the first recording the frame of the second; the first's samples are at `rate` Hz."""

    frames: Array
    rate: int

    def seconds(self, sample: int) -> float:
        """The moment in the second recording for a sample of the first."""
        position = sample / self.rate * RATE / STEP
        return float(np.interp(position, np.arange(len(self.frames)), self.frames)) * STEP / RATE


def warp_onto(reference: Samples, other: Samples, other_rate: int, reference_rate: int = 22050) -> Warp:
    """How `reference` must be stretched to lie on `other`."""
    a = spectral_frames(resample(reference, reference_rate, RATE))
    b = spectral_frames(resample(other, other_rate, RATE))
    path = cheapest_path(np.sqrt(((a[:, None, :] - b[None, :, :]) ** 2).sum(axis=2)))
    first, second = path[:, 0], path[:, 1]
    frames = np.array([second[first == frame].mean() for frame in range(len(a))])
    return Warp(np.maximum.accumulate(frames), reference_rate)


def spectral_frames(samples: Samples) -> Array:
    """(F, n): mel cepstra with their changes, each of variance 1 over the recording."""
    basis = np.cos(np.pi * np.outer(np.arange(BANDS) + 0.5, np.arange(_CEPSTRA)) / BANDS)
    cepstra = band_levels(samples) @ basis
    changes = np.gradient(cepstra, axis=0) if len(cepstra) > 1 else np.zeros_like(cepstra)
    both = np.concatenate([cepstra, changes], axis=1)
    scaled: Array = (both - both.mean(axis=0)) / (both.std(axis=0) + 1e-6)
    return scaled


def band_levels(samples: Samples) -> Array:
    """(F, BANDS) in dB, every 5 ms of samples at `RATE`; nothing lies more than 60 dB below the loudest."""
    count = max(1, len(samples) // STEP)
    padded = np.pad(samples.astype(np.float64), (_WINDOW // 2, _WINDOW))
    frames = padded[(np.arange(count) * STEP)[:, None] + np.arange(_WINDOW)] * np.hanning(_WINDOW)
    power = np.abs(np.fft.rfft(frames, 512)) ** 2 @ _mel_filters().T
    level: Array = 10 * np.log10(power + 1e-10)
    floored: Array = np.maximum(level, level.max() + _FLOOR_DB)
    return floored


def cheapest_path(cost: Array) -> NDArray[np.int64]:
    """Pairs (n, 2) from the first to the last of both sides, each step at most one further on either."""
    rows, columns = cost.shape
    total = np.full((rows + 1, columns + 1), np.inf)
    total[0, 0] = 0.0
    for row in range(rows):
        for column in range(columns):
            before = min(total[row, column], total[row, column + 1], total[row + 1, column])
            total[row + 1, column + 1] = cost[row, column] + before
    path = [(rows - 1, columns - 1)]
    while path[-1] != (0, 0):
        row, column = path[-1]
        steps = ((row - 1, column - 1), (row - 1, column), (row, column - 1))
        path.append(min(steps, key=lambda step: float(total[step[0] + 1, step[1] + 1])))
    return np.array(path[::-1], dtype=np.int64)


def _mel_filters() -> Array:
    """Triangles (bands, 257) evenly spaced in mel."""
    low, high = (1127 * float(np.log1p(hz / 700)) for hz in (_LOW_HZ, _HIGH_HZ))
    mels = np.linspace(low, high, BANDS + 2)
    edges = 700 * np.expm1(mels / 1127)
    bins = np.arange(257) * RATE / 512
    rising = (bins - edges[:-2, None]) / (edges[1:-1, None] - edges[:-2, None])
    falling = (edges[2:, None] - bins) / (edges[2:, None] - edges[1:-1, None])
    filters: Array = np.clip(np.minimum(rising, falling), 0.0, None)
    return filters
