"""Links to stored usage files: signed, for one person, for a quarter of an hour."""

from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.signing import BadSignature, TimestampSigner

from tts.models import UsageExport

SALT = "tts.usage-export"
LINK_SECONDS = 15 * 60


def export_token(*, export: UsageExport, user: AbstractBaseUser) -> str:
    """What makes a link to the file of `export` work for `user`, and for nobody else, for `LINK_SECONDS`."""
    return _signer().sign_object([str(export.pk), str(user.pk)])


def export_token_holds(*, token: str, export_id: UUID, user: AbstractBaseUser) -> bool:
    """Whether `token` was made for this export and this person, and not too long ago."""
    try:
        named = _signer().unsign_object(token, max_age=LINK_SECONDS)
    except BadSignature:
        return False
    return bool(named == [str(export_id), str(user.pk)])


def _signer() -> TimestampSigner:
    return TimestampSigner(salt=SALT)
