"""Speech answered at once: accept, wait, and tell how it ended. What `POST /api/tts` is made of."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.utils import timezone
from redis.exceptions import RedisError

from accounts.limits.names import Limit
from accounts.selectors import Caller
from accounts.services.quota import QuotaExhausted
from tts.engines.base import Deadline
from tts.models import SynthesisRequest
from tts.services.admission import QueueUnavailable, request_admit
from tts.services.answers import CANCELED, STORED, Answer, answer_drop, answer_wait
from tts.services.history import audio_read
from tts.services.idempotency import AlreadyAnswered, IdempotencyInFlight, IdempotencyMismatch
from tts.services.in_flight import ConcurrencyLimited, InFlight
from tts.services.parameters import SpeechParameters
from tts.services.states import request_cancel, request_expire
from tts.services.waiters import Waiters

__all__ = [
    "ERRORS",
    "NOT_ACCEPTED",
    "AlreadyAnswered",
    "AtCapacity",
    "AudioExpired",
    "ClientGone",
    "DeadlineExceeded",
    "DependencyUnavailable",
    "SpeechError",
    "SpokenRequest",
    "SynthesisFailed",
    "speech_create",
    "speech_repeat",
]

_waiters = Waiters(settings.TTS_WAITERS)


class SpeechError(Exception):
    """Base of what `speech_create` raises; `code` is the one of the HTTP contract, `row` the record if there is one."""

    code = "internal"

    def __init__(self, row: SynthesisRequest | None = None) -> None:
        super().__init__(self.code)
        self.row = row


class AudioExpired(SpeechError):
    """The request was answered before, and its audio is no longer kept."""

    code = "audio_expired"


class AtCapacity(SpeechError):
    """Too many requests of this process wait already; nothing was recorded or charged."""

    code = "at_capacity"


class SynthesisFailed(SpeechError):
    """Every engine failed; the record says how."""

    code = "synthesis_failed"


class DeadlineExceeded(SpeechError):
    """No audio by the deadline."""

    code = "deadline_exceeded"


class DependencyUnavailable(SpeechError):
    """Redis is away: the request was canceled, nothing is charged."""

    code = "dependency_unavailable"


class ClientGone(SpeechError):
    """The client hung up and its request was canceled, or somebody else canceled it."""

    code = "canceled"


NOT_ACCEPTED = (
    AtCapacity,
    QuotaExhausted,
    ConcurrencyLimited,
    IdempotencyMismatch,
    IdempotencyInFlight,
    AlreadyAnswered,
)
"""Raised before a request is on record: it consumes nothing, but for the request that repeating one is."""

REPEATED = (IdempotencyMismatch, IdempotencyInFlight, AlreadyAnswered)
"""Those of them that come of a repeated key."""

ERRORS = (SpeechError, QuotaExhausted, ConcurrencyLimited, IdempotencyMismatch, IdempotencyInFlight)
"""What `speech_create` and `speech_repeat` raise for callers to be told of."""


@dataclass(frozen=True, slots=True, eq=False)
class SpokenRequest:
    """A finished request and its encoded audio."""

    row: SynthesisRequest
    audio: bytes


def speech_create(
    *,
    caller: Caller,
    parameters: SpeechParameters,
    request_id: str,
    address: str | None,
    idempotency_key: str = "",
    would_refuse: Collection[Limit] = (),
    limits_seconds: float | None = None,
    on_accepted: Callable[[InFlight], None] = lambda in_flight: None,
    client_is_there: Callable[[], bool] = lambda: True,
) -> SpokenRequest:
    """Record a request, wait for a worker to speak it, return the audio.

    `on_accepted` is called once it is on record. Raises one of `ERRORS`, and `AlreadyAnswered` for a repeated
    `idempotency_key`: `speech_repeat` gives that answer.
    """
    if not _waiters.enter(caller.tenant.pk):
        raise AtCapacity
    try:
        deadline = Deadline.after(parameters.timeout_seconds)
        admission = request_admit(
            caller=caller,
            parameters=parameters,
            request_id=request_id,
            address=address,
            now=timezone.now(),
            idempotency_key=idempotency_key,
            would_refuse=would_refuse,
            limits_seconds=limits_seconds,
        )
        row = admission.row
        on_accepted(admission.in_flight)
        # The wait is long and connections are few.
        connection.close()
        answer = answer_wait(request_id=row.id, deadline=deadline, still_wanted=client_is_there)
    except QueueUnavailable as problem:
        return _without_redis(problem.row)
    except RedisError:
        return _without_redis(row)
    finally:
        _waiters.leave(caller.tenant.pk)
    return _result(row, answer, client_is_there)


def speech_repeat(*, row: SynthesisRequest) -> SpokenRequest:
    """The answer that a finished request was given, once more. Raises the `SpeechError` that it was."""
    spoken = _ended_by_worker(row)
    if spoken is not None:
        return spoken
    if row.status == SynthesisRequest.Status.SUCCEEDED:
        raise AudioExpired(row)
    if row.status == SynthesisRequest.Status.EXPIRED:
        raise DeadlineExceeded(row)
    raise ClientGone(row)


def _without_redis(row: SynthesisRequest) -> SpokenRequest:
    """Cancel the request, unless a worker ended it: then it was charged, and the record has the audio."""
    ended = request_cancel(request_id=row.id, now=timezone.now())
    spoken = None if ended else _ended_by_worker(row)
    if spoken is None:
        raise DependencyUnavailable(row)
    return spoken


def _result(
    row: SynthesisRequest, answer: Answer | None, client_is_there: Callable[[], bool]
) -> SpokenRequest:
    if answer is None:
        return _without_answer(row, client_is_there)
    answer_drop(request_id=row.id)
    row.refresh_from_db()
    if answer.code == CANCELED:
        raise ClientGone(row)
    if not answer.is_speech:
        raise SynthesisFailed(row)
    audio = audio_read(row=row) if answer.code == STORED else answer.audio
    if audio is None:
        raise SynthesisFailed(row)
    return SpokenRequest(row, audio)


def _without_answer(row: SynthesisRequest, client_is_there: Callable[[], bool]) -> SpokenRequest:
    """End the request, unless a worker did so in the last moment: then the record has the audio."""
    gone = not client_is_there()
    now = timezone.now()
    ended = request_cancel(request_id=row.id, now=now) if gone else request_expire(request_id=row.id, now=now)
    spoken = None if ended else _ended_by_worker(row)
    if spoken is not None:
        return spoken
    raise ClientGone(row) if gone else DeadlineExceeded(row)


def _ended_by_worker(row: SynthesisRequest) -> SpokenRequest | None:
    """The audio on record of a request whose answer went astray. Raises `SynthesisFailed`."""
    row.refresh_from_db()
    if row.status == SynthesisRequest.Status.FAILED:
        raise SynthesisFailed(row)
    audio = audio_read(row=row) if row.status == SynthesisRequest.Status.SUCCEEDED else None
    return None if audio is None else SpokenRequest(row, audio)
