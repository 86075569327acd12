"""The chain on engines that misbehave on purpose, with a clock that the test moves."""

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from tests.engines_for_tests import FailingEngine, StubbornEngine, TestEngine
from tts.engines.base import BadOutput, CancelToken, Deadline, NoVoice, Speech, SpeechTask, SynthesisCanceled
from tts.engines.breaker import CircuitBreaker
from tts.engines.chain import (
    AllEnginesFailed,
    EngineChain,
    Fallback,
    Mode,
    Overload,
    Overloaded,
    Synthesis,
)
from tts.engines.espeak.engine import EspeakEngine
from tts.engines.espeak.process import EspeakProcess
from tts.text import Sentence

TASK = SpeechTask((Sentence("今天天气很好。", "zh-CN", 0.35), Sentence("我们走吧。", "zh-CN", 0.0)))


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class MuteEngine(TestEngine):
    name = "mute"

    def speak(self, task: SpeechTask, *, deadline: Deadline, cancel: CancelToken) -> Iterator[Speech]:
        for sentence in task.sentences:
            yield Speech(np.zeros(4000 * len(sentence.text), np.float32), 22050, "mute")


class ShortEngine(TestEngine):
    """Speaks one sentence fewer than asked."""

    name = "short"

    def speak(self, task: SpeechTask, *, deadline: Deadline, cancel: CancelToken) -> Iterator[Speech]:
        return iter(list(super().speak(task, deadline=deadline, cancel=cancel))[:-1])


class WordlessEngine(TestEngine):
    name = "wordless"

    def speak(self, task: SpeechTask, *, deadline: Deadline, cancel: CancelToken) -> Iterator[Speech]:
        raise NoVoice("no voice for zh-CN")


class CooperativeHang(TestEngine):
    """Hangs until it is canceled, as a native session with a terminate flag does."""

    name = "hang"

    def __init__(self) -> None:
        self.started = threading.Event()

    def speak(self, task: SpeechTask, *, deadline: Deadline, cancel: CancelToken) -> Iterator[Speech]:
        stop = threading.Event()
        cancel.on_cancel(stop.set)
        self.started.set()
        stop.wait(30)
        cancel.raise_if_canceled()
        return iter(())


@pytest.fixture(scope="module")
def espeak() -> Iterator[EspeakEngine]:
    engine = EspeakEngine(EspeakProcess())
    yield engine
    engine.close()


def run(chain: EngineChain, mode: Mode = Mode.AUTO, seconds: float = 5.0) -> Synthesis:
    return chain.run(TASK, mode=mode, deadline=Deadline.after(seconds), cancel=CancelToken())


def outcomes(synthesis: Synthesis) -> list[tuple[str, str]]:
    return [(attempt.engine, attempt.outcome) for attempt in synthesis.attempts]


def test_a_healthy_primary_speaks_alone(espeak: EspeakEngine) -> None:
    synthesis = run(EngineChain(TestEngine(), espeak))
    assert synthesis.fallback is Fallback.NONE
    assert outcomes(synthesis) == [("test", "succeeded")]


def test_pauses_come_between_sentences_and_not_after_the_last(espeak: EspeakEngine) -> None:
    whole = run(EngineChain(TestEngine(), espeak)).speech.seconds
    spoken = 0.2 * sum(len(sentence.text) for sentence in TASK.sentences)
    assert whole == pytest.approx(spoken + 0.35, abs=0.1)


@pytest.mark.parametrize(
    ("primary", "outcome", "reason"),
    [
        (FailingEngine(), "error", Fallback.ERROR),
        (MuteEngine(), "bad-output", Fallback.ERROR),
        (ShortEngine(), "error", Fallback.ERROR),
        (WordlessEngine(), "no-voice", Fallback.NO_VOICE),
    ],
)
def test_the_fallback_speaks_for_a_primary_that_cannot(
    espeak: EspeakEngine, primary: TestEngine, outcome: str, reason: Fallback
) -> None:
    synthesis = run(EngineChain(primary, espeak))
    assert synthesis.fallback is reason
    assert synthesis.engine == "espeak"
    assert outcomes(synthesis) == [(primary.name, outcome), ("espeak", "succeeded")]


def test_a_strangers_exception_is_recorded_without_its_message(espeak: EspeakEngine) -> None:
    attempt = run(EngineChain(FailingEngine(), espeak)).attempts[0]
    assert attempt.message == "RuntimeError"
    assert "engines_for_tests" in attempt.stack
    assert "天气" not in attempt.stack + attempt.message


