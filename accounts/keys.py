"""The format of API keys and their digests. No database here.

A key reads `vg_<env>_<id>_<secret><crc>`: `env` is `live` or `test`, `id` is public and names the row, `secret` holds
190 bits, `crc` is the CRC-32 of all before it, so that a mistyped key is refused without a query and a secret scanner
can tell a real key from noise offline. Stored is HMAC-SHA256 of the whole key under a numbered pepper from the
environment; the pepper is not SECRET_KEY, so rotating that kills no key.
"""

import hashlib
import hmac
import re
import secrets
import zlib
from dataclasses import dataclass
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ENVIRONMENTS: Final = ("live", "test")
ID_LENGTH: Final = 12
SECRET_LENGTH: Final = 32
CHECKSUM_LENGTH: Final = 6

_PATTERN: Final = re.compile(
    rf"vg_(?P<env>live|test)_(?P<id>[0-9A-Za-z]{{{ID_LENGTH}}})_[0-9A-Za-z]{{{SECRET_LENGTH + CHECKSUM_LENGTH}}}"
)


class KeyText(str):
    """The whole text of a key. Its `repr` hides the secret, since debug logs and error pages show those of templates'
    contexts and of local variables.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{self.rpartition('_')[0]}_…>"


@dataclass(frozen=True, slots=True)
class ParsedKey:
    """A well-formed key: nothing is known yet about whether it exists."""

    environment: str
    public_id: str
    text: KeyText


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def checksum(body: str) -> str:
    """CRC-32 of `body` as six base-62 digits."""
    number = zlib.crc32(body.encode("ascii"))
    digits = ""
    for _ in range(CHECKSUM_LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits


def generate(environment: str, public_id: str | None = None) -> ParsedKey:
    """A new key, or another secret for the key `public_id`.

    `ValueError` for an environment other than live and test.
    """
    if environment not in ENVIRONMENTS:
        raise ValueError(f"environment must be one of {', '.join(ENVIRONMENTS)}")
    public_id = _random(ID_LENGTH) if public_id is None else public_id
    body = f"vg_{environment}_{public_id}_{_random(SECRET_LENGTH)}"
    return ParsedKey(environment, public_id, KeyText(body + checksum(body)))


def parse(text: str) -> ParsedKey | None:
    """The parts of a well-formed key, or None (wrong shape or checksum)."""
    match = _PATTERN.fullmatch(text)
    if match is None:
        return None
    body, given = text[:-CHECKSUM_LENGTH], text[-CHECKSUM_LENGTH:]
    if not hmac.compare_digest(checksum(body), given):
        return None
    return ParsedKey(match["env"], match["id"], KeyText(text))


def public_id_of(text: str) -> str:
    """The public id in `text`: a key, its label (`vg_live_<id>`) or the id alone. Nothing is checked."""
    parts = text.strip().split("_")
    return parts[2] if len(parts) > 2 and parts[0] == "vg" else text.strip()


def digest(text: str, pepper: str) -> str:
    """HMAC-SHA256 of the whole key under `pepper` (hexadecimal), as 64 hexadecimal digits."""
    return hmac.new(bytes.fromhex(pepper), text.encode("ascii"), hashlib.sha256).hexdigest()


def digests_match(one: str, other: str) -> bool:
    """Constant-time comparison."""
    return hmac.compare_digest(one, other)


_ANYWHERE: Final = re.compile(
    rf"(vg_(?:{'|'.join(ENVIRONMENTS)})_[0-9A-Za-z]{{{ID_LENGTH}}})_[0-9A-Za-z]{{{CHECKSUM_LENGTH},}}"
)


def without_secrets(text: str) -> str:
    """`text` with what looks like a key cut down to its public part: clients put keys into paths and ids, too."""
    return _ANYWHERE.sub(r"\1_…", text) if "vg_" in text else text
