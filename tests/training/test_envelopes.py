import numpy as np
import pytest

from tts.training.envelopes import (
    GRID,
    formant_scaling,
    grid_hz,
    loudness,
    to_cepstra,
    to_log_amplitude,
    warped,
)
from tts.training.utterance import CEPSTRA, WARP

FREQUENCIES = np.linspace(0, 11_025, 400)


def formant_at(frequency_hz: float) -> np.ndarray:
    """A smooth envelope, (1, GRID), with a peak."""
    return (2.0 * np.exp(-(((grid_hz() - frequency_hz) / 600) ** 2)))[None]


def peak_hz(cepstra: np.ndarray) -> float:
    return float(FREQUENCIES[to_log_amplitude(cepstra, FREQUENCIES)[0].argmax()])


def test_warping_keeps_the_ends_and_can_be_undone() -> None:
    angles = np.linspace(0, np.pi, 50)
    assert warped(np.array([0.0, np.pi])) == pytest.approx([0.0, np.pi])
    assert warped(warped(angles), -WARP) == pytest.approx(angles)
    assert (np.diff(warped(angles)) > 0).all()


def test_the_scale_gives_low_frequencies_more_points() -> None:
    frequencies = grid_hz()
    assert len(frequencies) == GRID
    assert np.sum(frequencies < 1_000) > 2 * np.sum(frequencies > 10_000)


def test_a_smooth_envelope_survives_the_way_to_cepstra_and_back() -> None:
    envelope = formant_at(1_500)
    cepstra = to_cepstra(envelope)
    assert cepstra.shape == (1, CEPSTRA)
    assert to_log_amplitude(cepstra, grid_hz()) == pytest.approx(envelope, abs=0.02)


def test_the_first_cepstrum_is_the_level() -> None:
    cepstra = to_cepstra(np.full((3, GRID), -4.5))
    assert cepstra[:, 0] == pytest.approx([-4.5] * 3)
    assert np.abs(cepstra[:, 1:]).max() < 1e-9


@pytest.mark.parametrize("factor", [0.9, 1.0, 1.1])
def test_formants_move_by_the_factor(factor: float) -> None:
    moved = to_cepstra(formant_at(2_000)) @ formant_scaling(factor)
    assert peak_hz(moved) == pytest.approx(2_000 * factor, rel=0.03)


def test_loudness_is_that_of_noise_filtered_by_the_envelope() -> None:
    flat = np.full((4, GRID), np.log(0.1))
    assert loudness(flat, np.ones(4, bool)) == pytest.approx(0.1)


def test_loudness_counts_voiced_frames_alone() -> None:
    half_silent = np.vstack([np.full((2, GRID), np.log(0.2)), np.full((2, GRID), -11.0)])
    assert loudness(half_silent, np.array([True, True, False, False])) == pytest.approx(0.2)
