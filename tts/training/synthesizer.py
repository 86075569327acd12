"""A source-filter synthesiser of ordinary tensor operators, so that it can be part of an ONNX graph.

Band-limited pulses and white noise, mixed by frequency, pass through the minimum-phase filter of a warped cepstrum,
one windowed frame at a time (overlap and add). It has no weights; its Fourier matrices are computed from ranges, which
takes no room in a file and which onnxruntime folds when it loads the graph.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from tts.training.noise import white_noise
from tts.training.utterance import CEPSTRA, HOP, SAMPLE_RATE, WARP

FFT = 1024
BINS = FFT // 2 + 1
_WINDOW = 2 * HOP
_LOG_FLOOR, _LOG_CEILING = -14.0, 4.0
_FLUTTER_RATES = (12.7, 7.1, 4.7)
_DISPERSION_PERIOD_HZ = 900.0


@dataclass(frozen=True, slots=True)
class Timbre:
    """How pulses are made less machine-like.

    Voiced frames are pulses below `noise_from` Hz; the share of noise power rises to `noise_share` at `noise_full` Hz.
    `flutter` is the depth of Klatt's slow pitch variation, 1.0 being about 1.5 % (Klatt & Klatt, 1990). `dispersion`
    is the swing of the pulses' phase in radians, as in the pulse dispersion filter of MELP (McCree & Barnwell, 1995).
    """

    noise_from: float = 4000.0
    noise_full: float = 9000.0
    noise_share: float = 0.4
    flutter: float = 0.5
    dispersion: float = 0.7


def warped(frequency: Tensor) -> Tensor:
    """Radians on the warped scale for radians per sample."""
    return frequency + 2.0 * torch.atan(WARP * torch.sin(frequency) / (1.0 - WARP * torch.cos(frequency)))


class Synthesizer(nn.Module):
    """Frames to samples."""

    one: Tensor

    def __init__(self, timbre: Timbre | None = None) -> None:
        super().__init__()
        self.timbre = timbre or Timbre()
        # What depends on a buffer is not computed by PyTorch's exporter, so matrices leave no trace in the file.
        self.register_buffer("one", torch.ones(1))

    def forward(
        self, cepstra: Tensor, log_f0: Tensor, voicing: Tensor, flutter: Tensor | float = 1.0
    ) -> Tensor:
        """`cepstra` (F, CEPSTRA), `log_f0` (F,) and `voicing` (F,) from 0.0 to 1.0 to samples (F * HOP,).

        `flutter` scales the timbre's.
        """
        pulses = self._pulses(self._fluttering(torch.exp(log_f0), flutter))
        noise = white_noise(pulses.shape[0] * HOP).reshape(-1, HOP)
        gain, phase = _minimum_phase(cepstra, self.one)
        voiced = voicing.unsqueeze(1) * (1.0 - self._noise_share())
        real, imaginary = _spectrum(pulses, self.one)
        real, imaginary = _turned(real, imaginary, self._dispersion())
        noise_real, noise_imaginary = _spectrum(noise, self.one)
        pulse_gain, noise_gain = gain * torch.sqrt(voiced), gain * torch.sqrt(1.0 - voiced)
        real = real * pulse_gain + noise_real * noise_gain
        imaginary = imaginary * pulse_gain + noise_imaginary * noise_gain
        return _overlap_added(_waves(*_turned(real, imaginary, phase), self.one))

    def _fluttering(self, f0: Tensor, depth: Tensor | float) -> Tensor:
        """Klatt's sum of three sines of unrelated rates, which repeats after minutes only."""
        seconds = torch.arange(f0.shape[0]).float() * (HOP / SAMPLE_RATE)
        swing = sum(torch.sin(seconds * (2.0 * math.pi * rate)) for rate in _FLUTTER_RATES)
        return f0 * (1.0 + swing * (0.005 * self.timbre.flutter) * depth)

    def _noise_share(self) -> Tensor:
        """(1, BINS)"""
        low, high = self.timbre.noise_from, self.timbre.noise_full
        return (
            torch.clamp((_bin_hertz() - low) / (high - low), 0.0, 1.0).unsqueeze(0) * self.timbre.noise_share
        )

    def _dispersion(self) -> Tensor:
        """Phase per bin (1, BINS); none below the second formant, where the ear follows the waveform."""
        hertz = _bin_hertz()
        swing = torch.cos(hertz * (2.0 * math.pi / _DISPERSION_PERIOD_HZ)) * self.timbre.dispersion
        return (swing * torch.clamp((hertz - 800.0) / 1200.0, 0.0, 1.0)).unsqueeze(0)

    def _pulses(self, f0: Tensor) -> Tensor:
        """All harmonics below half the sample rate, of power 1, as the closed form of a sum of cosines; (F, HOP)."""
        following = torch.cat([f0[1:], f0[-1:]])
        cycles = ((f0 + following) * (0.5 * HOP / SAMPLE_RATE)).double()
        start = torch.cumsum(cycles, dim=0) - cycles
        start = (start - torch.floor(start)).float().unsqueeze(1)
        sample = torch.arange(HOP).float().unsqueeze(0)
        slope = (following - f0).unsqueeze(1) * sample * sample / (2.0 * HOP * SAMPLE_RATE)
        turn = start + f0.unsqueeze(1) * sample / SAMPLE_RATE + slope
        half = (turn - torch.floor(turn)) * math.pi
        harmonics = torch.floor(0.5 * SAMPLE_RATE / f0).unsqueeze(1)
        order = 2.0 * harmonics + 1.0
        sine = torch.sin(half)
        # At the pulse itself the quotient is 0 / 0; its limit is the order.
        at_pulse = (torch.abs(sine) < 1e-3).float()
        quotient = torch.sin(order * half) / (sine + at_pulse) * (1.0 - at_pulse) + order * at_pulse
        return 0.5 * (quotient - 1.0) * torch.sqrt(2.0 / harmonics)


