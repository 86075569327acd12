"""Links to stored usage files: signed, for a quarter of an hour.

One of the admin is for one person, who has to be logged in. One of the API is as good as the secret of the key that
got it, and no longer: whoever has the link needs no other proof, until its time is over or the secret is, which ends
with the key or when that is rotated.
"""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.signing import BadSignature, TimestampSigner
from django.utils.crypto import salted_hmac

from accounts.key_lookup import find_key
from accounts.models import ApiKey
from accounts.selectors import Caller
from tts.models import UsageExport

SALT, KEY_SALT = "tts.usage-export", "tts.usage-export.key"
LINK_SECONDS = 15 * 60


def export_token(*, export: UsageExport, user: AbstractBaseUser) -> str:
    """What makes a link to the file of `export` work for `user`, and for nobody else, for `LINK_SECONDS`."""
    return _signer(SALT).sign_object([str(export.pk), str(user.pk)])


def export_token_holds(*, token: str, export_id: UUID, user: AbstractBaseUser) -> bool:
    """Whether `token` was made for this export and this person, and not too long ago."""
    try:
        named = _signer(SALT).unsign_object(token, max_age=LINK_SECONDS)
    except BadSignature:
        return False
    return bool(named == [str(export_id), str(user.pk)])


def export_key_token(*, export: UsageExport, key: ApiKey) -> str:
    """What makes a link to the file of `export` work as `key` does, for `LINK_SECONDS`."""
    return _signer(KEY_SALT).sign_object([str(export.pk), key.public_id, _mark(key.digest)])


def export_key_caller(*, token: str, export_id: UUID, now: datetime) -> Caller | None:
    """Who got the link to this export that `token` is of; None when it is not of one, too old, or the key has ended."""
    try:
        named = _signer(KEY_SALT).unsign_object(token, max_age=LINK_SECONDS)
    except BadSignature:  # forged, of another export or too old: whoever asks is nobody
        return None
    match named:
        case [str(of), str(public_id), str(mark)] if of == str(export_id):
            found = find_key(public_id)
        case _:
            return None
    if found is None or found.key is None or mark not in _marks(found.key, now):
        return None
    tenant = found.tenant
    return Caller(tenant, found.key, frozenset(found.key.scopes), tenant.plan.limits(found.exceptions))


def _marks(key: ApiKey, now: datetime) -> set[str]:
    """Of the secrets of a key that are good at `now`."""
    if not key.is_usable(now):
        return set()
    rotated = key.previous_until is not None and now < key.previous_until
    return {_mark(key.digest), *([_mark(key.previous_digest)] if rotated else [])}


def _mark(digest: str) -> str:
    """Tells secrets of a key apart, and nothing else about them."""
    return salted_hmac(KEY_SALT, digest, algorithm="sha256").hexdigest()[:16]


def _signer(salt: str) -> TimestampSigner:
    return TimestampSigner(salt=salt)
