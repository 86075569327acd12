"""The chain: ask the primary engine, and when it cannot, hangs or talks nonsense, the fallback.

A request must never fail because the main engine did. So the primary runs under a budget that leaves the fallback
its share of the deadline, on a thread that can be left behind, and its output is checked before anyone hears it.
Every engine asked, or passed over, is recorded with the reason.
"""

import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from tts.audio.join import voices_of
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
)
from tts.engines.breaker import CircuitBreaker
from tts.engines.call import EngineCall
from tts.engines.length import MAX_SPEECH_SECONDS, fluent_seconds
from tts.engines.pace import Pace
from tts.engines.tasks import characters_of, joined, only
from tts.voices.standard import STANDARD_GENDERS


class Mode(StrEnum):
    """Which engines may speak: `auto` is primary then fallback."""

    AUTO = "auto"
    PRIMARY = "primary"
    FALLBACK = "fallback"


class Overload(StrEnum):
    """What to do with a task when those who wait behind it would wait for too long: let the `fallback` speak it, let
    them `wait`, or `refuse` it."""

    FALLBACK = "fallback"
    WAIT = "wait"
    REFUSE = "refuse"


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
    """The audio of a whole task, the engine that spoke it (most of it, where `fallback` is `no-voice` and the primary
    is named), and every attempt on the way."""

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


_FAULTS_OF_THE_TEXT = (NoVoice.code, TooMuchSpeech.code)
"""Outcomes that say nothing about how an engine is."""


class AllEnginesFailed(Exception):
    """No engine spoke. `attempts` say why each did not: the last one `overload` where none was even asked."""

    def __init__(self, attempts: tuple[Attempt, ...]) -> None:
        super().__init__("; ".join(f"{attempt.engine}: {attempt.outcome}" for attempt in attempts))
        self.attempts = attempts


