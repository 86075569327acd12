import numpy as np
import pytest
from numpy.typing import NDArray

from tts.training.utterance import CEPSTRA, HOP, SAMPLE_RATE, WARP

torch = pytest.importorskip("torch", reason="the training environment has PyTorch, the platform's has not")

from tts.training.synthesizer import Synthesizer, Timbre  # noqa: E402 - needs PyTorch

FRAMES = 120
PLAIN = Timbre(noise_share=0.0, flutter=0.0, dispersion=0.0)
MIDDLE = slice(20 * HOP, 100 * HOP)


def steady(cepstrum: list[float]) -> NDArray[np.float32]:
    row = np.zeros(CEPSTRA, np.float32)
    row[: len(cepstrum)] = cepstrum
    return np.tile(row, (FRAMES, 1))


def samples(
    cepstrum: list[float], *, hertz: float = 147.0, voicing: float = 1.0, timbre: Timbre = PLAIN
) -> NDArray[np.float64]:
    log_f0 = np.full(FRAMES, np.log(hertz), np.float32)
    inputs = (steady(cepstrum), log_f0, np.full(FRAMES, voicing, np.float32))
    result: NDArray[np.float64] = (
        Synthesizer(timbre)(*(torch.from_numpy(value) for value in inputs)).numpy().astype(np.float64)
    )
    return result


def power_spectrum(wave: NDArray[np.float64]) -> NDArray[np.float64]:
    size = len(wave)
    result: NDArray[np.float64] = np.abs(np.fft.rfft(wave * np.hanning(size))) ** 2 / (size * 0.375)
    return result


def test_a_frame_is_a_hop_of_samples() -> None:
    assert samples([-3.0]).shape == (FRAMES * HOP,)


@pytest.mark.parametrize("voicing", [0.0, 1.0])
def test_the_first_coefficient_is_the_level(voicing: float) -> None:
    middle = samples([-3.0], voicing=voicing)[MIDDLE]
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(np.exp(-3.0), rel=0.02)


@pytest.mark.parametrize("hertz", [80.0, 147.0, 410.0])
def test_power_is_at_multiples_of_the_pitch(hertz: float) -> None:
    middle = samples([-3.0], hertz=hertz)[MIDDLE]
    power = power_spectrum(middle)
    frequency = np.arange(len(power)) * SAMPLE_RATE / len(middle)
    distance = np.abs(frequency / hertz - np.round(frequency / hertz)) * hertz
    harmonic = (distance < 4 * SAMPLE_RATE / len(middle)) & (frequency > hertz / 2)
    assert power[harmonic].sum() / power.sum() > 0.99


def test_pitch_glides_without_a_break() -> None:
    log_f0 = torch.linspace(float(np.log(100.0)), float(np.log(300.0)), FRAMES)
    wave = Synthesizer(PLAIN)(torch.from_numpy(steady([-3.0])), log_f0, torch.ones(FRAMES)).numpy()
    pulses = np.flatnonzero((wave[1:-1] > 0.25) & (wave[1:-1] > wave[:-2]) & (wave[1:-1] >= wave[2:]))
    periods = np.diff(pulses)
    assert len(periods) > 200
    assert np.all(np.abs(np.diff(periods)) <= 3)


@pytest.mark.parametrize("voicing", [0.0, 1.0])
def test_the_spectrum_follows_the_warped_cepstrum(voicing: float) -> None:
    cepstrum = [-3.0, 0.6, -0.4, 0.3, 0.2]
    power = power_spectrum(samples(cepstrum, hertz=90.0, voicing=voicing)[MIDDLE])
    frequency = np.linspace(0.0, np.pi, len(power))
    warped = frequency + 2.0 * np.arctan(WARP * np.sin(frequency) / (1.0 - WARP * np.cos(frequency)))
    expected = np.exp(2.0 * sum(c * np.cos(n * warped) for n, c in enumerate(cepstrum)))
    ratio = [
        np.log(got.mean() / want.mean())
        for got, want in zip(np.array_split(power, 24), np.array_split(expected, 24), strict=True)
    ]
    assert np.abs(ratio).max() < 0.35


def test_the_filter_is_causal_and_of_minimum_phase() -> None:
    wave = samples([-3.0, 0.5, 0.3], hertz=60.0)
    flat = samples([-3.0], hertz=60.0)
    pulse = 40 * HOP + int(np.argmax(flat[40 * HOP : 42 * HOP]))
    before, after = wave[pulse - 40 : pulse - 3], wave[pulse - 3 : pulse + 40]
    assert np.sum(before**2) < 0.02 * np.sum(after**2)


def test_noise_takes_its_share_above_the_border_only() -> None:
    mixed = Timbre(noise_from=4000.0, noise_full=4500.0, noise_share=0.5, flutter=0.0, dispersion=0.0)
    middle = samples([-3.0], hertz=200.0, timbre=mixed)[MIDDLE]
    power = power_spectrum(middle)
    frequency = np.arange(len(power)) * SAMPLE_RATE / len(middle)
    between = np.abs(frequency / 200.0 - np.round(frequency / 200.0)) > 0.25
    low, high = frequency < 3800.0, frequency > 5000.0
    assert power[between & low].sum() < 0.01 * power[low].sum()
    # Half of the power is noise, and half of the noise lies in the half farther from the harmonics.
    assert power[between & high].sum() / power[high].sum() == pytest.approx(0.25, abs=0.05)


def test_dispersion_lowers_the_peaks_and_keeps_the_power() -> None:
    sharp, spread = samples([-3.0]), samples([-3.0], timbre=Timbre(0.0, 1.0, 0.0, 0.0, 0.5))
    assert np.abs(spread[MIDDLE]).max() < 0.97 * np.abs(sharp[MIDDLE]).max()
    assert np.mean(spread[MIDDLE] ** 2) == pytest.approx(np.mean(sharp[MIDDLE] ** 2), rel=0.02)


def test_flutter_moves_the_pitch_by_its_depth() -> None:
    inputs = (torch.from_numpy(steady([-3.0])), torch.full((FRAMES,), 5.0), torch.ones(FRAMES))
    synthesizer = Synthesizer(Timbre(flutter=1.0))
    still, moving = synthesizer(*inputs, 0.0), synthesizer(*inputs, 1.0)
    assert not torch.allclose(still, moving, atol=1e-2)
    assert torch.equal(still, Synthesizer(Timbre(flutter=0.0))(*inputs, 1.0))


def test_quiet_frames_are_silent() -> None:
    assert np.abs(samples([-14.0], voicing=0.0)).max() < 1e-5
