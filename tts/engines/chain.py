"""The chain: ask the primary engine, and when it cannot, hangs or talks nonsense, the fallback.

A request must never fail because the main engine did. So the primary runs under a budget that leaves the fallback
its share of the deadline, on a thread that can be left behind, and its output is checked before anyone hears it.
Every engine asked, or passed over, is recorded with the reason.
"""

import threading
import time
import traceback
from dataclasses import dataclass, field
from enum import StrEnum

from tts.audio.join import join
from tts.audio.levels import loudest_dbfs
from tts.engines.base import (
    CancelToken,
    Clock,
    Deadline,
    Engine,
    EngineError,
    EngineTimeout,
    NoVoice,
    Speech,
    SpeechTask,
    SynthesisCanceled,
    TooMuchSpeech,
    Unspeakable,
)
from tts.engines.breaker import CircuitBreaker
from tts.engines.checks import MIN_LOUDEST_DBFS, check_finite, check_speech
from tts.engines.pace import Pace

MAX_SPEECH_SECONDS = 600.0
"""What one request may be spoken for. 800 Chinese characters at half speed take about 350; some scripts' letters have
names so long that 800 of them would take half an hour, and a worker's memory with it."""


class Mode(StrEnum):
    """Which engines may speak: `auto` is primary then fallback."""

    AUTO = "auto"
    PRIMARY = "primary"
    FALLBACK = "fallback"


class Fallback(StrEnum):
    """Why the fallback spoke; `X-Voxgate-Fallback` of the HTTP contract."""

    NONE = "none"
    ERROR = "error"
    TIMEOUT = "timeout"
    OVERLOAD = "overload"
    CIRCUIT_OPEN = "circuit-open"
    NO_VOICE = "no-voice"
    REQUESTED = "requested"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One engine asked, or passed over: `outcome` is `succeeded` or the code of what went wrong.

    `message` and `stack` hold no user text: engine errors never do, of others only the type is kept.
    """

    engine: str
    voice: str
    outcome: str
    seconds: float
    message: str = ""
    stack: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Synthesis:
    """The audio of a whole task, who spoke it, and every attempt on the way."""

    speech: Speech
    engine: str
    fallback: Fallback
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class Health:
    """How an engine's last synthesis went: `at` in Unix seconds, `seconds` it took."""

    ok: bool
    at: float
    seconds: float
    problem: str = ""


class AllEnginesFailed(Exception):
    """No engine spoke. `attempts` say why each did not."""

    def __init__(self, attempts: tuple[Attempt, ...]) -> None:
        super().__init__("; ".join(f"{attempt.engine}: {attempt.outcome}" for attempt in attempts))
        self.attempts = attempts


@dataclass(slots=True)
class _Call:
    """One engine at work on a thread of its own."""

    token: CancelToken = field(default_factory=CancelToken)
    done: threading.Event = field(default_factory=threading.Event)
    is_last_resort: bool = False
    speech: Speech | None = None
    problem: Exception | None = None


