"""Spectral envelopes and the mel-cepstra that describe them.

The logarithm L of an envelope is sampled evenly on the warped frequency scale w' and described by
L(w') = sum of c[n] cos(n w') for n = 0 … `CEPSTRA` - 1. A synthesiser that filters an excitation of variance 1 with
exp(L) speaks as loud as the recording the envelope is of.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tts.training.utterance import CEPSTRA, SAMPLE_RATE, WARP

Array = NDArray[np.float64]

GRID = 128
"""Points of the warped scale at which an envelope is sampled, at the middle of as many equal parts."""


@dataclass(frozen=True, slots=True, eq=False)
class Envelopes:
    """`log_amplitude` (F, GRID) of each frame at the frequencies `grid_hz()`; `pitch` (F,) in Hz, 0 if unvoiced."""

    log_amplitude: Array
    pitch: Array

    @property
    def voiced(self) -> NDArray[np.bool_]:
        return self.pitch > 0


def warped(frequency: Array, warp: float = WARP) -> Array:
    """The warped angle of an angle in 0 … pi: the phase of an all-pass filter with constant `warp`.

    `warped(x, -warp)` is the way back.
    """
    angle: Array = frequency + 2 * np.arctan2(warp * np.sin(frequency), 1 - warp * np.cos(frequency))
    return angle


def grid_hz() -> Array:
    """Frequencies in Hz of the `GRID` points, rising; the distance grows with them."""
    return warped(_grid(), -WARP) * SAMPLE_RATE / (2 * np.pi)


def to_cepstra(log_amplitude: Array) -> Array:
    """(F, GRID) to (F, CEPSTRA): the least-squares fit, which on this grid is a cut-off cosine transform."""
    fit = _cosines(_grid()).T * (2 / GRID)
    fit[0] /= 2
    return log_amplitude @ fit.T


def to_log_amplitude(cepstra: Array, frequencies_hz: Array) -> Array:
    """Natural log amplitude (F, n) at n frequencies."""
    return cepstra @ _cosines(warped(frequencies_hz * 2 * np.pi / SAMPLE_RATE)).T


def formant_scaling(factor: float) -> Array:
    """A matrix S so that `cepstra @ S` has every formant at `factor` times its frequency."""
    source = np.minimum(grid_hz() / factor, SAMPLE_RATE / 2)
    return to_cepstra(to_log_amplitude(np.eye(CEPSTRA), source))


def loudness(log_amplitude: Array, voiced: NDArray[np.bool_]) -> float:
    """Root mean square of the voiced frames as a synthesiser would make them (full scale is 1)."""
    width = np.gradient(grid_hz())
    power = np.exp(2 * log_amplitude[voiced]) @ (width / width.sum())
    return float(np.sqrt(power.mean()))


def _grid() -> Array:
    return np.pi * (np.arange(GRID) + 0.5) / GRID


def _cosines(angles: Array) -> Array:
    cosines: Array = np.cos(np.outer(angles, np.arange(CEPSTRA)))
    return cosines
