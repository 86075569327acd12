"""Text and audio of one request, gone at once: for its tenant and for operators."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.actors import SYSTEM, Actor
from accounts.services.audit import audit_write
from tts.models import SynthesisRequest
from tts.models.request import audio_storage
from tts.services.answers import answer_drop
from tts.services.events import event, events_write
from tts.services.states import request_cancel

ERASED = "request.erase"
HAS_CONTENT = ~Q(text="") | ~Q(audio="")


class AudioNotRemoved(Exception):
    """Storage refused to delete audio: the record still points at it, and the same call may be made again."""


def request_erase(*, row: SynthesisRequest, now: datetime, actor: Actor = SYSTEM) -> bool:
    """Delete text and audio of a request; the record and its usage stay.

    A request that has not ended is canceled first. The file goes before the row tells so: killed in between, the next
    call, or retention, completes it. False when there was neither text nor audio any more. What staff erase is told in
    the audit log, what keys erase in the request's own timeline. Raises `AudioNotRemoved`.
    """
    if not row.is_final:
        request_cancel(request_id=row.pk, now=now)
    request = SynthesisRequest.objects.of(row.tenant_id).filter(HAS_CONTENT, pk=row.pk)
    name = request.values_list("audio", flat=True).first()
    if name is None:
        return False
    audio_remove(name=name)
    with transaction.atomic():
        changed = request.filter(audio=name).update(text="", audio="")
        if changed:
            events_write([event(row, "erased", now, by=actor.kind)])
            if actor.kind == "user":
                audit_write(actor=actor, action=ERASED, target=row, tenant=row.tenant, name="")
    answer_drop(request_id=row.pk)
    return bool(changed)


def audio_remove(*, name: str) -> None:
    """Delete a file of the history from storage; one that is gone already is as good. Raises `AudioNotRemoved`."""
    if not name:
        return
    try:
        audio_storage().delete(name)
    except FileNotFoundError:
        return
    except Exception as problem:  # noqa: BLE001 - a remote storage raises errors of its own library
        # Its message may hold an address with a signature, so it goes no further.
        raise AudioNotRemoved(type(problem).__name__) from None
