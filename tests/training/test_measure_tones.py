from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray

from tts.engines.base import Samples, Speech
from tts.text.zh.mandarin_ipa import spoken_units
from tts.text.zh.pinyin import NEUTRAL
from tts.training.espeak_timing import speak_timed
from tts.training.measure_tones import (
    HeardTone,
    calibration_words,
    hear,
    judge,
    read_words,
    rimes,
)
from tts.training.pitch import FRAME_SECONDS, track_pitch
from tts.training.time_warp import cheapest_path, warp_onto
from tts.training.tones import Shape, VoiceRange, shape_of, tone_of

RATE = 22_050


def hum(hz: NDArray[np.float64]) -> Samples:
    """A buzz whose pitch follows `hz`, one value per sample."""
    phase = np.cumsum(2 * np.pi * hz / RATE)
    return sum((np.sin(k * phase) / k for k in range(1, 12)), np.zeros(len(hz))).astype(np.float32) * 0.2


def test_the_list_has_all_pairs_of_tones_about_equally_often() -> None:
    words = read_words()
    full = [word for word in words if NEUTRAL not in word.tones]
    pairs = Counter(word.tones for word in full)
    assert len(full) == 200
    assert len(pairs) == 16
    assert set(pairs.values()) == {12, 13}
    assert len({word.text for word in words}) == len(words)


def test_the_platform_reads_the_words_with_the_tones_of_the_list() -> None:
    wrong = [word.text for word in read_words() if tuple(spoken_units(word.text)) != tuple_of_spoken(word)]
    assert wrong == []


def tuple_of_spoken(word: object) -> tuple[object, ...]:
    from tts.text.zh.pinyin import Syllable
    from tts.training.measure_tones import ToneWord

    assert isinstance(word, ToneWord)
    return tuple(
        Syllable(syllable.spelled, tone) for syllable, tone in zip(word.syllables, word.spoken, strict=True)
    )


def test_no_word_that_fixed_the_thresholds_is_in_the_list() -> None:
    listed = {word.syllables for word in read_words()}
    assert listed.isdisjoint(word.syllables for word in calibration_words(7))


@pytest.mark.parametrize(("low", "high"), [(70, 140), (120, 300), (300, 180)])
def test_pitch_is_followed_within_three_per_cent(low: float, high: float) -> None:
    course = np.linspace(low, high, RATE)
    track = track_pitch(hum(course), RATE).hz
    expected = np.interp(np.arange(len(track)) * FRAME_SECONDS, np.arange(RATE) / RATE, course)
    inner = slice(10, -10)
    assert (track[inner] > 0).all()
    assert np.abs(track[inner] / expected[inner] - 1).max() < 0.03


def test_noise_and_silence_have_no_pitch() -> None:
    noise = np.random.default_rng(3).normal(0, 0.2, RATE).astype(np.float32)
    assert track_pitch(noise, RATE).voiced.mean() < 0.05
    assert not track_pitch(np.zeros(RATE, np.float32), RATE).voiced.any()


@pytest.mark.parametrize(
    ("middle", "end", "tone"),
    [(0.9, 0.9, 1), (0.5, 0.9, 2), (0.1, 0.05, 3), (0.1, 0.4, 3), (0.7, 0.1, 4)],
)
def test_a_tone_is_known_by_its_middle_and_its_end(middle: float, end: float, tone: int) -> None:
    assert tone_of(Shape(middle, end)) == tone


def test_too_short_a_contour_has_no_shape() -> None:
    voice = VoiceRange(80.0, 92.0)
    assert shape_of(np.full(5, 86.0), voice) is None
    assert shape_of(np.full(20, 86.0), voice) == Shape(0.5, 0.5)


def test_warping_finds_a_moment_in_a_slower_recording() -> None:
    fast, slow = speak_timed("ma3che1.", "cmn", rate=190), speak_timed("ma3che1.", "cmn+f3", rate=130)
    warp = warp_onto(fast.samples, slow.samples, RATE)
    for quick, long in zip(fast.phones, slow.phones, strict=True):
        assert warp.seconds(quick.end) == pytest.approx(long.end / RATE, abs=0.06)


def test_the_cheapest_path_goes_from_end_to_end() -> None:
    cost = np.array([[0.0, 9.0, 9.0], [9.0, 0.0, 0.0]])
    assert cheapest_path(cost).tolist() == [[0, 0], [1, 1], [1, 2]]


def test_tones_of_espeak_are_mostly_heard_right_and_monotone_speech_is_not() -> None:
    words = [word for word in read_words() if NEUTRAL not in word.tones][::10]
    texts = [
        "".join(f"{s.spelled}{tone}" for s, tone in zip(w.syllables, w.spoken, strict=True)) for w in words
    ]

    def said(pitch_range: int) -> list[Speech]:
        spoken = (speak_timed(f"{text}.", "cmn+f3", pitch_range=pitch_range) for text in texts)
        return [Speech(speech.samples, RATE, "espeak-ng") for speech in spoken]

    natural, monotone = (judge(hear(words, said(pitch_range))) for pitch_range in (50, 0))
    assert natural.total == monotone.total == 2 * len(words)
    assert natural.rate >= 0.85, str(natural)
    assert monotone.rate <= 0.5, str(monotone)


def test_rimes_are_in_order_and_inside_the_word() -> None:
    word = read_words()[0]
    speech = Speech(speak_timed("fei1ji1.", "cmn").samples, RATE, "espeak-ng")
    (first, until), (second, end) = rimes(word, speech)
    assert 0.0 < first < until <= second < end <= speech.seconds


def test_neutral_tones_are_left_out_and_silence_counts_as_wrong() -> None:
    result = judge([HeardTone(1, Shape(0.9, 0.9)), HeardTone(NEUTRAL, Shape(0.5, 0.5)), HeardTone(2, None)])
    assert (result.right, result.total) == (1, 2)
    assert result.confusion == {(1, 1): 1, (2, 0): 1}
    assert "1/2 tones right: 50.0%" in str(result)
