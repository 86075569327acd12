"""Spans of usage: local days as instants.

Every boundary falls on a quarter hour of UTC, since the offsets in use are multiples of one: sums of
`tts.models.UsageBucket` and sums of events are the same over such a span. `UsageRange.misaligned_day` tells where that
does not hold, as in Liberia before 1972.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

QUARTER_SECONDS = 900


@dataclass(frozen=True, slots=True)
class UsageRange:
    """The local days from `first` to `last`, both included, in `zone`."""

    first: date
    last: date
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("the last day is before the first")

    @property
    def starts_at(self) -> datetime:
        """The instant, in UTC, that the first day begins at."""
        return day_begins(self.first, self.zone)

    @property
    def ends_at(self) -> datetime:
        """The instant, in UTC, that the day after the last begins at."""
        return day_begins(self.last + timedelta(days=1), self.zone)

    def __len__(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    def days(self) -> Iterator[date]:
        for number in range(len(self)):
            yield self.first + timedelta(days=number)

    def beginnings(self) -> list[datetime]:
        """The instants, in UTC, that the days begin at, and the one after the last ends at: one more than days."""
        return [day_begins(day, self.zone) for day in (*self.days(), self.last + timedelta(days=1))]

    def misaligned_day(self) -> date | None:
        """The first day that does not begin on a quarter hour of UTC, None where sums of quarters are exact."""
        days = (*self.days(), self.last + timedelta(days=1))
        found = zip(days, self.beginnings(), strict=True)
        return next((day for day, instant in found if instant.timestamp() % QUARTER_SECONDS), None)


def day_begins(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day, in UTC.

    Where midnight happens twice it is the earlier one; where clocks skip it, the moment of the change (PEP 495,
    `fold=0`), which is how `accounts.services.periods.month_bounds` joins months.
    """
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