def test_a_hanging_primary_leaves_the_fallback_its_share(espeak: EspeakEngine) -> None:
    chain = EngineChain(CooperativeHang(), espeak, reserve_seconds=0.5)
    started = time.monotonic()
    synthesis = run(chain, seconds=1.5)
    assert time.monotonic() - started < 1.5
    assert synthesis.fallback is Fallback.TIMEOUT
    assert not chain.abandoned


def test_a_primary_that_never_returns_is_left_behind(espeak: EspeakEngine) -> None:
    stubborn = StubbornEngine()
    chain = EngineChain(stubborn, espeak, reserve_seconds=0.5)
    run(chain)
    synthesis = run(chain, seconds=1.5)
    assert outcomes(synthesis) == [("stubborn", "timeout"), ("espeak", "succeeded")]
    assert chain.abandoned


def test_the_primary_alone_does_not_fall_back(espeak: EspeakEngine) -> None:
    with pytest.raises(AllEnginesFailed) as failure:
        run(EngineChain(FailingEngine(), espeak), Mode.PRIMARY)
    assert [attempt.outcome for attempt in failure.value.attempts] == ["error"]


def test_the_fallback_can_be_asked_for(espeak: EspeakEngine) -> None:
    synthesis = run(EngineChain(TestEngine(), espeak), Mode.FALLBACK)
    assert synthesis.fallback is Fallback.REQUESTED
    assert outcomes(synthesis) == [("espeak", "succeeded")]


def test_naming_a_voice_of_the_fallback_asks_for_it(espeak: EspeakEngine) -> None:
    task = SpeechTask(TASK.sentences, voice="espeak-male-calm")
    synthesis = EngineChain(TestEngine(), espeak).run(
        task, mode=Mode.AUTO, deadline=Deadline.after(5), cancel=CancelToken()
    )
    assert (synthesis.fallback, synthesis.speech.voice) == (Fallback.REQUESTED, "espeak-male-calm")


def test_when_both_fail_every_attempt_is_told() -> None:
    with pytest.raises(AllEnginesFailed) as failure:
        run(EngineChain(FailingEngine(), MuteEngine()))
    assert [attempt.outcome for attempt in failure.value.attempts] == ["error", "unspeakable"]


def test_a_canceled_task_is_spoken_by_nobody(espeak: EspeakEngine) -> None:
    hang = CooperativeHang()
    chain, cancel = EngineChain(hang, espeak), CancelToken()

    def cancel_when_started() -> None:
        hang.started.wait(5)
        cancel.cancel(SynthesisCanceled)

    thread = threading.Thread(target=cancel_when_started)
    thread.start()
    with pytest.raises(SynthesisCanceled):
        chain.run(TASK, mode=Mode.AUTO, deadline=Deadline.after(10), cancel=cancel)
    thread.join()


def test_the_circuit_opens_after_failures_in_a_row_and_closes_again(espeak: EspeakEngine) -> None:
    clock = Clock()
    primary = FailingEngine()
    chain = EngineChain(
        primary, espeak, breaker=CircuitBreaker(threshold=3, cool_down_seconds=10, clock=clock)
    )
    assert [run(chain).fallback for _ in range(4)] == [*[Fallback.ERROR] * 3, Fallback.CIRCUIT_OPEN]
    skipped = run(chain)
    assert outcomes(skipped) == [("failing", "circuit-open"), ("espeak", "succeeded")]
    clock.now += 10
    primary._healthy = 100
    assert run(chain).fallback is Fallback.NONE
    assert run(chain).fallback is Fallback.NONE


def test_a_primary_too_slow_for_the_deadline_is_not_asked(espeak: EspeakEngine) -> None:
    chain = EngineChain(TestEngine(), espeak)
    chain._pace.learn(characters=10, speed=1.0, seconds=20.0)
    synthesis = run(chain)
    assert synthesis.fallback is Fallback.OVERLOAD
    assert outcomes(synthesis)[0] == ("test", "overload")


def test_under_a_long_queue_the_faster_engine_speaks(espeak: EspeakEngine) -> None:
    chain = EngineChain(TestEngine(), espeak)
    chain._pace.learn(characters=10, speed=1.0, seconds=0.5)
    chain._fallback_pace.learn(characters=10, speed=1.0, seconds=0.05)

    def fallback_with(backlog: float) -> Fallback:
        return chain.run(
            TASK, mode=Mode.AUTO, deadline=Deadline.after(14), cancel=CancelToken(), backlog=backlog
        ).fallback

    assert fallback_with(10.0) is Fallback.NONE
    assert fallback_with(30.0) is Fallback.OVERLOAD
    assert fallback_with(0.0) is Fallback.NONE


