from collections.abc import Iterator
from contextlib import suppress

import numpy as np
import pytest

from tests.tts.engines.espeak.texts import HOSTILE, soon
from tts.engines.base import (
    BadOutput,
    CancelToken,
    Deadline,
    Engine,
    EngineTimeout,
    NoVoice,
    Samples,
    SpeechTask,
    SynthesisCanceled,
)
from tts.engines.espeak.engine import EspeakEngine, trimmed
from tts.engines.espeak.process import EspeakProcess
from tts.text.types import Sentence
from tts.voices.voice import VoiceState

MIXED = (
    Sentence("你好，今天的温度是三十五摄氏度。", "zh-CN", 0.35),
    Sentence("The quick brown fox jumps over the lazy dog.", "en-US", 0.0),
)


@pytest.fixture
def process() -> Iterator[EspeakProcess]:
    process = EspeakProcess()
    yield process
    process.close()


@pytest.fixture
def engine(process: EspeakProcess) -> Engine:
    return EspeakEngine(process)


def say(engine: Engine, task: SpeechTask) -> list[Samples]:
    return [speech.samples for speech in engine.speak(task, deadline=soon(), cancel=CancelToken())]


def test_each_sentence_is_spoken_in_order(engine: Engine) -> None:
    speeches = list(engine.speak(SpeechTask(MIXED), deadline=soon(), cancel=CancelToken()))
    assert len(speeches) == 2
    for speech in speeches:
        assert speech.samples.dtype == np.float32
        assert speech.samples.ndim == 1
        assert speech.sample_rate == 22_050
        assert speech.voice == "espeak-female-clear"
        assert 1.5 < speech.seconds < 6
        assert 0.1 < np.abs(speech.samples).max() <= 1.0
    assert np.array_equal(speeches[1].samples, say(engine, SpeechTask(MIXED[1:]))[0])


@pytest.mark.parametrize("speaker_id", range(4))
def test_same_task_gives_the_same_samples_whatever_was_spoken_before(engine: Engine, speaker_id: int) -> None:
    task = SpeechTask(MIXED, speaker_id)
    expected = say(engine, task)
    for text in HOSTILE.values():
        hostile = SpeechTask(
            (Sentence(text, "en-US", 0), Sentence(text, "zh-CN", 0)), 3 - speaker_id, speed=2.0
        )
        with suppress(BadOutput):
            say(engine, hostile)
        for samples, wanted in zip(say(engine, task), expected, strict=True):
            assert samples.tobytes() == wanted.tobytes()


def test_speed_divides_the_duration(engine: Engine) -> None:
    normal, slow, fast = (
        len(say(engine, SpeechTask(MIXED[:1], speed=speed))[0]) for speed in (1.0, 0.5, 2.0)
    )
    assert slow / normal == pytest.approx(2.0, rel=0.15)
    assert fast / normal == pytest.approx(0.5, rel=0.15)


@pytest.mark.parametrize("text", ["!!!???...", "。。。", " ", "😀", "\u200b"])
def test_text_without_anything_to_say_comes_out_empty(engine: Engine, text: str) -> None:
    pieces = say(engine, SpeechTask((Sentence(text, "zh-CN", 0), *MIXED[:1])))
    assert len(pieces[0]) == 0
    assert len(pieces[1]) > 0


def test_unknown_language_is_refused_before_anything_is_spoken(
    engine: Engine, process: EspeakProcess
) -> None:
    task = SpeechTask((MIXED[0], Sentence("nuqneH", "tlh", 0)))
    with pytest.raises(NoVoice):
        engine.speak(task, deadline=soon(), cancel=CancelToken())
    assert process.starts == 0


def test_canceled_task_stops_before_its_next_sentence(engine: Engine) -> None:
    cancel = CancelToken()
    speeches = engine.speak(SpeechTask(MIXED), deadline=soon(), cancel=cancel)
    next(speeches)
    cancel.cancel()
    with pytest.raises(SynthesisCanceled):
        next(speeches)


def test_passed_deadline_is_a_timeout(engine: Engine) -> None:
    with pytest.raises(EngineTimeout):
        list(engine.speak(SpeechTask(MIXED), deadline=Deadline.after(0), cancel=CancelToken()))


def test_closed_engine_speaks_again_when_asked(engine: Engine) -> None:
    expected = say(engine, SpeechTask(MIXED))
    engine.close()
    engine.close()
    assert np.array_equal(say(engine, SpeechTask(MIXED))[0], expected[0])


def test_disabled_voice_is_listed_as_such_and_not_used(engine: Engine) -> None:
    engine.disable(frozenset({"espeak-female-clear"}))
    states = {voice.id: voice.state for voice in engine.voices()}
    assert states.pop("espeak-female-clear") is VoiceState.DISABLED
    assert set(states.values()) == {VoiceState.READY}
    speech = next(engine.speak(SpeechTask(MIXED), deadline=soon(), cancel=CancelToken()))
    assert speech.voice == "espeak-female-warm"
    engine.disable(frozenset())
    assert all(voice.state is VoiceState.READY for voice in engine.voices())


def test_long_silence_is_trimmed_to_thirty_milliseconds() -> None:
    silence, sound = np.zeros(22_050, np.float32), np.full(1000, 0.5, np.float32)
    assert len(trimmed(np.concatenate([silence, sound, silence]))) == 1000 + 2 * 661
    assert len(trimmed(sound)) == 1000
    assert len(trimmed(silence)) == 0
