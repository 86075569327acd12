import numpy as np
import pytest

from tests.tts.audio.tones import silence, tone
from tts.audio.levels import (
    SILENCE_DBFS,
    amplitude_to_dbfs,
    dbfs_to_amplitude,
    frame_rms,
    loudest_dbfs,
    speech_dbfs,
)

RATE = 22050
TONE_DBFS = amplitude_to_dbfs(0.3 / np.sqrt(2))


def test_decibels_and_amplitudes_are_inverse() -> None:
    assert amplitude_to_dbfs(1.0) == 0.0
    assert dbfs_to_amplitude(-20.0) == pytest.approx(0.1)
    assert amplitude_to_dbfs(0.0) == SILENCE_DBFS


def test_frames_cover_every_sample_once() -> None:
    assert frame_rms(np.array([1, 1, 1, 1, 0.5], np.float32), 2).tolist() == [1.0, 1.0, 0.5]


def test_pauses_do_not_lower_the_level_of_speech() -> None:
    samples = np.concatenate([tone(1.0), silence(5.0), tone(1.0)])
    assert speech_dbfs(samples, RATE) == pytest.approx(TONE_DBFS, abs=0.2)


def test_a_quiet_background_does_not_lower_the_level_of_speech() -> None:
    samples = np.concatenate([tone(1.0), tone(5.0, amplitude=0.01)])
    assert speech_dbfs(samples, RATE) == pytest.approx(TONE_DBFS, abs=0.2)


def test_one_loud_frame_is_the_loudest() -> None:
    assert loudest_dbfs(np.concatenate([silence(1.0), tone(0.1), silence(1.0)]), RATE) == pytest.approx(
        TONE_DBFS, abs=0.2
    )


@pytest.mark.parametrize("samples", [silence(1.0), silence(0.0)])
def test_silence_has_the_lowest_level(samples: np.ndarray[tuple[int], np.dtype[np.float32]]) -> None:
    assert speech_dbfs(samples, RATE) == loudest_dbfs(samples, RATE) == SILENCE_DBFS
