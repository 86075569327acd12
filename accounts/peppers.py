"""The numbered peppers of key digests, from `VOXGATE_KEY_PEPPERS`."""

from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

MINIMUM_BYTES = 32
NUMBERS = range(2**15)


@dataclass(frozen=True, slots=True)
class Pepper:
    number: int
    secret: str


def _read() -> dict[int, str]:
    peppers: dict[int, str] = {}
    for number, secret in settings.VOXGATE_KEY_PEPPERS.items():
        try:
            peppers[int(number)] = secret.strip()
            good = int(number) in NUMBERS and len(bytes.fromhex(secret.strip())) >= MINIMUM_BYTES
        except ValueError:
            good = False
        if not good:
            raise ImproperlyConfigured(
                "VOXGATE_KEY_PEPPERS must read `1:<hex>,2:<hex>` with at least 32 random bytes each; "
                "make one with `python3 -c 'import secrets; print(secrets.token_hex(32))'`"
            )
    return peppers


def pepper_current() -> Pepper:
    """The one that new keys are signed with: the highest number."""
    peppers = _read()
    if not peppers:
        raise ImproperlyConfigured("VOXGATE_KEY_PEPPERS is not set: API keys can neither be made nor checked")
    number = max(peppers)
    return Pepper(number, peppers[number])


def pepper_numbered(number: int) -> Pepper | None:
    """The pepper a stored key was signed with, or None once it was retired (its keys are dead then)."""
    secret = _read().get(number)
    return None if secret is None else Pepper(number, secret)
