"""What a worker does with a request it has claimed: prepare, speak, encode, keep, end, answer."""

import logging
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone
from redis.exceptions import RedisError

from tts.audio.encode import EncodedAudio, encode
from tts.engines.base import (
    CancelToken,
    Deadline,
    EngineTimeout,
    NoVoice,
    SpeechTask,
    SynthesisCanceled,
    TooMuchSpeech,
    Unspeakable,
)
from tts.engines.chain import AllEnginesFailed, EngineChain, Fallback, Mode, Overload, Overloaded, Synthesis
from tts.engines.pace import Pace
from tts.models import SynthesisRequest
from tts.services.answers import STORED, Answer, answer_publish
from tts.services.history import audio_discard, audio_is_kept, audio_store
from tts.services.logs_context import logs_about
from tts.services.logs_speaking import log_kept, log_spoken
from tts.services.preparing import request_prepare
from tts.services.routes import routes_of_tenant
from tts.services.states import Outcome, request_expire, request_fail, request_succeed
from tts.text import NothingToSpeak

logger = logging.getLogger(__name__)

LARGE_ANSWER_BYTES = 4 * 2**20
ANSWER_SECONDS = 0.3
"""Kept of each deadline for encoding, storing and the way back to the caller."""

Now = Callable[[], datetime]

_encoding_paces: dict[str, Pace] = {}
"""By format, for seconds of audio: Opus takes up to 50 ms for one, WAV nothing."""


class TooLongForDeadline(Exception):
    """Encoding would end clearly past the deadline; it was not begun."""


@dataclass(frozen=True, slots=True, eq=False)
class _Spoken:
    """A synthesis and how many seconds it took, text front end included."""

    synthesis: Synthesis
    seconds: float


def request_speak(
    *,
    row: SynthesisRequest,
    chain: EngineChain,
    backlog: float = 0.0,
    cancel: CancelToken | None = None,
    now: Now = timezone.now,
) -> None:
    """Do the work of a claimed request.

    `backlog` is how many requests wait for each worker; under a long queue the chain prefers the faster engine, or does
    what the request's overload policy says instead. `cancel` stops the work early; whoever cancels it has ended the row
    before.

    Every way out ends the row by compare-and-set and answers whoever waits. Raises nothing but what means that the
    database is away; the sweeper takes over then.
    """
    with logs_about(row.id):
        _end(row, chain, backlog, cancel or CancelToken(), now)


def _end(row: SynthesisRequest, chain: EngineChain, backlog: float, cancel: CancelToken, now: Now) -> None:
    remaining = (row.deadline_at - now()).total_seconds() - ANSWER_SECONDS
    if remaining <= 0:
        request_expire(request_id=row.id, now=now())
        return
    try:
        synthesis = _synthesize(row, chain, Deadline.after(remaining), backlog, cancel)
        _deliver(row, synthesis, now)
    except AllEnginesFailed as failure:
        detail = "; ".join(f"{a.engine}: {a.outcome}" for a in failure.attempts)
        code = _code_of(failure)
        logger.log(
            logging.ERROR if code == "synthesis_failed" else logging.INFO, "request %s: %s", row.id, failure
        )
        if request_fail(row=row, code=code, detail=detail, attempts=failure.attempts, now=now()):
            _answer(row, Answer(code, detail=detail))
    except TooLongForDeadline as refusal:
        if request_fail(row=row, code="too_long_for_deadline", detail=str(refusal), now=now()):
            _answer(row, Answer("too_long_for_deadline"))
    except EngineTimeout as late:
        if request_fail(row=row, code="deadline_exceeded", detail=str(late), now=now()):
            _answer(row, Answer("deadline_exceeded"))
    except NothingToSpeak:
        if request_fail(row=row, code="nothing_to_speak", detail="nothing speakable in the text", now=now()):
            _answer(row, Answer("nothing_to_speak"))
    except SynthesisCanceled:
        return
    except Exception as problem:  # noqa: BLE001 - a request must end whatever goes wrong with it
        # The message may quote the text; the stack shows code only, and goes to the error log.
        stack = "".join(traceback.format_tb(problem.__traceback__))
        logger.error("request %s failed: %s\n%s", row.id, type(problem).__qualname__, stack)
        if request_fail(row=row, code="internal", detail=type(problem).__qualname__, now=now()):
            _answer(row, Answer("internal"))


