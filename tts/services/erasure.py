"""Text and audio of one request, and of those that repeat it, gone at once: for its tenant and for operators."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from rq.timeouts import JobTimeoutException

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
    # Once more where retention took the audio in between: the text may be there still.
    while not _erased(request, row, now, actor):
        if not request.exists():
            return False
    answer_drop(request_id=row.pk)
    return True


def _erased(request: QuerySet[SynthesisRequest], row: SynthesisRequest, now: datetime, actor: Actor) -> bool:
    """One try; false when there is nothing, or something else than was read."""
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
    return bool(changed)


def repetitions_erase(*, row: SynthesisRequest, now: datetime, actor: Actor = SYSTEM) -> int:
    """Erase what repeats `row`, what repeats that, and so on: all have its text. Returns how many had text or audio.

    Call it once `row` is erased: nothing can repeat it from then on, and what was repeating it at that moment is found.
    Raises `AudioNotRemoved`; the same call does the rest then.
    """
    rows = SynthesisRequest.objects.of(row.tenant_id).select_related("tenant").defer("text")
    done, erased = 0, {row.pk}
    while erased:
        found = list(rows.filter(repeats__in=erased))
        done += sum(request_erase(row=repetition, now=now, actor=actor) for repetition in found)
        erased = {repetition.pk for repetition in found}
    return done


def repetitions_kept(*, rows: Iterable[SynthesisRequest]) -> list[SynthesisRequest]:
    """What repeats any of `rows`, what repeats that, and so on, as far as it has text or audio. Texts are deferred."""
    of_tenant: dict[UUID, set[UUID]] = {}
    for row in rows:
        of_tenant.setdefault(row.tenant_id, set()).add(row.pk)
    return [kept for tenant_id, ids in of_tenant.items() for kept in _repetitions_kept(tenant_id, ids)]


def _repetitions_kept(tenant_id: UUID, parents: set[UUID]) -> QuerySet[SynthesisRequest]:
    rows = SynthesisRequest.objects.of(tenant_id)
    found: set[UUID] = set()
    while parents:
        parents = set(rows.filter(repeats__in=parents).values_list("pk", flat=True))
        found |= parents
    return rows.filter(HAS_CONTENT, pk__in=found).defer("text")


def audio_remove(*, name: str) -> None:
    """Delete a file of the history from storage; one that is gone already is as good. Raises `AudioNotRemoved`."""
    if not name:
        return
    try:
        audio_storage().delete(name)
    except FileNotFoundError:
        return
    except JobTimeoutException:
        # It is the job's time that is up, not storage's fault.
        raise
    except Exception as problem:  # noqa: BLE001 - a remote storage raises errors of its own library
        # Its message may hold an address with a signature, so it goes no further.
        raise AudioNotRemoved(type(problem).__name__) from None
