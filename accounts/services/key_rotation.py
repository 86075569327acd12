"""A new secret for a key, while the old one still works for a time."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import keys
from accounts.actors import SYSTEM, Actor
from accounts.models import ApiKey
from accounts.peppers import pepper_current
from accounts.services.audit import audit_snapshot, audit_write
from accounts.services.keys import KeyEnded, key_lock

LONGEST_OVERLAP = timedelta(days=90)

_ROTATED = (
    "digest",
    "pepper_number",
    "previous_digest",
    "previous_pepper_number",
    "previous_until",
    "rotated_at",
)


def key_rotate(*, key: ApiKey, overlap: timedelta, actor: Actor = SYSTEM) -> tuple[ApiKey, keys.KeyText]:
    """Give a key another secret under the same public id and return its row and its new text, which nobody can read
    again afterwards.

    The old text works for `overlap` from now, and not at all after this with an overlap of 0. The one before it, where
    an overlap is still going on, ends at once: no more than two work at a time. Neither outlives the key's expiry.

    Raises `KeyEnded` for a revoked or expired key, and `ValidationError` for an overlap that is negative or longer than
    90 days.
    """
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise ValidationError(
            {
                "overlap": ValidationError(
                    _("The old secret can work for up to %(days)d days more."),
                    code="overlap",
                    params={"days": LONGEST_OVERLAP.days},
                )
            }
        )
    with transaction.atomic():
        row = key_lock(key=key)
        now = timezone.now()
        if not row.is_usable(now):
            raise KeyEnded("this key is revoked or expired")
        before = audit_snapshot(row)
        keep = overlap > timedelta(0)
        row.previous_digest = row.digest if keep else ""
        row.previous_pepper_number = row.pepper_number if keep else None
        row.previous_until = now + overlap if keep else None
        pepper = pepper_current()
        generated = keys.generate(row.environment, row.public_id)
        row.digest = keys.digest(generated.text, pepper.secret)
        row.pepper_number = pepper.number
        row.rotated_at = now
        row.save(update_fields=_ROTATED)
        audit_write(
            actor=actor,
            action="key.rotate",
            target=row,
            tenant=row.tenant,
            before=before,
            after=audit_snapshot(row),
        )
    return row, generated.text
