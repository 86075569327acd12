"""Where a publisher's file is fetched from instead, for networks that cannot reach the publisher."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from tts.voices.store.errors import StoreError


class BadMirror(StoreError):
    """The mirror setting cannot be understood."""


@dataclass(frozen=True, slots=True)
class Mirror:
    """`replacements` are (prefix of an address, what stands for it); the first that fits counts.

    `base` takes whatever none of them fits: `https://host/path` becomes `<base>/host/path`. Without both, addresses
    stay as they are.
    """

    base: str = ""
    replacements: tuple[tuple[str, str], ...] = ()

    def address_of(self, url: str) -> str:
        for prefix, replacement in self.replacements:
            if url.startswith(prefix):
                return replacement + url.removeprefix(prefix)
        return f"{self.base}/{url.partition('://')[2]}" if self.base else url


NO_MIRROR = Mirror()


def parse_mirror(parts: Sequence[str]) -> Mirror:
    """The mirror that `VOXGATE_VOICES_MIRROR` or `--mirror` names.

    Each part is `PREFIX=REPLACEMENT`, or one address under which every publisher's host is a folder. Raises
    `BadMirror`.
    """
    base = ""
    replacements = []
    for part in filter(None, (part.strip() for part in parts)):
        prefix, separator, replacement = part.partition("=")
        if separator and _is_address(replacement):
            replacements.append((_checked(prefix), _checked(replacement)))
        elif base:
            raise BadMirror(
                f"Two mirrors for everything: {base} and {part}. Write PREFIX=REPLACEMENT for one."
            )
        else:
            base = _checked(part).rstrip("/")
    return Mirror(base, tuple(replacements))


def _checked(address: str) -> str:
    if not _is_address(address):
        raise BadMirror(f"A mirror must begin with https:// or http:// and name a host, not {address!r}.")
    return address


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    # A password in an address would end in logs and process lists.
    return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
