import numpy as np
import pytest

from tests.tts.audio.tones import hertz_of, tone
from tts.audio.resample import resample


@pytest.mark.parametrize("target", [8000, 16000, 24000, 44100, 48000])
def test_duration_and_pitch_survive(target: int) -> None:
    converted = resample(tone(1.0, hertz=440), 22050, target)
    assert converted.dtype == np.float32
    assert len(converted) == pytest.approx(target, abs=1)
    assert hertz_of(converted, target) == pytest.approx(440, abs=2)


def test_equal_rates_cost_nothing() -> None:
    samples = tone(0.1)
    assert resample(samples, 22050, 22050) is samples


def test_nothing_stays_nothing() -> None:
    assert len(resample(np.zeros(0, np.float32), 22050, 48000)) == 0
