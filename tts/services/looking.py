"""Staff who listen to what a tenant had spoken, read it or stop it: written into the audit log, before they are shown
it.
"""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.actors import Actor
from accounts.models import AuditEvent
from accounts.services.audit import audit_write
from tts.models import SynthesisRequest
from tts.services.states import request_cancel

READ = "request.text"
HEARD = "request.audio"
CANCELED = "request.cancel"
LISTENING = timedelta(hours=1)
"""How long a player may ask for further parts of an audio before that is another listening."""


def staff_read(*, actor: Actor, row: SynthesisRequest) -> None:
    """Tell that `actor` is shown the text of a request."""
    audit_write(actor=actor, action=READ, target=row, tenant=row.tenant, name="")


def staff_heard(*, actor: Actor, row: SynthesisRequest, first_byte: int, now: datetime) -> None:
    """Tell that `actor` is given the audio of a request from `first_byte` on.

    A player fetches the beginning once and then parts as people jump around: those are the same listening, unless
    none of the last hour is on record.
    """
    if first_byte > 0 and _is_listening(actor, row, now):
        return
    audit_write(actor=actor, action=HEARD, target=row, tenant=row.tenant, name="")


def _is_listening(actor: Actor, row: SynthesisRequest, now: datetime) -> bool:
    return (
        AuditEvent.objects.of(row.tenant)
        .filter(
            target_id=str(row.pk),
            action=HEARD,
            actor_kind=actor.kind,
            actor_id=actor.id,
            at__gt=now - LISTENING,
        )
        .exists()
    )


def staff_cancel(*, actor: Actor, row: SynthesisRequest, now: datetime) -> bool:
    """Cancel a request for `actor` and tell so; False when it has ended already."""
    with transaction.atomic():
        canceled = request_cancel(request_id=row.pk, now=now)
        if canceled:
            audit_write(actor=actor, action=CANCELED, target=row, tenant=row.tenant, name="")
    return canceled
