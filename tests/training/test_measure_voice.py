import json

import numpy as np
import pytest

from tts.engines.base import Speech
from tts.training.measure_voice import (
    average_spectrum,
    high_band,
    main,
    portrait,
    spectral_distance,
    syllables,
)

RATE = 22_050


def buzz(hz: float, *, harmonics: int = 20, seconds: float = 1.0) -> Speech:
    time = np.arange(round(seconds * RATE)) / RATE
    waves = (np.sin(2 * np.pi * hz * k * time) / k for k in range(1, harmonics + 1))
    return Speech((0.2 * sum(waves, np.zeros(len(time)))).astype(np.float32), RATE, "buzz")


@pytest.mark.parametrize(
    ("ipa", "count"),
    [("niˊxaʊˇ, tsaɪˋtɕiɛnˋ.", 4), ("həlˈoʊ wˈɜːld", 3), ("", 0)],
)
def test_syllables_are_counted_by_tones_or_by_vowels(ipa: str, count: int) -> None:
    assert syllables(ipa) == count


def test_a_portrait_tells_pitch_pace_and_voicing() -> None:
    hiss = Speech(np.random.default_rng(5).normal(0, 0.1, RATE).astype(np.float32), RATE, "hiss")
    measured = portrait([buzz(150.0), hiss], 6)
    assert measured.pitch_hz == pytest.approx(150.0, rel=0.01)
    assert measured.pitch_spread < 0.3
    assert measured.syllables_per_second == pytest.approx(3.0)
    assert 0.4 < measured.unvoiced < 0.6


def test_brighter_sounds_have_more_power_above_four_kilohertz() -> None:
    assert high_band([buzz(200.0, harmonics=10)]) < -60 < high_band([buzz(200.0, harmonics=40)])


def test_spectra_differ_by_timbre_and_not_by_loudness() -> None:
    first = buzz(120.0)
    louder = Speech(first.samples * 3, RATE, "louder")
    other = buzz(120.0, harmonics=50)
    spectra = [average_spectrum([speech]) for speech in (first, louder, other)]
    assert spectral_distance(spectra[0], spectra[1]) < 0.1
    assert spectral_distance(spectra[0], spectra[2]) > 1.0


@pytest.mark.slow
def test_the_fallbacks_four_speakers_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--engine", "espeak", "--language", "zh-CN"]) == 0
    lines = capsys.readouterr().out.splitlines()
    facts = json.loads(lines[-1])
    pitches = [speaker["pitch_hz"] for speaker in facts["speakers"]]
    assert len(lines) == 5
    assert min(pitches[:2]) > max(pitches[2:])
    assert facts["spectral_distance_db"]["0-2"] > facts["spectral_distance_db"]["0-1"]
