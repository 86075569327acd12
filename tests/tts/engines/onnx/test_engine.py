import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.fixture_voices import Fault, expected_samples, write_fixture_voice
from tts.engines.base import (
    CancelToken,
    Deadline,
    Engine,
    EngineError,
    EngineTimeout,
    NoVoice,
    Speech,
    SpeechTask,
    SynthesisCanceled,
)
from tts.engines.checks import check_speech
from tts.engines.espeak.phonemes import EspeakPhonemizer
from tts.engines.espeak.process import EspeakProcess
from tts.engines.onnx.engine import OnnxEngine
from tts.engines.onnx.factory import build
from tts.engines.onnx.phoneme_ids import phoneme_ids, phonemes_of
from tts.engines.onnx.piper import PiperModel
from tts.engines.registry import EngineSettings, engine_build
from tts.text.types import Run, Sentence
from tts.voices.library import VoiceLibrary
from tts.voices.voice import VoiceState

CHINESE = Sentence("今天的温度是三十五摄氏度，比昨天高。", "zh-CN", 0.35)
ENGLISH = Sentence("The quick brown fox jumps over the lazy dog.", "en-US", 0.0)
HELLO = Sentence("你好", "zh-CN", 0.0)
TASK = SpeechTask((CHINESE, ENGLISH))


@pytest.fixture(scope="module")
def espeak() -> Iterator[EspeakProcess]:
    process = EspeakProcess()
    yield process
    process.close()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[VoiceLibrary]:
    library = VoiceLibrary(
        tmp_path / "voices",
        cache_directory=tmp_path / "cache",
        allow_fixture=True,
        now=lambda: time.time() + 60.0,
    )
    yield library
    library.close()


@pytest.fixture
def engine(library: VoiceLibrary, espeak: EspeakProcess) -> Engine:
    return OnnxEngine(library, EspeakPhonemizer(espeak))


@pytest.fixture
def bilingual(tmp_path: Path, library: VoiceLibrary, engine: Engine) -> Engine:
    write_fixture_voice(tmp_path / "voices", "zh", speakers=4)
    write_fixture_voice(tmp_path / "voices", "en", language="en_US", espeak_voice="en-us", speakers=4)
    library.scan()
    return engine


def faulty(tmp_path: Path, library: VoiceLibrary, engine: Engine, fault: Fault) -> Engine:
    write_fixture_voice(tmp_path / "voices", "zh", fault=fault)
    library.scan()
    return engine


def spoken(engine: Engine, task: SpeechTask, seconds: float = 20.0) -> list[Speech]:
    return list(engine.speak(task, deadline=Deadline.after(seconds), cancel=CancelToken()))


def test_each_sentence_is_spoken_by_a_voice_of_its_language(bilingual: Engine) -> None:
    pieces = spoken(bilingual, TASK)
    assert [piece.voice for piece in pieces] == ["zh:speaker0", "en:speaker0"]
    for sentence, piece in zip(TASK.sentences, pieces, strict=True):
        check_speech(piece, sentence.text)


def test_phonemes_come_from_espeak_in_the_language_of_the_voice(
    bilingual: Engine, library: VoiceLibrary, espeak: EspeakProcess
) -> None:
    (piece,) = spoken(bilingual, SpeechTask((ENGLISH,)))
    text = EspeakPhonemizer(espeak).phonemize(
        ENGLISH.text, espeak_voice="en-us", deadline=Deadline.after(20.0)
    )
    model = library.find("en-US").model
    assert isinstance(model, PiperModel)
    config = model.config
    assert len(piece.samples) == expected_samples(phoneme_ids(phonemes_of(text, config), config))


def test_speaker_id_chooses_the_speaker_in_both_languages(bilingual: Engine) -> None:
    pieces = spoken(bilingual, SpeechTask((CHINESE, ENGLISH), speaker_id=2))
    assert [piece.voice for piece in pieces] == ["zh:speaker2", "en:speaker2"]


def test_what_is_foreign_to_the_voice_asked_for_goes_to_its_counterpart(bilingual: Engine) -> None:
    pieces = spoken(bilingual, SpeechTask((CHINESE, ENGLISH), voice="zh:speaker1"))
    assert [piece.voice for piece in pieces] == ["zh:speaker1", "en:speaker1"]


def test_a_mixed_sentence_is_one_piece_by_two_voices(bilingual: Engine) -> None:
    runs = (Run("zh-CN", "我们用"), Run("en-US", "Python"), Run("zh-CN", "写代码。"))
    (piece,) = spoken(bilingual, SpeechTask((Sentence("我们用Python写代码。", "zh-CN", 0.0, runs),)))
    assert piece.voice == "zh:speaker0,en:speaker0"


@pytest.mark.parametrize("speed", [0.5, 2.0])
def test_speed_changes_the_duration(bilingual: Engine, speed: float) -> None:
    (usual,) = spoken(bilingual, SpeechTask((CHINESE,)))
    (changed,) = spoken(bilingual, SpeechTask((CHINESE,), speed=speed))
    assert changed.seconds == pytest.approx(usual.seconds / speed, rel=0.1)


