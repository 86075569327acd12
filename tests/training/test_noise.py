import numpy as np
import pytest
from numpy.typing import NDArray

torch = pytest.importorskip("torch", reason="the training environment has PyTorch, the platform's has not")

from tts.training.noise import white_noise  # noqa: E402 - needs PyTorch

COUNT = 22050 * 20


@pytest.fixture(scope="module")
def noise() -> NDArray[np.float64]:
    values: NDArray[np.float64] = white_noise(COUNT).numpy().astype(np.float64)
    return values


def test_noise_has_mean_0_and_power_1(noise: NDArray[np.float64]) -> None:
    assert noise.mean() == pytest.approx(0.0, abs=0.005)
    assert noise.var() == pytest.approx(1.0, abs=0.005)


def test_noise_of_any_length_begins_alike(noise: NDArray[np.float64]) -> None:
    assert np.array_equal(white_noise(1000).numpy(), noise[:1000].astype(np.float32))


def test_noise_has_no_tone_in_it(noise: NDArray[np.float64]) -> None:
    power = np.abs(np.fft.rfft(noise))[1:-1] ** 2
    # The largest of n exponential values is about ln n.
    assert power.max() / power.mean() < 1.5 * np.log(len(power))


def test_every_band_has_the_same_power(noise: NDArray[np.float64]) -> None:
    bands = np.array_split(np.abs(np.fft.rfft(noise))[1:] ** 2, 40)
    means = np.array([band.mean() for band in bands])
    assert np.abs(means / means.mean() - 1.0).max() < 0.05


def test_noise_never_repeats(noise: NDArray[np.float64]) -> None:
    spectrum = np.abs(np.fft.rfft(noise, 2 * COUNT)) ** 2
    likeness = np.fft.irfft(spectrum)[1 : COUNT // 2] / COUNT
    # The largest of n normal values is about sqrt(2 ln n) deviations.
    assert np.abs(likeness).max() < 1.3 * np.sqrt(2.0 * np.log(len(likeness)) / (COUNT / 2))
