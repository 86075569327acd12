import numpy as np
import pytest
from numpy.typing import NDArray

from tts.engines.onnx.istft import istft

N_FFT, HOP = 1024, 256


def stft(samples: NDArray[np.float32]) -> NDArray[np.complex64]:
    """Frames centred on multiples of the hop, zeros beyond the ends, a periodic Hann window."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)
    padded = np.pad(samples, N_FFT // 2)
    frames = [padded[start : start + N_FFT] * window for start in range(0, len(samples) + 1, HOP)]
    return np.fft.rfft(np.stack(frames), axis=1).T.astype(np.complex64)


@pytest.mark.parametrize("frames", [4, 40, 171])
def test_noise_survives_the_way_there_and_back(frames: int) -> None:
    samples = np.random.default_rng(7).standard_normal(HOP * frames).astype(np.float32)
    back = istft(stft(samples), n_fft=N_FFT, hop=HOP)
    assert back.dtype == np.float32
    assert back.shape == samples.shape
    assert np.abs(back - samples).max() < 1e-4


def test_a_steady_bin_is_a_steady_tone() -> None:
    spectrum = np.zeros((N_FFT // 2 + 1, 20), dtype=np.complex64)
    spectrum[8] = 100.0
    tone = istft(spectrum, n_fft=N_FFT, hop=HOP)
    expected = np.abs(np.fft.rfft(tone[HOP * 2 : HOP * 2 + N_FFT]))
    assert int(expected.argmax()) == 8
    assert len(tone) == HOP * 19