def test_the_same_task_gives_the_same_samples_whatever_came_before(bilingual: Engine) -> None:
    first = spoken(bilingual, TASK)
    spoken(bilingual, SpeechTask((HELLO, ENGLISH), speaker_id=3, speed=1.7))
    again = spoken(bilingual, TASK)
    assert all(np.array_equal(a.samples, b.samples) for a, b in zip(first, again, strict=True))


def test_a_missing_voice_is_told_before_anything_is_spoken(bilingual: Engine) -> None:
    task = SpeechTask((CHINESE, Sentence("Bonjour.", "fr-FR", 0.0)))
    with pytest.raises(NoVoice):
        bilingual.speak(task, deadline=Deadline.after(20.0), cancel=CancelToken())


def test_without_voices_there_is_no_voice(engine: Engine) -> None:
    assert engine.voices() == ()
    with pytest.raises(NoVoice):
        spoken(engine, TASK)


def test_disabled_voices_do_not_speak(bilingual: Engine) -> None:
    bilingual.disable(frozenset({"zh:speaker0"}))
    assert spoken(bilingual, SpeechTask((CHINESE,)))[0].voice == "zh:speaker1"
    states = {voice.id: voice.state for voice in bilingual.voices()}
    assert states["zh:speaker0"] is VoiceState.DISABLED


def test_a_text_voice_needs_no_espeak(tmp_path: Path, library: VoiceLibrary) -> None:
    class NoPhonemizer:
        def phonemize(self, text: str, *, espeak_voice: str, deadline: Deadline) -> str:
            raise AssertionError

    write_fixture_voice(tmp_path / "voices", "zh", phoneme_type="text", phonemes="_^$ ,.你好")
    library.scan()
    (piece,) = spoken(OnnxEngine(library, NoPhonemizer()), SpeechTask((HELLO,)))
    assert len(piece.samples) == expected_samples([1, 0, 6, 0, 7, 0, 2], phonemes="_^$ ,.你好")


def test_text_the_voice_knows_no_phoneme_of_is_an_error_without_the_text(
    tmp_path: Path, library: VoiceLibrary, engine: Engine
) -> None:
    write_fixture_voice(tmp_path / "voices", "zh", phoneme_type="text", phonemes="_^$ 好")
    library.scan()
    with pytest.raises(EngineError, match="no phoneme of the text is known to the voice"):
        spoken(engine, SpeechTask((Sentence("秘密", "zh-CN", 0.0),)))


def test_a_hanging_voice_times_out_and_speaks_again_afterwards(
    tmp_path: Path, library: VoiceLibrary, engine: Engine
) -> None:
    faulty(tmp_path, library, engine, Fault.HANG)
    before = spoken(engine, SpeechTask((HELLO,)))
    started = time.monotonic()
    with pytest.raises(EngineTimeout):
        spoken(engine, SpeechTask((HELLO, CHINESE)), seconds=0.5)
    assert time.monotonic() - started < 2.0
    after = spoken(engine, SpeechTask((HELLO,)))
    assert np.array_equal(before[0].samples, after[0].samples)


def test_a_failing_voice_is_an_engine_error(tmp_path: Path, library: VoiceLibrary, engine: Engine) -> None:
    faulty(tmp_path, library, engine, Fault.RAISE)
    with pytest.raises(EngineError, match="the model failed") as caught:
        spoken(engine, SpeechTask((CHINESE,)))
    assert caught.value.code == "error"


@pytest.mark.parametrize("fault", [Fault.SILENCE, Fault.NOT_A_NUMBER, Fault.TOO_LONG])
def test_nonsense_of_a_faulty_voice_does_not_pass_the_check(
    tmp_path: Path, library: VoiceLibrary, engine: Engine, fault: Fault
) -> None:
    faulty(tmp_path, library, engine, fault)
    (piece,) = spoken(engine, SpeechTask((CHINESE,)))
    with pytest.raises(EngineError) as caught:
        check_speech(piece, CHINESE.text)
    assert caught.value.code == "bad-output"


def test_canceling_stops_before_the_next_sentence(bilingual: Engine) -> None:
    cancel = CancelToken()
    pieces = bilingual.speak(TASK, deadline=Deadline.after(20.0), cancel=cancel)
    next(pieces)
    cancel.cancel()
    with pytest.raises(SynthesisCanceled):
        next(pieces)


def test_the_deadline_is_looked_at_before_each_sentence(bilingual: Engine) -> None:
    now = [0.0]
    pieces = bilingual.speak(TASK, deadline=Deadline(30.0, lambda: now[0]), cancel=CancelToken())
    next(pieces)
    now[0] = 31.0
    with pytest.raises(EngineTimeout):
        next(pieces)


def test_the_factory_builds_an_engine_that_finds_its_voices(tmp_path: Path) -> None:
    files = write_fixture_voice(tmp_path / "voices", "zh")
    for path in (files.model, files.config):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    settings = EngineSettings(tmp_path / "voices", tmp_path / "cache", allow_fixture_voice=True)
    engine = engine_build(f"{build.__module__}:build", settings)
    try:
        assert engine.name == "onnx"
        assert isinstance(engine, OnnxEngine)
        assert engine.wait_for_voices(seconds=20.0)
        (piece,) = spoken(engine, SpeechTask((HELLO,)))
        assert piece.voice == "zh"
    finally:
        engine.close()
        engine.close()
