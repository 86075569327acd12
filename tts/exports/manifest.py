"""What a usage file says about itself: whose use, of when, how much in all, and whether more is to come."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tts.exports.columns import COLUMNS, Detail, Value, instant_text
from tts.usage.sums import Sums

VERSION = 1
ALL = "all"


Totals = Mapping[str, Sums]
"""By outcome."""


def in_all(totals: Totals) -> Sums:
    return sum(totals.values(), Sums())


@dataclass(frozen=True, slots=True)
class Owner:
    """The tenant a file is about."""

    id: UUID
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """Facts of one file, all read from one snapshot of the database.

    Without `owner` it is about all tenants. `ends_at` is the first instant that no longer counts. While `complete` is
    false, requests of the range have not ended yet, or the range has not, and the same export will hold more later.
    """

    id: UUID
    owner: Owner | None
    first: date
    last: date
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    detail: Detail
    generated_at: datetime
    complete: bool
    rows: int
    totals: Totals

    def document(self) -> dict[str, Any]:
        """As JSON, with instants in UTC."""
        owner = self.owner
        return {
            "version": VERSION,
            "id": str(self.id),
            "tenant": None
            if owner is None
            else {"id": str(owner.id), "slug": owner.slug, "name": owner.name},
            "range": {
                "from": self.first.isoformat(),
                "to": self.last.isoformat(),
                "starts_at": instant_text(self.starts_at),
                "ends_at": instant_text(self.ends_at),
                "time_zone": self.time_zone,
            },
            "detail": self.detail.value,
            "generated_at": instant_text(self.generated_at),
            "complete": self.complete,
            "rows": self.rows,
            "totals": totals_document(self.totals),
            "columns": [
                {"name": column.name, "type": column.kind.value, "unit": column.unit or None}
                for column in COLUMNS[self.detail]
            ],
        }

    def pairs(self) -> Iterator[tuple[str, Value]]:
        """The same as names and values, for formats without nesting: `range.time_zone`, `totals.all.characters`."""
        document = self.document()
        columns = document.pop("columns")
        totals = document.pop("totals")
        for name, value in _flat("", document):
            # A file of all tenants says so.
            yield (name, ALL) if name == "tenant" and value == "" else (name, value)
        for outcome in totals:
            amounts = in_all(self.totals) if outcome == ALL else self.totals[outcome]
            yield f"totals.{outcome}.requests", amounts.requests
            yield f"totals.{outcome}.characters", amounts.characters
            yield f"totals.{outcome}.audio_seconds", amounts.audio_seconds
        for column in columns:
            unit = f", {column['unit']}" if column["unit"] else ""
            yield f"columns.{column['name']}", f"{column['type']}{unit}"


def totals_document(totals: Totals) -> dict[str, dict[str, int | float]]:
    """Totals as JSON: in all, then by outcome."""
    return {
        outcome: {
            "requests": amounts.requests,
            "characters": amounts.characters,
            # Milliseconds below 2⁵³: the nearest float is written with the same digits.
            "audio_seconds": float(amounts.audio_seconds),
        }
        for outcome, amounts in [(ALL, in_all(totals)), *sorted(totals.items())]
    }


def _flat(prefix: str, value: object) -> Iterator[tuple[str, Value]]:
    match value:
        case dict():
            for name, inner in value.items():
                yield from _flat(f"{prefix}.{name}" if prefix else name, inner)
        case None:
            yield prefix, ""
        case bool():
            yield prefix, "true" if value else "false"
        case str() | int():
            yield prefix, value