def _synthesize(
    row: SynthesisRequest, chain: EngineChain, deadline: Deadline, backlog: float, cancel: CancelToken
) -> _Spoken:
    started = time.monotonic()
    prepared = request_prepare(row=row)
    task = SpeechTask(
        sentences=prepared.sentences,
        speaker_id=row.speaker_id or 0,
        voice=row.voice or None,
        speed=row.speed,
        routes=routes_of_tenant(tenant_id=row.tenant_id),
        allowed_voices=None if row.allowed_voices is None else frozenset(row.allowed_voices),
    )
    synthesis = chain.run(
        task,
        mode=Mode(row.engine),
        deadline=deadline,
        cancel=cancel,
        backlog=backlog,
        overload=Overload(row.overload_policy),
    )
    spoken = _Spoken(synthesis, time.monotonic() - started)
    log_spoken(row, prepared, synthesis, seconds=spoken.seconds)
    return spoken


def _deliver(row: SynthesisRequest, spoken: _Spoken, now: Now) -> None:
    """Encode, keep, end the row, answer: in this order (ADR 0004)."""
    synthesis = spoken.synthesis
    begun = time.monotonic()
    encoded = _encode(row, synthesis, Deadline.after((row.deadline_at - now()).total_seconds()))
    encoded_at = time.monotonic()
    name = audio_store(row=row, data=encoded.data) if audio_is_kept(row=row) else ""
    outcome = replace(
        _outcome(synthesis, encoded, spoken.seconds, name),
        encode_seconds=encoded_at - begun,
        store_seconds=time.monotonic() - encoded_at,
    )
    log_kept(row, outcome)
    if request_succeed(row=row, outcome=outcome, attempts=synthesis.attempts, now=now()):
        _answer(row, _answer_with(encoded, stored=bool(name)))
    else:
        # Canceled, expired or given to another worker meanwhile: this audio belongs to nobody.
        audio_discard(name=name)


def _encode(row: SynthesisRequest, synthesis: Synthesis, deadline: Deadline) -> EncodedAudio:
    """Raises `TooLongForDeadline`, and `EngineTimeout` when it took longer than expected."""
    pace = _encoding_paces.setdefault(row.audio_format, Pace())
    seconds = synthesis.speech.seconds
    if pace.least_seconds(characters=seconds, speed=1.0) > EngineChain.HOPELESS * deadline.remaining():
        pace.doubt(characters=seconds, speed=1.0)
        raise TooLongForDeadline(f"{seconds:.0f} s of audio could not be encoded in time")
    started = time.monotonic()
    try:
        encoded = encode(
            synthesis.speech.samples,
            synthesis.speech.sample_rate,
            row.audio_format,
            target_rate=row.sample_rate,
            deadline=deadline,
        )
    except EngineTimeout:
        pace.late(characters=seconds, speed=1.0, seconds=time.monotonic() - started)
        raise
    pace.learn(characters=seconds, speed=1.0, seconds=time.monotonic() - started)
    return encoded


def _outcome(synthesis: Synthesis, encoded: EncodedAudio, seconds: float, name: str) -> Outcome:
    return Outcome(
        engine=synthesis.engine,
        voice=synthesis.speech.voice,
        fallback=synthesis.fallback.value,
        synthesis_seconds=seconds,
        audio_seconds=encoded.seconds,
        sample_rate=encoded.sample_rate,
        audio=name,
        audio_bytes=len(encoded.data),
    )


def _answer_with(encoded: EncodedAudio, *, stored: bool) -> Answer:
    """The audio itself, unless it is large and can be read from storage: Redis is for answers, not for files."""
    if stored and len(encoded.data) > LARGE_ANSWER_BYTES:
        return Answer(STORED)
    return Answer("ok", audio=encoded.data)


def _code_of(failure: AllEnginesFailed) -> str:
    """Whether the text is to blame, the choice of language, the load, or the engines."""
    if isinstance(failure, Overloaded):
        return "at_capacity"
    outcomes = [attempt.outcome for attempt in failure.attempts]
    if outcomes[-1] == TooMuchSpeech.code:
        return "too_much_speech"
    if outcomes[-1] == Unspeakable.code:
        return "nothing_to_speak"
    if set(outcomes) == {NoVoice.code}:
        return "no_voice"
    if outcomes[-1] == EngineTimeout.code:
        return "deadline_exceeded"
    if outcomes[-1] == Fallback.OVERLOAD.value:
        return "too_long_for_deadline"
    return "synthesis_failed"


def _answer(row: SynthesisRequest, answer: Answer) -> None:
    try:
        answer_publish(request_id=row.id, answer=answer)
    except RedisError as problem:
        logger.error("answer of request %s not delivered: %s", row.id, type(problem).__name__)
