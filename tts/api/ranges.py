"""One byte range of a stored audio (RFC 9110, section 14)."""

import re
from dataclasses import dataclass

_RANGE = re.compile(r"bytes=([0-9]*)-([0-9]*)", re.IGNORECASE)
_FAR = 10**15


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
    """The range a `Range` header asks for; None for the whole, which is also the answer to several ranges at once and
    to a header that is no valid range.

    Raises `NotSatisfiable`.
    """
    match = _RANGE.fullmatch(header.strip()) if header else None
    if match is None or not total:
        return None
    first, last = _number(match[1]), _number(match[2])
    if first is None:
        return None if last is None else _suffix(last, total)
    if last is not None and last < first:
        return None
    if first >= total:
        raise NotSatisfiable
    return ByteRange(first, total - 1 if last is None else min(last, total - 1), total)


def _suffix(length: int, total: int) -> ByteRange:
    if length == 0:
        raise NotSatisfiable
    return ByteRange(max(0, total - length), total - 1, total)


def _number(digits: str) -> int | None:
    """The number `digits` stand for, `_FAR` for any greater one: `int` refuses thousands of digits."""
    if not digits:
        return None
    significant = digits.lstrip("0") or "0"
    return int(significant) if len(significant) <= 15 else _FAR
