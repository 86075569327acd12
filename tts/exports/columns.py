"""What a line of a usage file holds, and of which type each column is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

Value = str | int | Decimal | datetime | date
"""A cell, as its column's kind says. Instants are in UTC. Text that is missing is empty."""

Row = Sequence[Value]


class Kind(StrEnum):
    """The type of a column; only what is text can be mistaken for a formula, and is guarded against that."""

    TEXT = "text"
    WHOLE = "whole number"
    DECIMAL = "decimal"
    INSTANT = "instant"
    DATE = "local date"


class Detail(StrEnum):
    """What one line stands for: a local day's use of one kind, or a request."""

    SUMMARY = "summary"
    LINES = "lines"


@dataclass(frozen=True, slots=True)
class Column:
    """`unit` is of numbers; instants are in UTC to the millisecond, dates are of the file's time zone."""

    name: str
    kind: Kind
    unit: str = ""


_WHAT = (
    Column("engine", Kind.TEXT),
    Column("voice", Kind.TEXT),
    Column("fallback", Kind.TEXT),
    Column("outcome", Kind.TEXT),
)
_AMOUNTS = (
    Column("characters", Kind.WHOLE, "characters"),
    Column("audio_seconds", Kind.DECIMAL, "s"),
)
_WHO = (
    Column("tenant", Kind.TEXT),
    Column("key_id", Kind.TEXT),
    Column("key_name", Kind.TEXT),
)

COLUMNS: dict[Detail, tuple[Column, ...]] = {
    Detail.SUMMARY: (
        Column("day", Kind.DATE),
        *_WHO,
        *_WHAT,
        Column("requests", Kind.WHOLE, "requests"),
        *_AMOUNTS,
    ),
    Detail.LINES: (
        Column("at", Kind.INSTANT, "UTC"),
        Column("day", Kind.DATE),
        *_WHO,
        Column("request_id", Kind.TEXT),
        Column("reference", Kind.TEXT),
        *_WHAT,
        Column("error_code", Kind.TEXT),
        *_AMOUNTS,
    ),
}
"""The first column is a date or an instant, so no line of data can begin as a line of the manifest does."""


def position(detail: Detail, name: str) -> int:
    """Where a column stands, from 0."""
    return [column.name for column in COLUMNS[detail]].index(name)


def instant_text(at: datetime) -> str:
    """RFC 3339 in UTC, cut to the millisecond: `2026-05-01T08:00:00.123Z`."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
