"""The voices that come with Voxgate: whole, described, understood, and the same on every machine."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import speech_checks
from tests.speech_checks import ENGLISH_SENTENCES, MANDARIN_SENTENCES, mandarin_words
from tts.engines.base import CancelToken, Deadline, Samples, SpeechTask
from tts.engines.espeak.phonemes import EspeakPhonemizer
from tts.engines.espeak.process import EspeakProcess
from tts.engines.onnx.engine import OnnxEngine
from tts.text import prepare
from tts.voices.library import STARTER_DIRECTORY, VoiceLibrary
from tts.voices.voice import VoiceState

NAMES = ("voxgate-starter-en", "voxgate-starter-zh")
MAX_BYTES = 4_000_000
SAMPLE_RATE = 22050
READING = {
    "en-US": "The ferry leaves the harbour at seven. Nobody expected snow in the middle of April, and she laughed.",
    "zh-CN": "火车八点半出发，我们下个星期开会。图书馆在学校后面，外面下着大雨。",
}


def build_engine(cache: Path) -> OnnxEngine:
    """An engine with the shipped voices only."""
    library = VoiceLibrary(cache / "none", cache_directory=cache, starters=frozenset(NAMES))
    library.scan()
    process = EspeakProcess()
    return OnnxEngine(library, EspeakPhonemizer(process), on_close=process.close)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnnxEngine]:
    engine = build_engine(tmp_path_factory.mktemp("cache"))
    yield engine
    engine.close()


def say(engine: OnnxEngine, text: str, speaker_id: int) -> Samples:
    task = SpeechTask(prepare(text).sentences, speaker_id)
    pieces = engine.speak(task, deadline=Deadline.after(30.0), cancel=CancelToken())
    return next(iter(pieces)).samples


@pytest.mark.parametrize("name", NAMES)
def test_files_are_small_licensed_and_described(name: str) -> None:
    model, card = STARTER_DIRECTORY / f"{name}.onnx", STARTER_DIRECTORY / f"{name}.md"
    assert model.stat().st_size <= MAX_BYTES
    config = json.loads((STARTER_DIRECTORY / f"{name}.onnx.json").read_text(encoding="utf-8"))
    assert config["voxgate"]["licence"]
    text = card.read_text(encoding="utf-8")
    assert "starter" in text.lower()
    assert "manage.py voices install" in text


def test_both_are_ready_with_a_voice_for_each_standard_speaker(engine: OnnxEngine) -> None:
    voices = engine.voices()
    assert {voice.state for voice in voices} == {VoiceState.READY}
    for language in READING:
        own = [voice for voice in voices if voice.languages[0] == language]
        assert [voice.speaker_id for voice in own] == [0, 1, 2, 3]
        assert [voice.gender for voice in own] == ["female", "female", "male", "male"]


def test_a_mixed_sentence_is_spoken_by_one_voice(engine: OnnxEngine) -> None:
    task = SpeechTask(prepare("我们用 Python 写代码。").sentences)
    (piece,) = engine.speak(task, deadline=Deadline.after(30.0), cancel=CancelToken())
    assert piece.voice == "voxgate-starter-zh:female-clear"


@pytest.mark.slow
@pytest.mark.parametrize("speaker_id", range(4))
def test_english_is_understood(engine: OnnxEngine, speaker_id: int) -> None:
    recogniser = speech_checks.english_choice()
    understood = [
        sentence
        for sentence in ENGLISH_SENTENCES
        if recogniser.hear(say(engine, sentence, speaker_id), SAMPLE_RATE) == sentence
    ]
    assert len(understood) >= 11, f"speaker {speaker_id}: {len(understood)} of 12"


@pytest.mark.slow
@pytest.mark.parametrize("speaker_id", range(4))
def test_mandarin_is_recognised(engine: OnnxEngine, speaker_id: int) -> None:
    recogniser = speech_checks.mandarin_choice()
    understood = [
        sentence
        for sentence, pinyin in MANDARIN_SENTENCES.items()
        if recogniser.hear(say(engine, sentence, speaker_id), SAMPLE_RATE) == mandarin_words(pinyin)
    ]
    assert len(understood) >= 9, f"speaker {speaker_id}: {len(understood)} of 12"


@pytest.mark.parametrize("language", READING)
def test_women_and_men_speak_at_their_pitch(engine: OnnxEngine, language: str) -> None:
    pitches = [speech_checks.pitch_hz(say(engine, READING[language], n), SAMPLE_RATE) for n in range(4)]
    message = ", ".join(f"{pitch:.0f} Hz" for pitch in pitches)
    assert all(140 <= pitch <= 260 for pitch in pitches[:2]), message
    assert all(75 <= pitch <= 150 for pitch in pitches[2:]), message


def digest(engine: OnnxEngine) -> str:
    """Of the samples of both languages."""
    found = hashlib.sha256()
    for text in READING.values():
        found.update(say(engine, text, 0).tobytes())
    return found.hexdigest()


def test_another_process_makes_the_same_samples(engine: OnnxEngine, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", __name__, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    assert done.stdout.strip() == digest(engine)


if __name__ == "__main__":
    other = build_engine(Path(sys.argv[1]))
    sys.stdout.write(digest(other))
    other.close()
