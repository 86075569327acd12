"""Usage as newline-delimited JSON: an object a line, numbers as numbers, text as it is."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from tts.exports.columns import COLUMNS, Detail, Kind, Row, instant_text
from tts.exports.manifest import Manifest

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def _as_it_is(value: Any) -> Any:
    return value


def _date(value: date) -> str:
    return value.isoformat()


def _decimal(value: Decimal) -> float:
    # To the millisecond, and far below 2⁵³ of them: the float is written with the same digits.
    return float(value)


def _instant(value: datetime) -> str:
    return instant_text(value)


_PLAIN: dict[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: _as_it_is,
    Kind.WHOLE: _as_it_is,
    Kind.DECIMAL: _decimal,
    Kind.INSTANT: _instant,
    Kind.DATE: _date,
}


class RowLines:
    """Rows as lines of JSON. These bytes are also what "the rows" of a file are when their digest is taken."""

    def __init__(self, detail: Detail) -> None:
        self._names = [column.name for column in COLUMNS[detail]]
        self._plain = [_PLAIN[column.kind] for column in COLUMNS[detail]]

    def __call__(self, rows: Iterable[Row]) -> bytes:
        """UTF-8, each line ended by LF."""
        names, plain = self._names, self._plain
        lines = [
            _encode({name: convert(value) for name, convert, value in zip(names, plain, row, strict=True)})
            for row in rows
        ]
        return "".join(f"{line}\n" for line in lines).encode()


def ndjson_chunks(
    *, manifest: Manifest, batches: Iterable[Sequence[Row]], with_manifest: bool = True
) -> Iterator[bytes]:
    """A file, in parts.

    With a manifest it is the first line, `{"manifest": …}`, and the last line is `{"sha256": "<hex>"}`, the digest of
    every byte before that line.
    """
    digest = sha256()
    lines = RowLines(manifest.detail)
    if with_manifest:
        head = (_encode({"manifest": manifest.document()}) + "\n").encode()
        digest.update(head)
        yield head
    for batch in batches:
        chunk = lines(batch)
        digest.update(chunk)
        yield chunk
    if with_manifest:
        yield (_encode({"sha256": digest.hexdigest()}) + "\n").encode()
