"""Two engines in one recording: languages the primary has no voice for, and what the fallback takes over."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.engines_for_tests import VOICE, FailingEngine, TestEngine
from tts.engines.base import CancelToken, Deadline, NoVoice, Speech, SpeechTask
from tts.engines.chain import AllEnginesFailed, EngineChain, Fallback, Mode, Synthesis
from tts.engines.espeak.engine import EspeakEngine
from tts.engines.espeak.process import EspeakProcess
from tts.text.types import Sentence
from tts.voices.voice import VoiceInfo

CHINESE = Sentence("今天天气很好。", "zh-CN", 0.35)
ENGLISH = Sentence("Good morning.", "en-US", 0.35)
KLINGON = Sentence("nuqneH", "tlh", 0.0)


class ChineseEngine(TestEngine):
    """Has no voice for anything but Chinese."""

    def lacks(self, task: SpeechTask) -> frozenset[int]:
        return frozenset(
            number for number, sentence in enumerate(task.sentences) if sentence.language != "zh-CN"
        )

    def speak(self, task: SpeechTask, *, deadline: Deadline, cancel: CancelToken) -> Iterator[Speech]:
        if self.lacks(task):
            raise NoVoice("no voice for that")
        return super().speak(task, deadline=deadline, cancel=cancel)


class ManyVoices(FailingEngine):
    """Fails, and has voices of both genders, with and without a place among the standard speakers."""

    def voices(self) -> tuple[VoiceInfo, ...]:
        return (
            replace(VOICE, id="carl", gender="male", speaker_id=None),
            replace(VOICE, id="anna", gender="female", speaker_id=None),
            replace(VOICE, id="lively", gender="male", speaker_id=3),
        )


@pytest.fixture(scope="module")
def espeak() -> Iterator[EspeakEngine]:
    engine = EspeakEngine(EspeakProcess())
    yield engine
    engine.close()


def run(chain: EngineChain, *sentences: Sentence, mode: Mode = Mode.AUTO, **task: object) -> Synthesis:
    return chain.run(
        SpeechTask(sentences, **task),  # type: ignore[arg-type]  # passed on
        mode=mode,
        deadline=Deadline.after(10.0),
        cancel=CancelToken(),
    )


def outcomes(synthesis: Synthesis) -> list[tuple[str, str]]:
    return [(attempt.engine, attempt.outcome) for attempt in synthesis.attempts]


def test_only_the_sentences_without_a_voice_go_to_the_fallback(espeak: EspeakEngine) -> None:
    synthesis = run(EngineChain(ChineseEngine(), espeak), CHINESE, ENGLISH, CHINESE)
    assert (synthesis.engine, synthesis.fallback) == ("test", Fallback.NO_VOICE)
    assert synthesis.speech.voice == f"{VOICE.id},espeak-female-clear"
    assert outcomes(synthesis) == [("test", "succeeded"), ("espeak", "succeeded")]


def test_shared_sentences_stay_in_their_order(espeak: EspeakEngine) -> None:
    chain = EngineChain(ChineseEngine(), espeak)
    first = run(chain, CHINESE, ENGLISH).speech.voice
    last = run(chain, ENGLISH, CHINESE).speech.voice
    assert first == f"{VOICE.id},espeak-female-clear"
    assert last == f"espeak-female-clear,{VOICE.id}"


def test_a_text_without_any_voice_is_the_fallbacks_alone(espeak: EspeakEngine) -> None:
    synthesis = run(EngineChain(ChineseEngine(), espeak), ENGLISH)
    assert (synthesis.engine, synthesis.fallback) == ("espeak", Fallback.NO_VOICE)


def test_a_language_nobody_has_is_refused(espeak: EspeakEngine) -> None:
    with pytest.raises(AllEnginesFailed) as failure:
        run(EngineChain(ChineseEngine(), espeak), CHINESE, KLINGON)
    assert {attempt.outcome for attempt in failure.value.attempts} == {"no-voice"}


def test_the_primary_alone_shares_with_nobody(espeak: EspeakEngine) -> None:
    with pytest.raises(AllEnginesFailed):
        run(EngineChain(ChineseEngine(), espeak), CHINESE, ENGLISH, mode=Mode.PRIMARY)


def test_a_fallback_that_fails_its_share_fails_the_request() -> None:
    with pytest.raises(AllEnginesFailed) as failure:
        run(EngineChain(ChineseEngine(), FailingEngine()), CHINESE, ENGLISH)
    assert [attempt.outcome for attempt in failure.value.attempts] == ["succeeded", "error"]


@pytest.mark.parametrize(
    ("voice", "stand_in"),
    [
        ("carl", "espeak-male-calm"),
        ("anna", "espeak-female-clear"),
        ("lively", "espeak-male-lively"),
        ("gone", "espeak-female-clear"),
    ],
)
def test_the_fallback_takes_the_gender_of_the_voice_asked_for(
    espeak: EspeakEngine, voice: str, stand_in: str
) -> None:
    assert run(EngineChain(ManyVoices(), espeak), CHINESE, voice=voice).speech.voice == stand_in


@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
def test_pauses_follow_the_speed_and_breaks_do_not(espeak: EspeakEngine, speed: float) -> None:
    chain = EngineChain(TestEngine(), espeak)
    plain = run(chain, CHINESE, CHINESE, speed=speed).speech.seconds
    without_pause = run(chain, replace(CHINESE, pause_after_seconds=0.0), CHINESE, speed=speed).speech.seconds
    broken = run(
        chain,
        replace(CHINESE, break_before_seconds=0.5, break_after_seconds=0.2),
        replace(CHINESE, break_before_seconds=0.3),
        speed=speed,
    ).speech.seconds
    assert plain - without_pause == pytest.approx(0.35 / speed, abs=0.01)
    assert broken - plain == pytest.approx(1.0, abs=0.01)


def test_the_rate_of_a_sentence_multiplies_the_speed(espeak: EspeakEngine) -> None:
    chain = EngineChain(espeak, espeak)
    usual = run(chain, replace(ENGLISH, pause_after_seconds=0.0)).speech.seconds
    slow = run(chain, replace(ENGLISH, pause_after_seconds=0.0, rate=0.6)).speech.seconds
    assert slow == pytest.approx(usual / 0.6, rel=0.15)


class OnlyKlingon(TestEngine):
    """A primary with a language that the fallback lacks."""


def test_what_only_the_primary_can_speak_is_not_shed_to_the_fallback(espeak: EspeakEngine) -> None:
    chain = EngineChain(OnlyKlingon(), espeak)
    synthesis = chain.run(
        SpeechTask((KLINGON,)),
        mode=Mode.AUTO,
        deadline=Deadline.after(10.0),
        cancel=CancelToken(),
        backlog=1e6,
    )
    assert synthesis.fallback is Fallback.NONE


class ListedEngine(ChineseEngine):
    """Has one voice, and minds the list."""

    def lacks(self, task: SpeechTask) -> frozenset[int]:
        allowed = task.allowed_voices is None or VOICE.id in task.allowed_voices
        return super().lacks(task) if allowed else frozenset(range(len(task.sentences)))


@pytest.mark.parametrize(
    ("allowed", "engine", "reason"),
    [
        (frozenset({VOICE.id}), "test", Fallback.NONE),
        (frozenset({"another"}), "espeak", Fallback.NO_VOICE),
        (None, "test", Fallback.NONE),
    ],
)
def test_the_fallback_speaks_where_no_voice_of_the_primary_is_allowed(
    espeak: EspeakEngine, allowed: frozenset[str] | None, engine: str, reason: Fallback
) -> None:
    synthesis = run(EngineChain(ListedEngine(), espeak), CHINESE, allowed_voices=allowed)
    assert (synthesis.engine, synthesis.fallback) == (engine, reason)


def test_a_list_does_not_bind_the_fallback() -> None:
    """Nor may it look as if it had no voice, when the primary is to be passed over."""
    chain = EngineChain(FailingEngine(), ListedEngine())
    assert run(chain, CHINESE, allowed_voices=frozenset({"another"})).engine == "test"
