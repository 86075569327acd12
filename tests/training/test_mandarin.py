"""Mandarin data up to the analysis: sentences, espeak-ng's timing, tones."""

import numpy as np
import pytest

from tts.text.zh.mandarin_ipa import TONE_MARKS, syllable_ipa
from tts.text.zh.pinyin import Syllable
from tts.training import sentences_zh
from tts.training.espeak_timing import Phone, TimingError, speak_timed
from tts.training.mandarin_timing import align, espeak_text, timeline
from tts.training.sentences_zh import (
    MandarinSentence,
    read_sentence,
    spelled,
    split_words,
    training_sentences,
)
from tts.training.tone_contour import Contour, TimedTone, contour

SENTENCE = "妈妈骑马去上海, 熊猫吃竹子?"


@pytest.fixture(scope="module")
def sentences() -> list[MandarinSentence]:
    return training_sentences(seed=7)


def test_sentences_depend_on_the_seed_alone(sentences: list[MandarinSentence]) -> None:
    assert training_sentences(seed=7) == sentences
    assert training_sentences(seed=8) != sentences


def test_every_syllable_of_common_characters_occurs_with_its_tones(sentences: list[MandarinSentence]) -> None:
    counts = sentences_zh.coverage(sentences)
    inventory = [spelled(syllable) for syllable in sentences_zh.syllable_inventory()]
    assert len(inventory) > 1_200
    assert [syllable for syllable in inventory if not counts[syllable]] == []
    assert sorted(counts[syllable] for syllable in inventory)[len(inventory) // 4] >= 4


def test_every_mark_ends_some_phrase(sentences: list[MandarinSentence]) -> None:
    assert {phrase.mark for sentence in sentences for phrase in sentence.phrases} == set(sentences_zh.MARKS)


def test_no_training_sentence_shares_four_characters_with_a_test_sentence(
    sentences: list[MandarinSentence],
) -> None:
    tests = ["".join(filter(str.isalpha, text)) for text in sentences_zh.test_sentences()]
    parts = {text[place : place + 4] for text in tests for place in range(len(text) - 3)}
    trained = ["".join(filter(str.isalpha, sentence.text)) for sentence in sentences]
    names = {word for kind in ("name", "idiom") for word in sentences_zh._vocabulary()[kind]}
    shared = [text for text in trained if text not in names and any(part in text for part in parts)]
    assert shared == []


def test_all_test_sentences_can_be_read() -> None:
    tests = sentences_zh.test_sentences()
    assert len(set(tests)) == 100
    for text in tests:
        assert len(read_sentence(split_words(text)).syllables) == sum(map(str.isalpha, text))


def test_espeak_says_the_syllables_it_is_asked_for(sentences: list[MandarinSentence]) -> None:
    for sentence in sentences[:25]:
        speech = speak_timed(espeak_text(sentence), "cmn")
        timed = align(sentence.syllables, speech.phones)
        borders = [edge for part in timed for edge in (part.start, part.vowels, part.coda, part.end)]
        assert len(timed) == len(sentence.syllables)
        assert borders == sorted(borders)
        assert borders[-1] <= len(speech.samples)


def test_the_same_text_gives_the_same_samples_whatever_was_said_before() -> None:
    first = speak_timed("ni3hao3.", "cmn")
    speak_timed("Something else, and much louder!", "en-us", pitch=90)
    assert np.array_equal(speak_timed("ni3hao3.", "cmn").samples, first.samples)


def test_an_unknown_voice_is_refused() -> None:
    with pytest.raises(TimingError, match="no voice"):
        speak_timed("ni3hao3.", "klingon-qo")


def test_phones_that_do_not_fit_the_syllables_are_refused() -> None:
    spoken = speak_timed("ma1ma5.", "cmn")
    with pytest.raises(TimingError, match="left out"):
        align([Syllable("man", 1), Syllable("ma", 5)], spoken.phones)
    with pytest.raises(TimingError, match="more phones"):
        align([Syllable("ma", 1)], spoken.phones)


def test_the_timeline_has_the_platforms_symbols_and_tones_take_no_time() -> None:
    sentence = read_sentence(split_words(SENTENCE))
    timed = align(sentence.syllables, speak_timed(espeak_text(sentence), "cmn").phones)
    line = timeline(sentence, timed, 0)
    first, second = ("".join(str(syllable_ipa(s)) for s in phrase.syllables) for phrase in sentence.phrases)
    assert "".join(line.symbols) == f"^{first}, {second}?$"
    durations = np.diff(line.ends, prepend=0)
    assert (durations >= 0).all()
    silent = set(TONE_MARKS.values()) | {" ", "$"}
    zero = {symbol for symbol, frames in zip(line.symbols, durations, strict=True) if frames == 0}
    assert silent <= zero
    # Leaving out the first frames of the recording, a dozen syllables last between two and four seconds.
    assert 150 < line.ends[-1] < 350


def test_tones_of_a_timeline_lie_on_the_vowels() -> None:
    sentence = read_sentence(["他", "骂", "."])
    phones = [
        *(Phone("th", 1000, 2000), Phone("'A", 2000, 5000), Phone("m", 5000, 6000)),
        *(Phone("'A", 6000, 9000), Phone("_", 9000, 9500)),
    ]
    line = timeline(sentence, align(sentence.syllables, phones), 0)
    assert line.tones == (TimedTone(1, 4, 8, 20), TimedTone(4, 20, 23, 35, "."))


def syllable(tone: int, place: int, closes: str = "") -> TimedTone:
    return TimedTone(tone, 20 * place, 20 * place + 5, 20 * place + 20, closes)


def pair(first: int, second: int) -> tuple[Contour, Contour]:
    tones = (TimedTone(first, 0, 6, 24), TimedTone(second, 24, 30, 48, "."))
    pitch = contour(tones, 48)
    return pitch[6:24], pitch[30:]


@pytest.mark.parametrize("before", [1, 2, 3, 4])
def test_a_tone_has_its_shape_whatever_comes_before(before: int) -> None:
    level, rising, low, falling = (pair(before, tone)[1] for tone in (1, 2, 3, 4))
    assert level[10:].min() > 3
    assert abs(level[-1] - level[10]) < 1.5
    assert rising[-1] - rising[8] > 4
    assert low[8:16].max() < -3
    assert falling[:8].max() > 2
    assert falling[-1] < -3


def test_pitch_goes_on_smoothly_where_one_tone_follows_another() -> None:
    tones = [syllable(tone, place) for place, tone in enumerate((4, 2, 3, 1, 5, 1, 4, 4, 2, 1, 3, 4))]
    assert np.abs(np.diff(contour(tones, 240))).max() < 2.7


def test_a_neutral_tone_is_high_after_a_low_one_and_low_after_a_fall() -> None:
    assert pair(3, 5)[1].mean() > pair(4, 5)[1].mean() + 4


def test_questions_end_higher_and_phrases_decline() -> None:
    tones = [*(syllable(1, place) for place in range(9)), syllable(1, 9, "?")]
    statement, question = contour(tones, 200), contour(tones, 200, question=True)
    assert question[-1] > statement[-1] + 1.5
    assert statement[30] > statement[-5] + 0.5


def test_a_text_that_makes_espeak_abort_is_an_error_and_the_next_is_spoken() -> None:
    with pytest.raises(TimingError, match="ended its process"):
        speak_timed("s'" * 80, "en-us")
    assert len(speak_timed("ni3hao3.", "cmn").samples) > 5_000
