import warnings
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

with warnings.catch_warnings():
    # pyworld imports pkg_resources, which warns.
    warnings.simplefilter("ignore")
    pytest.importorskip("pyworld", reason="the training environment has pyworld, the platform's has not")

from tts.training.analysis import (
    filled_log_pitch,
    find_envelopes,
    find_pitch,
    resampled_pitch,
)
from tts.training.bandwidth import CUTOFF_HZ, UpperBand, learn_upper_band
from tts.training.envelopes import Envelopes, grid_hz, loudness
from tts.training.frames import frame_count

RATE = 16_000


def hum(hertz: float, seconds: float = 0.5, rate: int = RATE) -> NDArray[np.float64]:
    """Pulses through a resonance at 800 Hz."""
    pulses = np.zeros(int(seconds * rate))
    pulses[:: round(rate / hertz)] = 1.0
    time = np.arange(200) / rate
    ring = np.sin(2 * np.pi * 800 * time) * np.exp(-time * 400)
    return 0.3 * np.convolve(pulses, ring)[: len(pulses)]


def hiss(seconds: float = 0.5, level: float = 0.05) -> NDArray[np.float64]:
    return np.random.default_rng(3).normal(0, level, int(seconds * RATE))


def random_envelopes(frames: int, seed: int) -> Envelopes:
    """Voiced frames fall and unvoiced ones rise towards high frequencies, each as steeply above as below."""
    chance = np.random.default_rng(seed)
    pitch = np.where(np.arange(frames) % 2, 120.0, 0.0)
    slope = np.where(pitch > 0, -1.0, 0.5) * chance.uniform(0.5, 1.5, frames)
    level = chance.uniform(-8, -4, frames)
    return Envelopes(level[:, None] + slope[:, None] * grid_hz() / 4_000, pitch)


def test_pitch_is_found_where_the_sound_repeats_and_nowhere_else() -> None:
    samples = np.concatenate([hum(160), hiss(), np.zeros(RATE // 2)])
    pitch = find_pitch(samples, RATE, 90, 450)
    assert len(pitch) == frame_count(len(samples), RATE)
    hummed, hissed, silent = pitch[4:38], pitch[48:80], pitch[92:]
    assert (hummed > 0).mean() > 0.9
    assert hummed[hummed > 0] == pytest.approx(160, rel=0.02)
    assert (hissed > 0).mean() < 0.2
    assert not silent.any()


def test_a_known_pitch_is_resampled_without_flicker() -> None:
    known = np.repeat([0.0, 100.0, 0.0], [20, 60, 20])
    known[45] = 0.0
    pitch = resampled_pitch(known, 0.005, frame_count(int(0.5 * RATE), RATE))
    voiced = np.flatnonzero(pitch)
    assert pitch[voiced] == pytest.approx(100.0)
    assert len(voiced) == voiced[-1] - voiced[0] + 1 == pytest.approx(0.3 * 22_050 / 256, abs=1)


def test_resampling_silence_gives_silence() -> None:
    assert not resampled_pitch(np.zeros(50), 0.005, 20).any()


@pytest.mark.parametrize("rate", [16_000, 22_050, 32_000])
def test_the_envelope_peaks_at_the_resonance_whatever_the_rate(rate: int) -> None:
    samples = hum(125, rate=rate)
    envelopes = find_envelopes(samples, rate, np.full(frame_count(len(samples), rate), 125.0))
    assert envelopes.log_amplitude.shape[1] == len(grid_hz())
    peak = grid_hz()[envelopes.log_amplitude[10:30].mean(axis=0).argmax()]
    assert peak == pytest.approx(800, rel=0.1)


@pytest.mark.parametrize("rate", [16_000, 22_050, 32_000])
def test_loudness_survives_analysis(rate: int) -> None:
    samples = hum(125, rate=rate)
    pitch = np.full(frame_count(len(samples), rate), 125.0)
    envelopes = find_envelopes(samples, rate, pitch)
    middle = np.zeros(len(pitch), bool)
    middle[8:-8] = True
    # What is above half the rate is repeated, not cut; too little here to count.
    assert loudness(envelopes.log_amplitude, middle) == pytest.approx(np.sqrt((samples**2).mean()), rel=0.15)


def test_pitch_is_interpolated_over_unvoiced_frames() -> None:
    log_pitch = filled_log_pitch(np.array([0.0, 100.0, 0.0, 200.0, 0.0]))
    assert np.exp(log_pitch) == pytest.approx([100, 100, np.sqrt(20_000), 200, 200])


def test_the_upper_band_is_learned_for_voiced_and_unvoiced_apart() -> None:
    band = learn_upper_band([random_envelopes(400, seed=1)])
    assert band.error_db(random_envelopes(100, seed=2)) < 0.5


def test_filling_leaves_the_lower_band_alone_and_replaces_the_upper() -> None:
    band = learn_upper_band([random_envelopes(400, seed=1)])
    whole = random_envelopes(50, seed=2)
    narrow = Envelopes(np.where(grid_hz() > 8_000, -11.5, whole.log_amplitude), whole.pitch)
    filled = band.fill(narrow)
    low = grid_hz() < CUTOFF_HZ - 600
    assert np.array_equal(filled.log_amplitude[:, low], narrow.log_amplitude[:, low])
    assert filled.log_amplitude == pytest.approx(whole.log_amplitude, abs=0.2)


def test_an_upper_band_can_be_stored(tmp_path: Path) -> None:
    band = learn_upper_band([random_envelopes(400, seed=1)])
    band.save(tmp_path / "band.npy")
    assert np.array_equal(UpperBand.load(tmp_path / "band.npy").weights, band.weights)
