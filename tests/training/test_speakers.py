from dataclasses import replace

import numpy as np
import pytest

from tests.training.made_up import made_up_utterance
from tts.training.envelopes import to_log_amplitude
from tts.training.speakers import SPEAKERS, Speaker, in_the_voice_of, stretched

UTTERANCE = made_up_utterance(3)
PLAIN = Speaker(2, "anybody", pitch_center_hz=150.0)


def test_there_are_four_speakers_in_order() -> None:
    assert [speaker.number for speaker in SPEAKERS] == [0, 1, 2, 3]


def test_a_speaker_that_changes_nothing_keeps_the_teachers_voice() -> None:
    same = in_the_voice_of(PLAIN, UTTERANCE)
    assert (same.speaker, same.name) == (2, "made-up-3-2")
    assert same.cepstra == pytest.approx(UTTERANCE.cepstra, abs=1e-4)
    assert same.log_f0 == pytest.approx(UTTERANCE.log_f0)
    assert np.array_equal(same.durations, UTTERANCE.durations)


def test_pitch_moves_and_its_range_widens_around_the_center() -> None:
    changed = in_the_voice_of(replace(PLAIN, pitch=1.2, pitch_range=1.5), UTTERANCE)
    assert changed.log_f0.std() == pytest.approx(1.5 * UTTERANCE.log_f0.std(), rel=1e-4)
    center = replace(UTTERANCE, log_f0=np.full_like(UTTERANCE.log_f0, np.log(150.0)))
    moved = in_the_voice_of(replace(PLAIN, pitch=1.2, pitch_range=1.5), center)
    assert np.exp(moved.log_f0) == pytest.approx(180.0, rel=1e-4)


def test_warmth_raises_low_frequencies_and_lowers_high_ones() -> None:
    warm = in_the_voice_of(replace(PLAIN, warmth=0.1), UTTERANCE)
    plain = in_the_voice_of(PLAIN, UTTERANCE)
    low, high = (
        to_log_amplitude((warm.cepstra - plain.cepstra).astype(float), np.array([frequency]))
        for frequency in (0.0, 11_025.0)
    )
    assert low == pytest.approx(0.1, abs=1e-4)
    assert high == pytest.approx(-0.1, abs=1e-4)


@pytest.mark.parametrize("factor", [0.8, 0.93, 1.06, 1.5])
def test_stretching_multiplies_every_duration(factor: float) -> None:
    longer = stretched(UTTERANCE, factor)
    frames = len(UTTERANCE.cepstra)
    assert len(longer.cepstra) == round(frames * factor)
    assert np.abs(longer.durations - UTTERANCE.durations * factor).max() <= 1
    assert longer.log_f0[0] == UTTERANCE.log_f0[0]
    assert longer.log_f0.mean() == pytest.approx(UTTERANCE.log_f0.mean(), rel=0.01)
    assert set(longer.voiced.tolist()) == {0.0, 1.0}


def test_stretching_keeps_sounds_with_their_symbols() -> None:
    longer = stretched(UTTERANCE, 2.0)
    ends = np.cumsum(longer.durations)
    before = np.cumsum(UTTERANCE.durations)
    for symbol, end, old_end in zip(UTTERANCE.symbols, ends, before, strict=True):
        if symbol not in "^$":
            assert longer.cepstra[end - 4] == pytest.approx(UTTERANCE.cepstra[old_end - 2], abs=1e-5)
