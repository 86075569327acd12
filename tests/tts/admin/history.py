"""Requests on record, made by the services that make them in earnest."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Tenant
from tts.engines.chain import Attempt
from tts.models import SynthesisRequest
from tts.services.events import event, events_write
from tts.services.history import audio_store
from tts.services.states import Outcome, request_claim, request_fail, request_succeed

AUDIO = bytes(range(256)) * 4


def queued(tenant: Tenant, *, at: datetime | None = None, **fields: Any) -> SynthesisRequest:
    at = at or timezone.now()
    values: dict[str, Any] = {
        "request_id": "abc",
        "text": "你好",
        "characters": 2,
        "audio_format": "mp3",
        "created_at": at,
        "deadline_at": at + timedelta(seconds=15),
    }
    row = SynthesisRequest.all_tenants.create(tenant=tenant, **(values | fields))
    events_write([event(row, "received", at, characters=row.characters)])
    return row


def succeeded(
    tenant: Tenant, *, fallback: str = "none", audio: bytes | None = AUDIO, **fields: Any
) -> SynthesisRequest:
    """`audio` None: nothing was kept."""
    row = _claimed(queued(tenant, **fields))
    attempts = [Attempt("piper", "zh_CN-test", "succeeded", 0.3)]
    if fallback != "none":
        attempts = [
            Attempt("piper", "", fallback, 0.2, "no answer", "Traceback: <deep>"),
            Attempt("espeak", "cmn", "succeeded", 0.01),
        ]
    outcome = Outcome(
        engine=attempts[-1].engine,
        voice=attempts[-1].voice,
        fallback=fallback,
        synthesis_seconds=0.31,
        audio_seconds=1.5,
        sample_rate=22050,
        audio="" if audio is None else audio_store(row=row, data=audio),
        audio_bytes=len(audio or b""),
    )
    assert request_succeed(row=row, outcome=outcome, attempts=attempts, now=timezone.now())
    row.refresh_from_db()
    return row


def failed(tenant: Tenant, **fields: Any) -> SynthesisRequest:
    row = _claimed(queued(tenant, **fields))
    assert request_fail(row=row, code="synthesis_failed", detail="every engine failed", now=timezone.now())
    row.refresh_from_db()
    return row


def _claimed(row: SynthesisRequest) -> SynthesisRequest:
    claimed = request_claim(request_id=row.id, worker="worker-1", now=timezone.now())
    assert claimed is not None
    return claimed
