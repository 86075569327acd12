"""The key that a command line names."""

from django.core.management.base import CommandError

from accounts.models import ApiKey
from accounts.selectors import key_by_public_id

HELP = "the key's id, with or without vg_live_"


def key_named(text: str) -> ApiKey:
    """The key whose id, label or whole text this is. `CommandError` where there is none."""
    key = key_by_public_id(text=text)
    if key is None:
        # Unquoted: somebody may have pasted a whole key.
        raise CommandError("there is no key with this id; the admin lists them")
    return key
