"""Gives recordings of narrow band a plausible upper band, learned from a speaker recorded with all of it.

For voiced and for unvoiced frames apart, ridge regression predicts the log amplitudes above `CUTOFF_HZ` from those
below. Both are taken relative to the frame's mean below, so loudness plays no part.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tts.training.envelopes import Array, Envelopes, grid_hz

CUTOFF_HZ = 7_200.0
FADE_HZ = 600.0
"""From CUTOFF_HZ - FADE_HZ to CUTOFF_HZ the recording gives way to the prediction."""

RIDGE = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class UpperBand:
    """`weights` (2, low + 1, high): unvoiced and voiced; rows are the points below the cut-off and a constant."""

    weights: Array

    def fill(self, envelopes: Envelopes) -> Envelopes:
        """`envelopes` with everything above the cut-off predicted."""
        filled = envelopes.log_amplitude.copy()
        low, high = _bands()
        mean = filled[:, low].mean(axis=1, keepdims=True)
        for kind, weights in enumerate(self.weights):
            rows = envelopes.voiced == bool(kind)
            filled[np.ix_(rows, high)] = _inputs(envelopes.log_amplitude[rows]) @ weights + mean[rows]
        share = np.clip((grid_hz()[high] - CUTOFF_HZ + FADE_HZ) / FADE_HZ, 0, 1)
        filled[:, high] = share * filled[:, high] + (1 - share) * envelopes.log_amplitude[:, high]
        return Envelopes(filled, envelopes.pitch)

    def error_db(self, envelopes: Envelopes) -> float:
        """Mean absolute difference to the true upper band of full-band `envelopes`, in dB."""
        high = grid_hz() >= CUTOFF_HZ
        difference = self.fill(envelopes).log_amplitude[:, high] - envelopes.log_amplitude[:, high]
        return float(np.abs(difference).mean() * 20 / np.log(10))

    def save(self, path: Path) -> None:
        np.save(path, self.weights, allow_pickle=False)

    @classmethod
    def load(cls, path: Path) -> "UpperBand":
        return cls(np.load(path, allow_pickle=False))


def learn_upper_band(recordings: list[Envelopes]) -> UpperBand:
    """Learn from full-band recordings, a few minutes in all, with voiced and unvoiced frames."""
    amplitude = np.concatenate([recording.log_amplitude for recording in recordings])
    voiced = np.concatenate([recording.voiced for recording in recordings])
    low, high = _bands()
    outputs = amplitude[:, high] - amplitude[:, low].mean(axis=1, keepdims=True)
    kinds = [_ridge(_inputs(amplitude[voiced == kind]), outputs[voiced == kind]) for kind in (False, True)]
    return UpperBand(np.stack(kinds))


def _bands() -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Indices of the grid points that are certain, and of those that are predicted, fully or in part."""
    frequencies = grid_hz()
    edge = CUTOFF_HZ - FADE_HZ
    return np.flatnonzero(frequencies < edge), np.flatnonzero(frequencies >= edge)


def _inputs(amplitude: Array) -> Array:
    below = amplitude[:, _bands()[0]]
    return np.hstack([below - below.mean(axis=1, keepdims=True), np.ones((len(below), 1))])


def _ridge(inputs: Array, outputs: Array) -> Array:
    penalty = np.diag([*[RIDGE] * (inputs.shape[1] - 1), 0.0])
    return np.asarray(np.linalg.solve(inputs.T @ inputs + penalty, inputs.T @ outputs), np.float64)
