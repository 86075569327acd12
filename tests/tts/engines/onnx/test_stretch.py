import numpy as np
import pytest

from tts.engines.base import Samples
from tts.engines.onnx.stretch import at_speed

RATE = 16000


def tone(seconds: float, hertz: float) -> Samples:
    return (0.3 * np.sin(2 * np.pi * hertz * np.arange(int(RATE * seconds)) / RATE)).astype(np.float32)


def pitch(samples: Samples) -> float:
    """Hertz of the loudest partial, away from the ends."""
    inner = samples[len(samples) // 4 : -len(samples) // 4] * np.hanning(
        len(samples[len(samples) // 4 : -len(samples) // 4])
    )
    return float(np.abs(np.fft.rfft(inner, 1 << 18)).argmax()) * RATE / (1 << 18)


@pytest.mark.parametrize("speed", [0.5, 0.75, 1.25, 2.0])
def test_time_changes_and_pitch_stays(speed: float) -> None:
    stretched = at_speed(tone(2.0, 220.0), RATE, speed)
    assert len(stretched) == round(2.0 * RATE / speed)
    assert pitch(stretched) == pytest.approx(220.0, abs=1.0)


@pytest.mark.parametrize("speed", [0.5, 2.0])
def test_silence_between_sounds_stays_where_it_was(speed: float) -> None:
    samples = np.concatenate([tone(0.5, 220.0), np.zeros(RATE, dtype=np.float32), tone(0.5, 330.0)])
    stretched = at_speed(samples, RATE, speed)
    quiet = stretched[int(0.7 * RATE / speed) : int(1.3 * RATE / speed)]
    assert np.abs(quiet).max() < 0.01
    assert np.abs(stretched[: int(0.4 * RATE / speed)]).max() > 0.2


def test_normal_speed_and_silence_pass_untouched() -> None:
    samples = tone(0.1, 220.0)
    assert at_speed(samples, RATE, 1.0) is samples
    assert len(at_speed(np.zeros(0, dtype=np.float32), RATE, 0.5)) == 0