def test_a_long_text_gives_way_to_those_who_wait(espeak: EspeakEngine) -> None:
    chain = EngineChain(TestEngine(), espeak)
    chain._pace.learn(characters=10, speed=1.0, seconds=5.0)

    def fallback_with(backlog: float) -> Fallback:
        return chain.run(
            TASK, mode=Mode.AUTO, deadline=Deadline.after(14), cancel=CancelToken(), backlog=backlog
        ).fallback

    assert fallback_with(0.0) is Fallback.NONE
    assert fallback_with(1.0) is Fallback.OVERLOAD


def busy(espeak: EspeakEngine) -> EngineChain:
    """Its primary takes 5 s for a text, its fallback nothing."""
    chain = EngineChain(TestEngine(), espeak)
    chain._pace.learn(characters=10, speed=1.0, seconds=5.0)
    return chain


def run_behind(chain: EngineChain, backlog: float, overload: Overload, seconds: float = 14.0) -> Synthesis:
    return chain.run(
        TASK,
        mode=Mode.AUTO,
        deadline=Deadline.after(seconds),
        cancel=CancelToken(),
        backlog=backlog,
        overload=overload,
    )


def test_who_would_rather_wait_is_not_shed_for_those_who_wait_too(espeak: EspeakEngine) -> None:
    assert run_behind(busy(espeak), 1000.0, Overload.WAIT).fallback is Fallback.NONE


def test_who_would_rather_wait_is_still_answered_in_time(espeak: EspeakEngine) -> None:
    synthesis = run_behind(busy(espeak), 0.0, Overload.WAIT, seconds=4.0)
    assert synthesis.fallback is Fallback.OVERLOAD


def test_who_would_rather_be_refused_is_refused_unspoken(espeak: EspeakEngine) -> None:
    chain = busy(espeak)
    with pytest.raises(Overloaded) as refusal:
        run_behind(chain, 1.0, Overload.REFUSE)
    assert [(one.engine, one.outcome, one.seconds) for one in refusal.value.attempts] == [
        ("test", "overload", 0.0)
    ]
    assert run_behind(chain, 0.0, Overload.REFUSE).fallback is Fallback.NONE


def test_health_tells_of_the_last_real_synthesis(espeak: EspeakEngine) -> None:
    chain = EngineChain(FailingEngine(healthy=1), espeak)
    run(chain)
    assert chain.health["failing"].ok
    run(chain)
    assert not chain.health["failing"].ok
    assert chain.health["failing"].problem == "error"
    assert chain.health["espeak"].ok


def test_a_mute_sentence_is_better_than_no_answer(espeak: EspeakEngine) -> None:
    task = SpeechTask((Sentence("！", "zh-CN", 0.35), *TASK.sentences))
    chain = EngineChain(WordlessEngine(), espeak)
    synthesis = chain.run(task, mode=Mode.AUTO, deadline=Deadline.after(5), cancel=CancelToken())
    assert synthesis.speech.seconds > 1.0


def test_a_text_without_any_sound_is_unspeakable(espeak: EspeakEngine) -> None:
    task = SpeechTask((Sentence("！", "zh-CN", 0.35), Sentence("。", "zh-CN", 0.0)))
    with pytest.raises(AllEnginesFailed) as failure:
        EngineChain(WordlessEngine(), espeak).run(
            task, mode=Mode.AUTO, deadline=Deadline.after(5), cancel=CancelToken()
        )
    assert failure.value.attempts[-1].outcome == "unspeakable"


def test_bad_output_is_an_engine_error_with_a_stable_code() -> None:
    assert BadOutput.code == "bad-output"


class ChattyEngine(TestEngine):
    """Makes two minutes of sound of every sentence, as some scripts' letter names do."""

    name = "chatty"

    def speak(self, task: SpeechTask, *, deadline: Deadline, cancel: CancelToken) -> Iterator[Speech]:
        return (Speech(np.full(120 * 8000, 0.1, np.float32), 8000, "chatty") for _ in task.sentences)


