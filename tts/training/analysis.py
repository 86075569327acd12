"""From a recording to its pitch and spectral envelopes, frame by frame.

Envelopes: CheapTrick (Morise, CheapTrick, a spectral envelope estimator for high-quality speech synthesis, 2015).
Pitch, where the teacher does not tell it: Harvest (Morise, Harvest: a high-performance fundamental frequency
estimator from speech signals, 2017), refined by StoneMask of the same author.
"""

import numpy as np
import pyworld
from numpy.typing import NDArray

from tts.training.envelopes import Array, Envelopes, grid_hz
from tts.training.frames import FRAMES_PER_SECOND, frame_times
from tts.training.utterance import SAMPLE_RATE

FFT_SIZE = 1024
FLOOR = np.log(1e-5)
"""Least log amplitude, some 80 dB below speech: digital silence would otherwise outweigh all else in training."""

REPETITION_BAND_HZ = 1_200.0
MIN_REPETITION = 0.5
"""Correlation of neighboring periods from which on a frame counts as voiced."""


def find_pitch(samples: Array, sample_rate: int, low_hz: float, high_hz: float) -> Array:
    """Pitch of each frame in Hz, 0 where there is none."""
    period = 1000 / FRAMES_PER_SECOND
    rough, times = pyworld.harvest(
        samples, sample_rate, f0_floor=low_hz, f0_ceil=high_hz, frame_period=period
    )
    pitch: Array = pyworld.stonemask(samples, rough, times, sample_rate)
    # Harvest bridges consonants and finds pitch in silence; what it finds there does not repeat from period to period.
    found: Array = pitch * (_repetition(samples, sample_rate, pitch) > MIN_REPETITION)
    return found


def resampled_pitch(pitch: Array, seconds_per_value: float, count: int) -> Array:
    """`pitch` (Hz, 0 if unvoiced) at `count` frames; a frame is voiced if the nearest value is.

    Gaps and islands of one or two values are taken for mistakes.
    """
    voiced = _without_flicker(pitch > 0)
    if not voiced.any():
        return np.zeros(count)
    places = np.flatnonzero(pitch > 0)
    smooth = np.interp(np.arange(len(pitch)), places, pitch[places])
    position = np.minimum(frame_times(count) / seconds_per_value, len(pitch) - 1)
    between = np.interp(position, np.arange(len(pitch)), smooth)
    return np.where(voiced[np.rint(position).astype(int)], between, 0.0)


def find_envelopes(samples: Array, sample_rate: int, pitch: Array) -> Envelopes:
    """Envelopes of a recording at any rate, as they are once it is resampled to `SAMPLE_RATE`.

    Above half of `sample_rate` the last value is repeated; see `tts.training.bandwidth`.
    """
    power = pyworld.cheaptrick(samples, pitch, frame_times(len(pitch)), sample_rate, fft_size=FFT_SIZE)
    log_amplitude = 0.5 * np.log(np.maximum(power * (SAMPLE_RATE / sample_rate), np.exp(2 * FLOOR)))
    bins = np.minimum(grid_hz() * FFT_SIZE / sample_rate, FFT_SIZE / 2)
    below = np.minimum(bins.astype(int), FFT_SIZE // 2 - 1)
    part = bins - below
    return Envelopes(log_amplitude[:, below] * (1 - part) + log_amplitude[:, below + 1] * part, pitch)


def filled_log_pitch(pitch: Array) -> Array:
    """Natural logarithm of the pitch, interpolated where there is none. Some frame must be voiced."""
    places = np.flatnonzero(pitch > 0)
    filled: Array = np.interp(np.arange(len(pitch)), places, np.log(pitch[places]))
    return filled


def _repetition(samples: Array, sample_rate: int, pitch: Array) -> Array:
    """Correlation (F,) of two periods around each frame with the two a period later; 0 where there is no pitch."""
    low = _low_passed(samples, sample_rate)
    repetition = np.zeros(len(pitch))
    for index in np.flatnonzero(pitch > 0):
        period = round(sample_rate / pitch[index])
        start = round(index * sample_rate / FRAMES_PER_SECOND) - 3 * period // 2
        if start < 0 or start + 3 * period > len(low):
            continue
        this, later = low[start : start + 2 * period], low[start + period : start + 3 * period]
        repetition[index] = this @ later / (np.linalg.norm(this) * np.linalg.norm(later) + 1e-9)
    return repetition


def _low_passed(samples: Array, sample_rate: int) -> Array:
    spectrum = np.fft.rfft(samples)
    frequencies = np.fft.rfftfreq(len(samples), 1 / sample_rate)
    gain = np.clip(2 - frequencies / REPETITION_BAND_HZ, 0, 1)
    return np.fft.irfft(spectrum * gain, len(samples))


def _without_flicker(voiced: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Every value decided by the majority of the five around it."""
    padded = np.pad(voiced.astype(int), 2, mode="edge")
    votes = np.convolve(padded, np.ones(5, int), mode="valid")
    return votes >= 3
