"""Speech answered at once: accept, wait, and tell how it ended. What `POST /api/tts` is made of."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.utils import timezone
from redis.exceptions import RedisError

from accounts.selectors import Caller
from tts.engines.base import Deadline
from tts.models import SynthesisRequest
from tts.services.admission import QueueUnavailable, request_admit
from tts.services.answers import STORED, Answer, answer_drop, answer_wait
from tts.services.history import audio_read
from tts.services.parameters import SpeechParameters
from tts.services.states import request_cancel, request_expire

_waiters = threading.BoundedSemaphore(settings.TTS_WAITERS)


class SpeechError(Exception):
    """Base of what `speech_create` raises; `code` is the one of the HTTP contract, `row` the record if there is one."""

    code = "internal"

    def __init__(self, row: SynthesisRequest | None = None) -> None:
        super().__init__(self.code)
        self.row = row


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
    """The client hung up; its request was canceled."""

    code = "canceled"


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
    client_is_there: Callable[[], bool] = lambda: True,
) -> SpokenRequest:
    """Record a request, wait for a worker to speak it, return the audio. Raises a `SpeechError`."""
    if not _waiters.acquire(blocking=False):
        raise AtCapacity
    try:
        deadline = Deadline.after(parameters.timeout_seconds)
        row = request_admit(
            caller=caller, parameters=parameters, request_id=request_id, address=address, now=timezone.now()
        )
        # The wait is long and connections are few.
        connection.close()
        answer = answer_wait(request_id=row.id, deadline=deadline, still_wanted=client_is_there)
    except QueueUnavailable as problem:
        return _without_redis(problem.row)
    except RedisError:
        return _without_redis(row)
    finally:
        _waiters.release()
    return _result(row, answer, client_is_there)


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
