"""The fallback is understood, and its four voices are four voices. Every score is in the assertion's message."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pytest

from tests import speech_checks
from tests.speech_checks import ENGLISH_SENTENCES, MANDARIN_SENTENCES, ForcedChoice, mandarin_words
from tests.tts.engines.espeak.texts import soon
from tts.engines.base import CancelToken, Samples, SpeechTask
from tts.engines.espeak.engine import EspeakEngine
from tts.engines.espeak.process import EspeakProcess
from tts.engines.espeak.wire import SAMPLE_RATE
from tts.text.types import Sentence

READING = {
    "en-US": "The ferry leaves the harbour at seven. Nobody expected snow in the middle of April, and she laughed.",
    "zh-CN": "火车八点半出发，我们下个星期开会。图书馆在学校后面，外面下着大雨。",
}


@pytest.fixture(scope="module")
def engine() -> Iterator[EspeakEngine]:
    engine = EspeakEngine(EspeakProcess())
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def english() -> ForcedChoice:
    return speech_checks.english_choice()


@pytest.fixture(scope="module")
def mandarin() -> ForcedChoice:
    return speech_checks.mandarin_choice()


def say(engine: EspeakEngine, text: str, language: str, speaker_id: int, speed: float = 1.0) -> Samples:
    task = SpeechTask((Sentence(text, language, 0),), speaker_id, speed=speed)
    return next(engine.speak(task, deadline=soon(), cancel=CancelToken())).samples


@pytest.mark.parametrize("speaker_id", range(4))
def test_english_is_understood(engine: EspeakEngine, english: ForcedChoice, speaker_id: int) -> None:
    understood = [
        sentence
        for sentence in ENGLISH_SENTENCES
        if english.hear(say(engine, sentence, "en-US", speaker_id), SAMPLE_RATE) == sentence
    ]
    assert len(understood) >= 10, f"speaker {speaker_id}: {len(understood)} of 12"


# The recogniser only knows English phones, and male voices on them least of all.
@pytest.mark.parametrize(("speaker_id", "enough"), [(0, 11), (1, 9), (2, 9), (3, 8)])
def test_mandarin_is_recognised(
    engine: EspeakEngine, mandarin: ForcedChoice, speaker_id: int, enough: int
) -> None:
    understood = [
        sentence
        for sentence, pinyin in MANDARIN_SENTENCES.items()
        if mandarin.hear(say(engine, sentence, "zh-CN", speaker_id), SAMPLE_RATE) == mandarin_words(pinyin)
    ]
    assert len(understood) >= enough, f"speaker {speaker_id}: {len(understood)} of 12"


@pytest.mark.parametrize("speed", [0.75, 1.5])
def test_english_is_understood_slower_and_faster(
    engine: EspeakEngine, english: ForcedChoice, speed: float
) -> None:
    understood = [
        sentence
        for sentence in ENGLISH_SENTENCES
        if english.hear(say(engine, sentence, "en-US", 0, speed), SAMPLE_RATE) == sentence
    ]
    assert len(understood) >= 9, f"speed {speed}: {len(understood)} of 12"


def test_recogniser_hears_nothing_in_what_is_not_its_language(
    engine: EspeakEngine, english: ForcedChoice, mandarin: ForcedChoice
) -> None:
    silence = np.zeros(3 * SAMPLE_RATE, np.float32)
    noise, tone = speech_checks.white_noise(3, SAMPLE_RATE), speech_checks.tone(3, SAMPLE_RATE)
    for recogniser in (english, mandarin):
        assert [recogniser.hear(sound, SAMPLE_RATE) for sound in (silence, noise, tone)] == ["", "", ""]
    heard = [mandarin.hear(say(engine, text, "en-US", 0), SAMPLE_RATE) for text in ENGLISH_SENTENCES]
    assert heard.count("") >= 9, f"{12 - heard.count('')} of 12 English sentences taken for Mandarin"
    backwards = say(engine, ENGLISH_SENTENCES[0], "en-US", 0)[::-1].copy()
    assert english.hear(backwards, SAMPLE_RATE) == ""


@pytest.mark.parametrize("language", READING)
def test_women_and_men_speak_at_their_pitch(engine: EspeakEngine, language: str) -> None:
    pitches = [
        speech_checks.pitch_hz(say(engine, READING[language], language, n), SAMPLE_RATE) for n in range(4)
    ]
    message = ", ".join(f"{pitch:.0f} Hz" for pitch in pitches)
    assert all(165 <= pitch <= 245 for pitch in pitches[:2]), message
    assert all(85 <= pitch <= 140 for pitch in pitches[2:]), message
    assert pitches[0] > 1.05 * pitches[1], message
    assert pitches[3] > 1.1 * pitches[2], message


@pytest.mark.parametrize("language", READING)
def test_four_speakers_have_four_timbres(engine: EspeakEngine, language: str) -> None:
    voices = [say(engine, READING[language], language, speaker_id) for speaker_id in range(4)]
    distances = {
        (one, other): speech_checks.timbre_distance_db(voices[one], voices[other], SAMPLE_RATE)
        for one, other in combinations(range(4), 2)
    }
    message = ", ".join(f"{pair}: {distance:.1f} dB" for pair, distance in distances.items())
    assert min(distances.values()) > 1.8, message
    assert all(distances[woman, man] > 4 for woman in (0, 1) for man in (2, 3)), message


def test_pitch_of_known_tones_is_found() -> None:
    for hertz in (90.0, 130.0, 220.0, 400.0):
        times = np.arange(SAMPLE_RATE) / SAMPLE_RATE
        buzz = sum(np.sin(2 * np.pi * hertz * harmonic * times) / harmonic for harmonic in range(1, 8))
        measured = speech_checks.pitch_hz(np.asarray(0.2 * buzz, np.float32), SAMPLE_RATE)
        assert measured == pytest.approx(hertz, rel=0.02)
    assert speech_checks.pitch_hz(speech_checks.white_noise(1, SAMPLE_RATE), SAMPLE_RATE) == 0.0