class EngineChain:
    """Primary, then fallback, inside one deadline. One task at a time.

    `reserve_seconds` of every deadline, at most a third of it, are kept for the fallback. `abandoned` turns true when
    an engine ignored its cancellation: its thread still runs, so the process should be replaced after this task.
    """

    GRACE_SECONDS = 0.3
    """How long a canceled engine gets to come back before its thread is left behind."""

    BACKLOG_SHARE = 0.25
    """Share of the time left that others may have to wait; keeps the queue near three seconds at 15 s."""

    OVERHEAD_SECONDS = 0.1
    """What encoding, storing and recording add to each synthesis."""

    def __init__(
        self,
        primary: Engine,
        fallback: Engine,
        *,
        reserve_seconds: float = 2.0,
        breaker: CircuitBreaker | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        self.primary = primary
        self.fallback = fallback
        self.abandoned = False
        self.health: dict[str, Health] = {}
        self._reserve_seconds = reserve_seconds
        self._breaker = breaker or CircuitBreaker(clock=clock)
        self._pace = Pace()
        self._fallback_pace = Pace()
        self._clock = clock

    def run(
        self, task: SpeechTask, *, mode: Mode, deadline: Deadline, cancel: CancelToken, backlog: float = 0.0
    ) -> Synthesis:
        """Speak `task`. Raises `AllEnginesFailed`, or `SynthesisCanceled` when `cancel` says nobody listens.

        `backlog` is how many requests wait for each worker. When those would have to wait for more than `BACKLOG_SHARE`
        of the time this one has left, even with the fallback speaking them, the fallback, which is some thirty times
        faster, speaks this one too: ten requests go in, ten come back in time.
        """
        attempts: list[Attempt] = []
        reason = Fallback.REQUESTED
        if mode is Mode.AUTO and self._names_fallback_voice(task):
            mode = Mode.FALLBACK
        if mode is not Mode.FALLBACK:
            budget = deadline.earlier_by(self._reserve(deadline)) if mode is Mode.AUTO else deadline
            skipped = self._reason_to_skip(task, budget, backlog) if mode is Mode.AUTO else None
            if skipped is None:
                speech, attempt = self._attempt(self.primary, task, budget, cancel)
                self._learn(task, attempt)
            else:
                speech, attempt = None, self._passed_over(skipped)
            attempts.append(attempt)
            if speech is not None:
                return Synthesis(speech, self.primary.name, Fallback.NONE, tuple(attempts))
            if mode is Mode.PRIMARY:
                raise AllEnginesFailed(tuple(attempts))
            reason = _why(attempt.outcome)
        speech, attempt = self._attempt(self.fallback, task, deadline, cancel)
        attempts.append(attempt)
        if speech is None:
            raise AllEnginesFailed(tuple(attempts))
        self._fallback_pace.learn(characters=_characters(task), speed=task.speed, seconds=attempt.seconds)
        return Synthesis(speech, self.fallback.name, reason, tuple(attempts))

    def close(self) -> None:
        self.primary.close()
        self.fallback.close()

    def _names_fallback_voice(self, task: SpeechTask) -> bool:
        return task.voice is not None and any(voice.id == task.voice for voice in self.fallback.voices())

    def _reserve(self, deadline: Deadline) -> float:
        return min(self._reserve_seconds, deadline.remaining() / 3)

    def _reason_to_skip(self, task: SpeechTask, budget: Deadline, backlog: float) -> Fallback | None:
        if self._breaker.is_open:
            return Fallback.CIRCUIT_OPEN
        remaining = budget.remaining()
        if self._pace.expected_seconds(characters=_characters(task), speed=task.speed) > remaining:
            self._pace.doubt()
            return Fallback.OVERLOAD
        if backlog > 0 and self._wait_of_others(task, backlog) > self.BACKLOG_SHARE * remaining:
            return Fallback.OVERLOAD
        return None

    def _wait_of_others(self, task: SpeechTask, backlog: float) -> float:
        """Seconds until the last of those waiting is done, if the primary speaks this and the fallback all of them."""
        own = self._pace.expected_seconds(characters=_characters(task), speed=task.speed)
        return own + backlog * (self._fallback_pace.seconds_per_task + self.OVERHEAD_SECONDS)

    def _passed_over(self, reason: Fallback) -> Attempt:
        message = {
            Fallback.CIRCUIT_OPEN: "not asked: it failed several times in a row, and is tried again shortly",
            Fallback.OVERLOAD: "not asked: at its recent pace this request, or those that wait, would be late",
        }[reason]
        return Attempt(self.primary.name, "", reason.value, 0.0, message)

    def _learn(self, task: SpeechTask, attempt: Attempt) -> None:
        if attempt.outcome == "succeeded":
            self._breaker.success()
            self._pace.learn(characters=_characters(task), speed=task.speed, seconds=attempt.seconds)
        elif attempt.outcome != Fallback.NO_VOICE:
            self._breaker.failure()

    def _attempt(
        self, engine: Engine, task: SpeechTask, deadline: Deadline, cancel: CancelToken
    ) -> tuple[Speech | None, Attempt]:
        """Run one engine. The speech is None unless the outcome is `succeeded`; cancellation by the caller raises."""
        speech, attempt = self._ask(engine, task, deadline, cancel)
        if attempt.outcome != NoVoice.code:
            ok = speech is not None
            self.health[engine.name] = Health(ok, time.time(), attempt.seconds, "" if ok else attempt.outcome)
        return speech, attempt

    def _ask(
        self, engine: Engine, task: SpeechTask, deadline: Deadline, cancel: CancelToken
    ) -> tuple[Speech | None, Attempt]:
        started = self._clock()
        call = _Call(is_last_resort=engine is self.fallback)
        unlink = cancel.on_cancel(lambda: call.token.cancel(SynthesisCanceled))
        worker = threading.Thread(
            target=_speak, args=(engine, task, deadline, call), name=f"speak-{engine.name}", daemon=True
        )
        try:
            worker.start()
            finished = call.done.wait(deadline.remaining())
            if not finished:
                call.token.cancel(EngineTimeout)
                finished = call.done.wait(self.GRACE_SECONDS)
        finally:
            unlink()
        cancel.raise_if_canceled()
        seconds = self._clock() - started
        if not finished:
            self.abandoned = True
            message = "did not answer, nor to its cancellation; its worker process will be replaced"
            return None, Attempt(engine.name, "", EngineTimeout.code, seconds, message)
        if call.problem is not None:
            return None, _failed(engine, seconds, call.problem)
        speech = call.speech
        if speech is None:
            raise AssertionError("a call that is done has speech or a problem")
        return speech, Attempt(engine.name, speech.voice, "succeeded", seconds)


def _speak(engine: Engine, task: SpeechTask, deadline: Deadline, call: _Call) -> None:
    pieces: list[Speech] = []
    total = 0.0
    try:
        spoken = engine.speak(task, deadline=deadline, cancel=call.token)
        for sentence, piece in zip(task.sentences, spoken, strict=True):
            call.token.raise_if_canceled()
            if call.is_last_resort:
                check_finite(piece.samples)
            else:
                check_speech(piece, sentence.text, speed=task.speed)
            pieces.append(piece)
            total += piece.seconds
            if total > MAX_SPEECH_SECONDS:
                raise TooMuchSpeech(f"more than {MAX_SPEECH_SECONDS:.0f} s of speech")
        if call.is_last_resort:
            _check_audible(pieces)
        pauses = [sentence.pause_after_seconds for sentence in task.sentences]
        call.speech = join(pieces, pauses, speed=task.speed)
    except Exception as problem:  # noqa: BLE001 - whatever an engine raises, the next one must get its turn
        call.problem = problem
    finally:
        call.done.set()


def _check_audible(pieces: list[Speech]) -> None:
    """Nobody comes after the fallback: an odd length or a mute sentence is better than no answer, all mute is not."""
    if not any(loudest_dbfs(piece.samples, piece.sample_rate) > MIN_LOUDEST_DBFS for piece in pieces):
        raise Unspeakable("no sentence made a sound")


def _failed(engine: Engine, seconds: float, problem: Exception) -> Attempt:
    stack = "".join(traceback.format_tb(problem.__traceback__))
    if isinstance(problem, EngineError):
        return Attempt(engine.name, "", problem.code, seconds, str(problem), stack)
    # The message of a stranger's exception may quote the text; its type and stack do not.
    return Attempt(engine.name, "", EngineError.code, seconds, type(problem).__qualname__, stack)


def _why(outcome: str) -> Fallback:
    try:
        return Fallback(outcome)
    except ValueError:
        return Fallback.ERROR


def _characters(task: SpeechTask) -> int:
    return sum(len(sentence.text) for sentence in task.sentences)