class Overloaded(AllEnginesFailed):
    """Others wait, and this task was to be refused rather than spoken by the fallback."""


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

    HOPELESS = 1.5
    """A task that would take so many times the time left is refused at once: it would only keep others waiting."""

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
        self,
        task: SpeechTask,
        *,
        mode: Mode,
        deadline: Deadline,
        cancel: CancelToken,
        backlog: float = 0.0,
        overload: Overload = Overload.FALLBACK,
    ) -> Synthesis:
        """Speak `task`. Raises `AllEnginesFailed`, or `SynthesisCanceled` when `cancel` says nobody listens.

        A text may be short as written and long as prepared, so it is measured here again: what would be spoken for
        longer than any request may be, or clearly past `deadline` at the recent pace of the fastest engine that may
        speak it, is refused without asking one.

        `backlog` is how many requests wait for each worker. When those would have to wait for more than `BACKLOG_SHARE`
        of the time this one has left, even with the fallback speaking them, the fallback, which is some thirty times
        faster, speaks this one too: ten requests go in, ten come back in time. `overload` may say otherwise; where that
        is `refuse`, `Overloaded` is raised. Sentences in languages that only the fallback has are spoken by it
        between the primary's; the reason is `no-voice` then.
        """
        if mode is Mode.AUTO and self._names_fallback_voice(task):
            mode = Mode.FALLBACK
        self._refuse_endless(task, mode)
        self._refuse_hopeless(task, mode, deadline)
        if mode is Mode.FALLBACK:
            return self._all_by_fallback(task, Fallback.REQUESTED, (), deadline, cancel)
        budget = deadline.earlier_by(self._reserve(deadline)) if mode is Mode.AUTO else deadline
        skipped = None
        if mode is Mode.AUTO and not self.fallback.lacks(self._for_fallback(task)):
            skipped = self._reason_to_skip(task, budget, backlog, overload)
        if skipped is not None:
            return self._all_by_fallback(task, skipped, (self._passed_over(skipped),), deadline, cancel)
        lacking = self._lacking(task) if mode is Mode.AUTO else frozenset[int]()
        own = only(task, lacking, keep=False)
        pieces, attempt = self._attempt(self.primary, own, budget, cancel)
        self._learn(own, attempt)
        if not pieces:
            # What is too long for one is too long for the other.
            if mode is Mode.PRIMARY or attempt.outcome == TooMuchSpeech.code:
                raise AllEnginesFailed((attempt,))
            return self._all_by_fallback(task, _why(attempt.outcome), (attempt,), deadline, cancel)
        if not lacking:
            return Synthesis(joined(task, pieces), self.primary.name, Fallback.NONE, (attempt,))
        return self._rest_by_fallback(task, lacking, pieces, attempt, deadline, cancel)

    def close(self) -> None:
        self.primary.close()
        self.fallback.close()

    def _all_by_fallback(
        self,
        task: SpeechTask,
        reason: Fallback,
        before: tuple[Attempt, ...],
        deadline: Deadline,
        cancel: CancelToken,
    ) -> Synthesis:
        pieces, attempt = self._attempt_fallback(task, before, deadline, cancel)
        return Synthesis(joined(task, pieces), self.fallback.name, reason, (*before, attempt))

    def _rest_by_fallback(
        self,
        task: SpeechTask,
        lacking: frozenset[int],
        pieces: Sequence[Speech],
        attempt: Attempt,
        deadline: Deadline,
        cancel: CancelToken,
    ) -> Synthesis:
        """The sentences in languages that the primary has no voice for, put between those it spoke."""
        rest = only(task, lacking, keep=True)
        others, second = self._attempt_fallback(rest, (attempt,), deadline, cancel)
        by_primary, by_fallback = iter(pieces), iter(others)
        merged = [
            next(by_fallback if number in lacking else by_primary) for number in range(len(task.sentences))
        ]
        return Synthesis(joined(task, merged), self.primary.name, Fallback.NO_VOICE, (attempt, second))

    def _attempt_fallback(
        self, task: SpeechTask, before: tuple[Attempt, ...], deadline: Deadline, cancel: CancelToken
    ) -> tuple[Sequence[Speech], Attempt]:
        """Raises `AllEnginesFailed`."""
        pieces, attempt = self._attempt(self.fallback, self._for_fallback(task), deadline, cancel)
        if not pieces:
            raise AllEnginesFailed((*before, attempt))
        self._fallback_pace.learn(characters=characters_of(task), speed=task.speed, seconds=attempt.seconds)
        return pieces, attempt

    def _for_fallback(self, task: SpeechTask) -> SpeechTask:
        """`task` with the standard speaker nearest to the voice it asks the primary for. Whatever voices are allowed,
        the fallback speaks: a request must not fail because the primary may not."""
        task = replace(task, allowed_voices=None)
        asked = next((voice for voice in self.primary.voices() if voice.id == task.voice), None)
        if asked is None or task.voice is None:
            return task
        speaker = asked.speaker_id
        if speaker is None:
            speaker = STANDARD_GENDERS.index(asked.gender) if asked.gender else task.speaker_id
        return replace(task, speaker_id=speaker)

    def _lacking(self, task: SpeechTask) -> frozenset[int]:
        """Sentences that only the fallback can speak; none where that are all of them, or none for it either."""
        lacking = self.primary.lacks(task)
        if not lacking or len(lacking) == len(task.sentences):
            return frozenset()
        return frozenset() if lacking & self.fallback.lacks(self._for_fallback(task)) else lacking

    def _names_fallback_voice(self, task: SpeechTask) -> bool:
        return task.voice is not None and any(voice.id == task.voice for voice in self.fallback.voices())

    def _reserve(self, deadline: Deadline) -> float:
        return min(self._reserve_seconds, deadline.remaining() / 3)

    def _refuse_endless(self, task: SpeechTask, mode: Mode) -> None:
        seconds = fluent_seconds(task)
        if seconds > MAX_SPEECH_SECONDS:
            engine = self.fallback if mode is Mode.FALLBACK else self.primary
            message = f"not asked: at least {seconds:.0f} s of speech, {MAX_SPEECH_SECONDS:.0f} are allowed"
            raise AllEnginesFailed((Attempt(engine.name, "", TooMuchSpeech.code, 0.0, message),))

    def _refuse_hopeless(self, task: SpeechTask, mode: Mode, deadline: Deadline) -> None:
        """Nothing learned is no time at all, so a new worker refuses nothing."""
        characters = characters_of(task)
        paces = self._paces(task, mode)
        fastest = min(pace.least_seconds(characters=characters, speed=task.speed) for pace in paces.values())
        if fastest <= self.HOPELESS * deadline.remaining():
            return
        for pace in paces.values():
            pace.doubt(characters=characters, speed=task.speed)
        message = "not asked: at its recent pace this text would be far too late"
        raise AllEnginesFailed(
            tuple(Attempt(name, "", Fallback.OVERLOAD.value, 0.0, message) for name in paces)
        )

    def _paces(self, task: SpeechTask, mode: Mode) -> dict[str, Pace]:
        """Those of the engines that may speak `task`, by name."""
        if mode is Mode.FALLBACK:
            return {self.fallback.name: self._fallback_pace}
        own = {self.primary.name: self._pace}
        if mode is Mode.PRIMARY or self.fallback.lacks(self._for_fallback(task)):
            return own
        return own | {self.fallback.name: self._fallback_pace}

    def _reason_to_skip(
        self, task: SpeechTask, budget: Deadline, backlog: float, overload: Overload
    ) -> Fallback | None:
        """Raises `Overloaded`."""
        if self._breaker.is_open:
            return Fallback.CIRCUIT_OPEN
        remaining = budget.remaining()
        characters = characters_of(task)
        if self._pace.expected_seconds(characters=characters, speed=task.speed) > remaining:
            self._pace.doubt(characters=characters, speed=task.speed)
            return Fallback.OVERLOAD
        if overload is Overload.WAIT or backlog <= 0:
            return None
        if self._wait_of_others(task, backlog) <= self.BACKLOG_SHARE * remaining:
            return None
        if overload is Overload.REFUSE:
            raise Overloaded((self._passed_over(Fallback.OVERLOAD),))
        return Fallback.OVERLOAD

    def _wait_of_others(self, task: SpeechTask, backlog: float) -> float:
        """Seconds until the last of those waiting is done, if the primary speaks this and the fallback all of them."""
        own = self._pace.expected_seconds(characters=characters_of(task), speed=task.speed)
        return own + backlog * (self._fallback_pace.seconds_per_task + self.OVERHEAD_SECONDS)

    def _passed_over(self, reason: Fallback) -> Attempt:
        message = {
            Fallback.CIRCUIT_OPEN: "not asked: it failed several times in a row, and is tried again shortly",
            Fallback.OVERLOAD: "not asked: at its recent pace this request, or those that wait, would be late",
        }[reason]
        return Attempt(self.primary.name, "", reason.value, 0.0, message)

    def _learn(self, task: SpeechTask, attempt: Attempt) -> None:
        characters = characters_of(task)
        if attempt.outcome == "succeeded":
            self._breaker.success()
            self._pace.learn(characters=characters, speed=task.speed, seconds=attempt.seconds)
        elif attempt.outcome not in _FAULTS_OF_THE_TEXT:
            self._breaker.failure()
        if attempt.outcome == EngineTimeout.code:
            self._pace.late(characters=characters, speed=task.speed, seconds=attempt.seconds)

    def _attempt(
        self, engine: Engine, task: SpeechTask, deadline: Deadline, cancel: CancelToken
    ) -> tuple[Sequence[Speech], Attempt]:
        """Run one engine. No pieces unless the outcome is `succeeded`; cancellation by the caller raises."""
        pieces, attempt = self._ask(engine, task, deadline, cancel)
        if attempt.outcome not in _FAULTS_OF_THE_TEXT:
            ok = bool(pieces)
            self.health[engine.name] = Health(ok, time.time(), attempt.seconds, "" if ok else attempt.outcome)
        return pieces, attempt

    def _ask(
        self, engine: Engine, task: SpeechTask, deadline: Deadline, cancel: CancelToken
    ) -> tuple[Sequence[Speech], Attempt]:
        started = self._clock()
        call = EngineCall(is_last_resort=engine is self.fallback)
        unlink = cancel.on_cancel(lambda: call.token.cancel(SynthesisCanceled))
        try:
            call.start(engine, task, deadline)
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
            return (), Attempt(engine.name, "", EngineTimeout.code, seconds, message)
        if call.problem is not None:
            return (), _failed(engine, seconds, call.problem)
        return call.pieces, Attempt(engine.name, voices_of(call.pieces), "succeeded", seconds)


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
