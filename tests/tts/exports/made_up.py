"""A manifest and rows that no database is needed for."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from tts.exports.columns import Detail, Row
from tts.exports.manifest import Manifest, Owner
from tts.usage.sums import Sums

ID = UUID("019a0000-0000-7000-8000-000000000000")
TENANT = UUID("019a0000-0000-7000-8000-000000000001")
START = datetime(2026, 4, 30, 16, tzinfo=UTC)


def line(number: int, text: str = "plain", characters: int = 6) -> Row:
    """A request; `text` stands in every column that people can fill."""
    at = START + timedelta(seconds=number, microseconds=123_999)
    who = ("alice", "vg_live_ABC", text)
    what = ("onnx", text, "none", "succeeded")
    return (at, date(2026, 5, 1), *who, str(ID), text, *what, text, characters, Decimal("1.500"))


def day(number: int, text: str = "plain", characters: int = 12) -> Row:
    who = ("alice", "vg_live_ABC", text)
    what = ("onnx", text, "none", "succeeded")
    return (date(2026, 5, 1) + timedelta(days=number), *who, *what, 2, characters, Decimal("3.000"))


def manifest(
    detail: Detail = Detail.LINES, rows: int = 2, name: str = "Alice", complete: bool = True
) -> Manifest:
    return Manifest(
        id=ID,
        owner=Owner(TENANT, "alice", name),
        first=date(2026, 5, 1),
        last=date(2026, 5, 31),
        starts_at=START,
        ends_at=datetime(2026, 5, 31, 16, tzinfo=UTC),
        time_zone="Asia/Shanghai",
        detail=detail,
        generated_at=datetime(2026, 6, 1, 8, 0, 0, 5000, tzinfo=UTC),
        complete=complete,
        rows=rows,
        totals={"succeeded": Sums(rows, 6 * rows, Decimal("1.500") * rows)},
    )
