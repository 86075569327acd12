"""The log as operators read it: events of requests and records of processes in one list, the newest first.

However long both tables grow, a page reads a bounded part of an index: rows that a filter without an index is to choose
from are read up to `MOST_SEARCHED` at a time, and the page says how far that went.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Self
from uuid import UUID

from accounts.models import Tenant
from tts.models import LogRecord, RequestEvent

MOST_SEARCHED = 10_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Source(StrEnum):
    """Which table a line is of. At one instant records stand above events, as the words sort."""

    EVENT = "event"
    RECORD = "record"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a line stands in the list."""

    at: datetime
    source: Source
    id: int

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // _MICROSECOND}.{self.source}.{self.id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """What `str` made. Raises `ValueError`."""
        at, source, number = text.split(".")
        try:
            place = cls(_EPOCH + int(at) * _MICROSECOND, Source(source), int(number))
        except OverflowError as problem:
            raise ValueError("no such time") from problem
        if not 0 <= place.id < 2**63:
            raise ValueError("no such number")
        return place


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which lines to show; what is empty or None lets all through.

    `request` is an id of an HTTP request (`X-Request-ID`) or of a request's row; `text` is looked for in messages,
    `start` is inclusive, `end` exclusive. Lines of an `engine` are the events that name it and the records of requests
    that it was asked to speak.
    """

    level: str = ""
    start: datetime | None = None
    end: datetime | None = None
    tenant: Tenant | None = None
    engine: str = ""
    request: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of the list. `name` is an event's, or the logger's; `request` is the row it is about, `request_id` the id
    that a record carries, of either kind.
    """

    place: Place
    level: str
    name: str
    message: str
    tenant: str = ""
    request: UUID | None = None
    request_id: str = ""
    process: str = ""
    stack: str = field(default="", repr=False)

    @property
    def key(self) -> str:
        return f"{self.place.source}-{self.place.id}"

    @property
    def about(self) -> str:
        """The id to find the request's other lines by; empty where there is none."""
        return str(self.request) if self.request is not None else self.request_id


@dataclass(frozen=True, slots=True)
class LogPage:
    """`lines` from the newest on, and where to go on for `older` ones, None at the end.

    `searched_to` is set where the search stopped before the page was full: up to that time, everything was looked at.
    """

    lines: Sequence[LogLine]
    older: Place | None = None
    searched_to: datetime | None = None


def line_of_event(event: RequestEvent, *, message: str = "", stack: str = "") -> LogLine:
    """`message` and `stack` are those of the engine's attempt that an event tells of."""
    pairs = event.data.items() if isinstance(event.data, dict) else ()
    facts = [" ".join(f"{name}={value}" for name, value in pairs), message]
    return LogLine(
        place=Place(event.at, Source.EVENT, event.id),
        level=event.level,
        name=event.name,
        message=" · ".join(filter(None, facts)),
        tenant=event.tenant.slug,
        request=event.request_id,
        stack=stack,
    )


def line_of_record(record: LogRecord) -> LogLine:
    return LogLine(
        place=Place(record.at, Source.RECORD, record.id),
        level=record.level,
        name=record.logger,
        message=record.message,
        tenant=record.tenant_slug,
        request=row_id_of(record.request_id),
        request_id=record.request_id,
        process=record.process,
        stack=record.stack,
    )


def row_id_of(text: str) -> UUID | None:
    """Of a UUID as `str` writes it; ids of HTTP requests are 32 digits without hyphens, or anything a client sent."""
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text.lower() else None
