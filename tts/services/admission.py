"""Accepting a request: it is on record before anyone works on it."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.selectors import Caller
from tts.models import SynthesisRequest
from tts.services.events import event, events_write
from tts.services.lexicons import lexicon_version
from tts.services.parameters import SpeechParameters
from tts.services.queueing import request_enqueue


class QueueUnavailable(Exception):
    """The request is on record but could not be queued."""

    def __init__(self, row: SynthesisRequest) -> None:
        super().__init__("queue unavailable")
        self.row = row


def request_admit(
    *, caller: Caller, parameters: SpeechParameters, request_id: str, address: str | None, now: datetime
) -> SynthesisRequest:
    """Record a valid request as `queued` and, once that is committed, queue its id.

    Raises `QueueUnavailable` when Redis is away. The row stays then: who waits for it ends it, else the sweeper
    queues it when Redis is back.
    """
    row = SynthesisRequest(
        tenant=caller.tenant,
        api_key=caller.key,
        api_key_name="" if caller.key is None else caller.key.name,
        request_id=request_id,
        client_address=address,
        reference=parameters.reference,
        text=parameters.text,
        is_ssml=parameters.is_ssml,
        characters=parameters.characters,
        language=parameters.language,
        normalize=parameters.normalize,
        lexicon_version=lexicon_version(tenant=caller.tenant),
        speaker_id=parameters.speaker_id,
        voice=parameters.voice,
        speed=parameters.speed,
        audio_format=parameters.audio_format,
        sample_rate=parameters.sample_rate,
        engine=parameters.engine,
        created_at=now,
        deadline_at=now + timedelta(seconds=parameters.timeout_seconds),
    )
    with transaction.atomic():
        row.save(force_insert=True)
        events_write([event(row.id, "received", now, characters=row.characters, format=row.audio_format)])
    if not request_enqueue(request_id=row.id, claim=0, deadline_at=row.deadline_at, now=now):
        raise QueueUnavailable(row)
    return row
