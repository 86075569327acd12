"""Buckets that refill at a steady pace, taken from exactly however many processes take at once.

Each is a GCRA (the generic cell rate algorithm of ITU-T I.371): instead of a level, a bucket keeps its debt, the time
until it is full again. Redis keeps the debts and is the only clock. Everything is in whole microseconds, and a cost
that is no whole number of them is rounded up, so that a call is charged less than a microsecond too much and never
too little.
"""

import re
from dataclasses import dataclass
from typing import Final

KEY_PREFIX: Final = "voxgate:bucket:"
MINUTE: Final = 60_000_000
"""In microseconds, the unit of debts."""

LARGEST_DEBT: Final = 2**52
"""143 years in microseconds. Added to a time before the year 2112 it stays below 2^53, up to which Lua is exact."""

_NAME: Final = re.compile(r"[a-z][a-z0-9-]*")
_OWNER: Final = re.compile(r"[0-9A-Za-z.:-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """What a call wants of one bucket: `cost` units of at most `burst`, which refill at `units_per_minute`.

    `owner` is the id of whose bucket it is; `name` and `unit` are told to the client. A bucket of 0 units per minute
    refuses always. One that is not `enforced` never refuses and tells what it would have done; it shares nothing
    with an enforced bucket of the same name and owner.

    `ValueError` for numbers below zero, a burst below one, and a burst that takes longer than 143 years to refill.
    """

    name: str
    owner: str
    units_per_minute: int
    burst: int
    cost: int
    enforced: bool = True
    unit: str = "requests"

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or not _NAME.fullmatch(self.unit):
            raise ValueError("name and unit are lower-case letters, digits and hyphens")
        if not _OWNER.fullmatch(self.owner):
            raise ValueError("owner is an id")
        if self.units_per_minute < 0 or self.cost < 0:
            raise ValueError("units_per_minute and cost are not negative")
        if self.units_per_minute and (self.burst < 1 or self.largest_debt > LARGEST_DEBT):
            raise ValueError("burst is at least one unit and refills within 143 years")

    @property
    def redis_key(self) -> str:
        return f"{KEY_PREFIX}{self.name}:{'' if self.enforced else 'observed:'}{self.owner}"

    @property
    def limit(self) -> int:
        """The most units there can be."""
        return self.burst if self.units_per_minute else 0

    @property
    def window_seconds(self) -> float | None:
        """How long an empty bucket takes to be full; None where it never is."""
        return self.largest_debt / 1e6 if self.units_per_minute else None

    @property
    def largest_debt(self) -> int:
        """An empty bucket's debt in microseconds, negative for a bucket that refuses always."""
        return self.debt_of(self.burst) if self.units_per_minute else -1

    def debt_of(self, units: int) -> int:
        """What taking `units` adds to the debt, in microseconds. `units_per_minute` is not 0."""
        return -(-units * MINUTE // self.units_per_minute)


@dataclass(frozen=True, slots=True)
class BucketState:
    """A bucket after a call. `allowed` is its own answer, whatever the other buckets of the call said."""

    bucket: Bucket
    allowed: bool
    debt: int
    """Microseconds until the bucket is full."""

    @property
    def remaining(self) -> int:
        """Units there are now."""
        if not self.bucket.units_per_minute:
            return 0
        free = (self.bucket.largest_debt - self.debt) * self.bucket.units_per_minute // MINUTE
        # Above 60 million units a minute a microsecond holds several.
        return min(free, self.bucket.limit)

    @property
    def reset_seconds(self) -> float:
        """Until the bucket is full."""
        return self.debt / 1e6

    @property
    def retry_after_seconds(self) -> float | None:
        """Until the cost fits: 0 when it was allowed, None when it never will."""
        return 0.0 if self.allowed else self.seconds_until(self.bucket.cost)

    def seconds_until(self, units: int) -> float | None:
        """How long until there are `units`, None for more than there can ever be."""
        if units > self.bucket.limit:
            return None
        # Of 0 units a minute not even nothing can be had.
        if not self.bucket.units_per_minute:
            return None
        return max(self.debt + self.bucket.debt_of(units) - self.bucket.largest_debt, 0) / 1e6


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a call: `states` in the order of its buckets, untouched unless `admitted`."""

    admitted: bool
    states: tuple[BucketState, ...]

    @property
    def refusing(self) -> tuple[BucketState, ...]:
        """The enforced buckets that did not allow the call."""
        return tuple(state for state in self.states if state.bucket.enforced and not state.allowed)

    @property
    def would_refuse(self) -> tuple[BucketState, ...]:
        """The observed buckets that would not have allowed it."""
        return tuple(state for state in self.states if not state.bucket.enforced and not state.allowed)

    @property
    def retry_after_seconds(self) -> float | None:
        """Until no bucket refuses the call, if nobody else takes: 0 when it was admitted, None for never."""
        waits = [state.retry_after_seconds for state in self.refusing]
        if None in waits:
            return None
        return max((wait for wait in waits if wait is not None), default=0.0)
