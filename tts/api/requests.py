"""`/api/requests/{id}` and its audio: what became of a request, and that it is to be forgotten."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actors import SYSTEM, Actor
from accounts.permissions import OTHERWISE
from accounts.scopes import Scope
from tts.api.audio_response import stored_audio_response
from tts.api.base import ApiView, caller_of
from tts.api.problems import Problem
from tts.models import SynthesisRequest
from tts.selectors import request_of_tenant
from tts.services.erasure import AudioNotRemoved, repetitions_erase, request_erase
from tts.services.history import audio_find


class RequestView(ApiView):
    """One request of the caller's tenant."""

    required_scope: ClassVar[dict[str, Scope]] = {
        OTHERWISE: Scope.HISTORY_READ,
        "DELETE": Scope.HISTORY_DELETE,
    }

    def get(self, request: Request, request_id: UUID) -> Response:
        return Response(request_json(request_found(request, request_id)))

    def delete(self, request: Request, request_id: UUID) -> Response:
        """Text and audio are gone, of what repeats it too; records and usage stay. Doing it again is no error."""
        row = request_found(request, request_id)
        actor, now = _actor(request), timezone.now()
        try:
            request_erase(row=row, now=now, actor=actor)
            # Staff may have asked for the text again: who deletes it here need not know of that.
            repetitions_erase(row=row, now=now, actor=actor)
        except AudioNotRemoved as problem:
            detail = "Storage did not delete the audio; try again."
            raise Problem(503, "dependency_unavailable", detail, retry_after=5) from problem
        return Response(status=204)


class RequestAudioView(ApiView):
    """Its audio, as long as it is kept."""

    required_scope = Scope.HISTORY_READ

    def get(self, request: Request, request_id: UUID) -> HttpResponse:
        row = request_found(request, request_id)
        if not row.is_final:
            raise Problem(409, "not_ready", f"The request is {row.status}.", retry_after=1)
        audio = audio_find(row=row)
        if audio is None:
            if row.status != SynthesisRequest.Status.SUCCEEDED:
                raise Problem(409, "not_ready", f"The request is {row.status}; there will be no audio.")
            raise Problem(410, "audio_expired", "The audio is no longer kept; the record is.")
        return stored_audio_response(request._request, row, audio)


def request_found(request: Request, request_id: UUID) -> SynthesisRequest:
    """A request of the caller's tenant. Raises `NotFound`, for another tenant's as well."""
    row = request_of_tenant(tenant=caller_of(request).tenant, request_id=request_id)
    if row is None:
        raise NotFound
    return row


def _actor(request: Request) -> Actor:
    key = caller_of(request).key
    return SYSTEM if key is None else Actor.of_key(key)


def request_json(row: SynthesisRequest) -> dict[str, Any]:
    """A request as the API shows it. Times are UTC (RFC 3339), durations are seconds."""
    error = {"code": row.error_code, "detail": row.error_detail} if row.error_code else None
    path = f"/api/requests/{row.id}"
    return {
        "id": str(row.id),
        "status": row.status,
        "request_id": row.request_id,
        "reference": row.reference,
        "characters": row.characters,
        "speaker_id": row.speaker_id,
        "voice": row.voice or None,
        "speed": row.speed,
        "format": row.audio_format,
        "sample_rate": row.audio_sample_rate or row.sample_rate,
        "language": row.language or "auto",
        "engine": row.engine,
        "engine_used": row.engine_used or None,
        "voice_used": row.voice_used or None,
        "fallback": row.fallback or None,
        "created_at": row.created_at.isoformat(),
        "started_at": row.started_at.isoformat() if row.started_at else None,
        "finished_at": row.finished_at.isoformat() if row.finished_at else None,
        "queue_seconds": _rounded(row.queue_seconds),
        "synthesis_seconds": _rounded(row.synthesis_seconds),
        "total_seconds": _rounded(row.total_seconds),
        "audio_seconds": _rounded(row.audio_seconds),
        "audio_bytes": row.audio_bytes,
        "attempts": [
            {
                "engine": attempt.engine,
                "voice": attempt.voice or None,
                "outcome": attempt.outcome,
                "seconds": _rounded(attempt.seconds),
                "message": attempt.message,
            }
            for attempt in row.attempts.all()
        ],
        "error": error,
        "links": {"self": path, "audio": f"{path}/audio" if row.audio else None},
    }


def _rounded(seconds: float | None) -> float | None:
    """To the microsecond, as the times are."""
    return None if seconds is None else round(seconds, 6)