def test_no_request_is_spoken_for_more_than_ten_minutes() -> None:
    chain = EngineChain(WordlessEngine(), ChattyEngine())
    task = SpeechTask(TASK.sentences * 3)
    with pytest.raises(AllEnginesFailed) as failure:
        chain.run(task, mode=Mode.AUTO, deadline=Deadline.after(20), cancel=CancelToken())
    assert failure.value.attempts[-1].outcome == "too-long"


class RecordingEngine(TestEngine):
    """Notes how many sentences each task asked it for."""

    name = "recording"

    def __init__(self) -> None:
        self.asked: list[int] = []

    def speak(self, task: SpeechTask, *, deadline: Deadline, cancel: CancelToken) -> Iterator[Speech]:
        self.asked.append(len(task.sentences))
        return super().speak(task, deadline=deadline, cancel=cancel)


class LongWindedEngine(TestEngine):
    """As slow as a voice may be: more than half a second for a syllable."""

    name = "long-winded"

    def speak(self, task: SpeechTask, *, deadline: Deadline, cancel: CancelToken) -> Iterator[Speech]:
        for sentence in task.sentences:
            yield Speech(np.full(int(8000 * 0.6 * len(sentence.text)), 0.1, np.float32), 8000, "slow")


PAGE = SpeechTask((Sentence("今天天气很好。" * 20, "zh-CN", 0.0),) * 5)
"""700 characters."""


def experienced(seconds_per_character: float, *, fallback: float) -> tuple[EngineChain, RecordingEngine]:
    """A chain whose engines have shown what a greeting and a paragraph cost."""
    engine = RecordingEngine()
    chain = EngineChain(engine, TestEngine())
    for characters in (10, 100):
        chain._pace.learn(characters=characters, speed=1.0, seconds=characters * seconds_per_character)
        chain._fallback_pace.learn(characters=characters, speed=1.0, seconds=characters * fallback)
    return chain, engine


def refusal(chain: EngineChain, task: SpeechTask, mode: Mode = Mode.AUTO) -> list[tuple[str, str]]:
    with pytest.raises(AllEnginesFailed) as failure:
        chain.run(task, mode=mode, deadline=Deadline.after(10), cancel=CancelToken())
    return [(attempt.engine, attempt.outcome) for attempt in failure.value.attempts]


def test_what_even_the_fastest_engine_would_do_too_late_is_refused_unasked() -> None:
    chain, engine = experienced(0.3, fallback=0.1)
    assert refusal(chain, PAGE) == [("recording", "overload"), ("test", "overload")]
    assert refusal(chain, PAGE, Mode.PRIMARY) == [("recording", "overload")]
    assert engine.asked == []


def test_a_fast_fallback_is_reason_enough_to_go_on() -> None:
    chain, engine = experienced(0.3, fallback=0.001)
    synthesis = chain.run(PAGE, mode=Mode.AUTO, deadline=Deadline.after(10), cancel=CancelToken())
    assert synthesis.fallback is Fallback.OVERLOAD
    assert engine.asked == []


def test_an_engine_refused_for_its_pace_is_asked_again_sooner_or_later() -> None:
    chain, engine = experienced(0.05, fallback=0.05)
    refused = 0
    while not engine.asked:
        try:
            chain.run(PAGE, mode=Mode.PRIMARY, deadline=Deadline.after(10), cancel=CancelToken())
        except AllEnginesFailed:
            refused += 1
    assert 3 < refused < 15


def test_what_would_be_spoken_for_more_than_ten_minutes_is_refused_unasked() -> None:
    engine = RecordingEngine()
    chain = EngineChain(engine, TestEngine())
    endless = SpeechTask(PAGE.sentences * 11)
    assert refusal(chain, endless) == [("recording", "too-long")]
    assert refusal(chain, endless, Mode.FALLBACK) == [("test", "too-long")]
    assert engine.asked == []
    assert chain.health == {}
    half = SpeechTask(PAGE.sentences * 4)
    chain.run(half, mode=Mode.AUTO, deadline=Deadline.after(10), cancel=CancelToken())
    assert engine.asked == [20]


def test_a_text_too_long_for_one_engine_is_not_given_to_the_other_nor_held_against_it() -> None:
    engine = RecordingEngine()
    chain = EngineChain(LongWindedEngine(), engine, breaker=CircuitBreaker(threshold=1))
    assert refusal(chain, SpeechTask((Sentence("说" * 200, "zh-CN", 0.0),) * 6)) == [
        ("long-winded", "too-long")
    ]
    assert engine.asked == []
    assert chain.health == {}
    assert run(chain).fallback is Fallback.NONE