def _bin_hertz() -> Tensor:
    return torch.arange(BINS).float() * (SAMPLE_RATE / FFT)


def _minimum_phase(cepstra: Tensor, one: Tensor) -> tuple[Tensor, Tensor]:
    """Amplitude and phase (F, BINS) of the filter with this cepstrum on the warped scale."""
    angle = warped(torch.arange(BINS).float() * (2.0 * math.pi / FFT)).unsqueeze(0)
    order = torch.arange(CEPSTRA).float().unsqueeze(1) * one
    log_gain = cepstra @ torch.cos(order * angle)
    phase = -(cepstra @ torch.sin(order * angle))
    return torch.exp(torch.clamp(log_gain, _LOG_FLOOR, _LOG_CEILING)), phase


def _angles(rows: int, columns: int, one: Tensor) -> Tensor:
    """2 pi row column / FFT, reduced before it loses precision."""
    product = torch.arange(rows).float().unsqueeze(1) * one * torch.arange(columns).float().unsqueeze(0)
    return torch.fmod(product, float(FFT)) * (2.0 * math.pi / FFT)


def _spectrum(hops: Tensor, one: Tensor) -> tuple[Tensor, Tensor]:
    """Real and imaginary parts (F, BINS) of each hop with the one before it, under a Hann window."""
    before = torch.cat([torch.zeros_like(hops[:1]), hops[:-1]])
    window = 0.5 - 0.5 * torch.cos(torch.arange(_WINDOW).float() * (2.0 * math.pi / _WINDOW))
    frames = torch.cat([before, hops], dim=1) * window
    angles = _angles(_WINDOW, BINS, one)
    return frames @ torch.cos(angles), -(frames @ torch.sin(angles))


def _turned(real: Tensor, imaginary: Tensor, phase: Tensor) -> tuple[Tensor, Tensor]:
    cosine, sine = torch.cos(phase), torch.sin(phase)
    return real * cosine - imaginary * sine, real * sine + imaginary * cosine


def _waves(real: Tensor, imaginary: Tensor, one: Tensor) -> Tensor:
    """Inverse Fourier transform of half spectra: (F, FFT)."""
    bins = torch.arange(BINS).float()
    # All but the first and the last bin stand for two.
    edge = (bins < 0.5).float() + (bins > BINS - 1.5).float()
    weight = ((2.0 - edge) / FFT).unsqueeze(1)
    angles = _angles(BINS, FFT, one)
    return real @ (torch.cos(angles) * weight) - imaginary @ (torch.sin(angles) * weight)


def _overlap_added(waves: Tensor) -> Tensor:
    """Each wave (FFT,) placed HOP after the one before, from its second hop on: (F * HOP,)."""
    parts = FFT // HOP
    hops = waves.reshape(-1, parts, HOP)
    total = sum(functional.pad(hops[:, part], (0, 0, part, parts - 1 - part)) for part in range(parts))
    return total[1 : 1 + waves.shape[0]].reshape(-1)
