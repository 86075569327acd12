"""Signals for tests of the audio code."""

import numpy as np

from tts.engines.base import Samples, Speech


def tone(seconds: float, *, rate: int = 22050, hertz: float = 220.0, amplitude: float = 0.3) -> Samples:
    times = np.arange(round(seconds * rate)) / rate
    return (amplitude * np.sin(2 * np.pi * hertz * times)).astype(np.float32)


def silence(seconds: float, *, rate: int = 22050) -> Samples:
    return np.zeros(round(seconds * rate), dtype=np.float32)


def speech(samples: Samples, *, rate: int = 22050, voice: str = "test") -> Speech:
    return Speech(samples, rate, voice)


def hertz_of(samples: Samples, rate: int) -> float:
    """The strongest frequency."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum)) * rate / len(samples)
