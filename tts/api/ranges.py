"""One byte range of a stored audio (RFC 9110, section 14)."""

import re
from dataclasses import dataclass

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes `first` … `last`, both included, of `total`."""

    first: int
    last: int
    total: int

    @property
    def header(self) -> str:
        return f"bytes {self.first}-{self.last}/{self.total}"


class NotSatisfiable(ValueError):
    """The range lies outside of the audio."""


def byte_range(header: str | None, total: int) -> ByteRange | None:
    """The range a `Range` header asks for; None for the whole, which is also the answer to several ranges at once.

    Raises `NotSatisfiable`.
    """
    match = _RANGE.fullmatch(header.strip()) if header else None
    if match is None or match[0] == "bytes=-":
        return None
    if len(match[1]) > 15 or len(match[2]) > 15:
        raise NotSatisfiable
    if not match[1]:
        length = int(match[2])
        if length == 0:
            raise NotSatisfiable
        return ByteRange(max(0, total - length), total - 1, total)
    first = int(match[1])
    last = min(int(match[2]), total - 1) if match[2] else total - 1
    if first >= total:
        raise NotSatisfiable
    return None if last < first else ByteRange(first, last, total)
