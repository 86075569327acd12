"""Usage as CSV (RFC 4180): UTF-8, CRLF, with the manifest as lines of comments."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from tts.exports.columns import COLUMNS, Kind, Row, instant_text
from tts.exports.defusing import defused
from tts.exports.manifest import Manifest

BYTE_ORDER_MARK = "\ufeff".encode()
"""Makes Excel read a file as UTF-8 that it would take for the system's own encoding."""

COMMENT = "# "
DIGEST = "# sha256"


def _whole(value: int) -> str:
    return str(value)


def _decimal(value: Decimal) -> str:
    return f"{value:f}"


def _instant(value: datetime) -> str:
    return instant_text(value)


def _date(value: date) -> str:
    return value.isoformat()


_CELL: dict[Kind, Callable[[Any], str]] = {
    Kind.TEXT: defused,
    Kind.WHOLE: _whole,
    Kind.DECIMAL: _decimal,
    Kind.INSTANT: _instant,
    Kind.DATE: _date,
}


class _Lines:
    """What `csv.writer` writes to; `taken` gives it out."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.writer = csv.writer(self, lineterminator="\r\n")

    def write(self, text: str) -> None:
        self._parts.append(text)

    def taken(self) -> bytes:
        data = "".join(self._parts).encode()
        self._parts.clear()
        return data


def csv_chunks(
    *,
    manifest: Manifest,
    batches: Iterable[Sequence[Row]],
    with_manifest: bool = True,
    byte_order_mark: bool = False,
) -> Iterator[bytes]:
    """A file, in parts.

    With a manifest it begins with lines `# name,value` and ends with `# sha256,<hex>`, the digest of every byte before
    that line, the byte order mark among them. Text is defused (`tts.exports.defusing`), numbers are not.
    """
    digest, lines = sha256(), _Lines()
    yield from _hashed(digest, _head(manifest, lines, with_manifest, byte_order_mark))
    cells = [_CELL[column.kind] for column in COLUMNS[manifest.detail]]
    for batch in batches:
        lines.writer.writerows(
            [[cell(value) for cell, value in zip(cells, row, strict=True)] for row in batch]
        )
        yield from _hashed(digest, lines.taken())
    if with_manifest:
        lines.writer.writerow([DIGEST, digest.hexdigest()])
        yield lines.taken()


def _head(manifest: Manifest, lines: _Lines, with_manifest: bool, byte_order_mark: bool) -> bytes:
    if with_manifest:
        for name, value in manifest.pairs():
            cell = (
                _decimal(value)
                if isinstance(value, Decimal)
                else defused(str(value))
                if isinstance(value, str)
                else str(value)
            )
            lines.writer.writerow([f"{COMMENT}{name}", cell])
    lines.writer.writerow([column.name for column in COLUMNS[manifest.detail]])
    return (BYTE_ORDER_MARK if byte_order_mark else b"") + lines.taken()


def _hashed(digest: Any, chunk: bytes) -> Iterator[bytes]:
    digest.update(chunk)
    yield chunk
