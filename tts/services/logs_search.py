"""Finding lines of the log: a page of it, what has come since, one line and its neighbours."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar, cast
from uuid import UUID

from django.db.models import Case, Exists, Model, OuterRef, Q, QuerySet, Subquery, TextField, UUIDField, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce

from tts.models import EngineAttempt, LogRecord, RequestEvent, SynthesisRequest
from tts.services.logs_lines import (
    MOST_SEARCHED,
    LogFilter,
    LogLine,
    LogPage,
    Place,
    Source,
    line_of_event,
    line_of_record,
    row_id_of,
)

M = TypeVar("M", bound=Model)

PAGE = 100
MOST_OF_REQUEST = 200
MOST_REQUESTS = 50
"""A client may give all its requests one id; so many of them are looked at."""
MOST_OF_ID = 10
"""So many of the requests of one id are asked for their engine, for each record that is searched."""
AROUND = timedelta(minutes=1)
LONGEST = timedelta(hours=1)
"""How far around a request records with the id of its HTTP request are looked for, while it has not ended."""

ATTEMPT = "attempt"
_UUID = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"


@dataclass(frozen=True, slots=True)
class _Query:
    """Lines of one source: `indexed` has an index that gives the newest of them, `rest` has not."""

    source: Source
    indexed: QuerySet[Any]
    rest: Q

    def before(self, place: Place | None) -> "_Query":
        """What stands below `place`."""
        if place is None:
            return self
        rows = self.indexed.filter(at__lte=place.at)
        if self.source is place.source:
            rows = rows.filter(Q(at__lt=place.at) | Q(id__lt=place.id))
        elif self.source > place.source:
            rows = rows.filter(at__lt=place.at)
        return replace(self, indexed=rows)

    def newest(self, most: int) -> tuple[list[Any], Place | None]:
        """Up to `most` rows, and how far was searched if not to the end."""
        rows = self.indexed.order_by("-at", "-id")
        if not self.rest:
            return list(rows[:most]), None
        last = rows.values_list("at", "id")[MOST_SEARCHED - 1 : MOST_SEARCHED]
        end = next((Place(at, self.source, number) for at, number in last), None)
        if end is not None:
            rows = rows.filter(at__gte=end.at)
        return list(rows.filter(self.rest)[:most]), end


@dataclass(frozen=True, slots=True)
class Tail:
    """The numbers of the last event and the last record there were."""

    event: int = 0
    record: int = 0

    def __str__(self) -> str:
        return f"{self.event}.{self.record}"

    @classmethod
    def parse(cls, text: str) -> "Tail":
        """What `str` made. Raises `ValueError`."""
        event, record = (int(number) for number in text.split("."))
        if not (0 <= event < 2**63 and 0 <= record < 2**63):
            raise ValueError("no such number")
        return cls(event, record)


def log_page(*, chosen: LogFilter, before: Place | None = None, most: int = PAGE) -> LogPage:
    """The newest `most` lines, or those below `before`."""
    rows: dict[Source, list[Any]] = {}
    ends = []
    for query in _queries(chosen):
        rows[query.source], end = query.before(before).newest(most + 1)
        ends += [] if end is None else [end]
    lines = _merged(rows, most + 1)
    # Below the place where a search stopped nothing is known of that source.
    end = max(ends, default=None)
    if end is not None:
        lines = [line for line in lines if line.place >= end]
    if len(lines) > most:
        return LogPage(lines[:most], older=lines[most - 1].place)
    return LogPage(lines, older=end, searched_to=None if end is None else end.at)


def log_tail() -> Tail:
    """Where the log ends now."""
    return Tail(_last(RequestEvent.all_tenants.all()), _last(LogRecord.objects.all()))


def log_since(*, chosen: LogFilter, seen: Tail, most: int = PAGE) -> tuple[list[LogLine], Tail]:
    """The newest `most` lines that were written after `seen`, and where the log ends now.

    By their numbers, since a request's first events are written when it ends. A number may become visible a moment
    after a higher one: whoever asks again and again goes back by one answer each time, and knows lines by their keys.
    """
    now = log_tail()
    begins = {
        Source.EVENT: max(seen.event, now.event - MOST_SEARCHED),
        Source.RECORD: max(seen.record, now.record - MOST_SEARCHED),
    }
    rows = {
        query.source: list(
            query.indexed.filter(query.rest, id__gt=begins[query.source]).order_by("-id")[:most]
        )
        for query in _queries(chosen)
    }
    return _merged(rows, most), now


def log_line_find(*, source: Source, number: int) -> LogLine | None:
    """A line with its stack; None once it is gone."""
    if source is Source.RECORD:
        return next(map(line_of_record, LogRecord.objects.filter(pk=number)), None)
    found = RequestEvent.all_tenants.select_related("tenant").filter(pk=number)
    return next(iter(_event_lines(found)), None)


def log_lines_of_request(*, about: str, most: int = MOST_OF_REQUEST) -> LogPage:
    """The lines of a request, the earliest first, by the id of its row or of the HTTP request."""
    page = log_page(chosen=LogFilter(request=about), most=most)
    return replace(page, lines=list(reversed(page.lines)))


def _queries(chosen: LogFilter) -> Iterable[_Query]:
    requests, of_requests = _requests(chosen.request) if chosen.request else ((), Q())
    yield from _events(chosen, requests)
    yield from _records(chosen, of_requests)


def _requests(text: str) -> tuple[tuple[UUID, ...], Q]:
    """The rows that an id of either kind stands for, and which records are about them."""
    known = SynthesisRequest.all_tenants.order_by().only("id", "request_id", "created_at", "finished_at")
    found = list(known.filter(request_id=text)[:MOST_REQUESTS])
    records = Q(request_id__in=[text, *(str(row.pk) for row in found)])
    number = row_id_of(text)
    for row in known.filter(pk=number) if number is not None else ():
        found.append(row)
        # Others may have been given the same id, at another time.
        ended = row.finished_at or row.created_at + LONGEST
        records |= Q(request_id=row.request_id, at__range=(row.created_at - AROUND, ended + AROUND))
    return tuple(row.pk for row in found), records & ~Q(request_id="")


def _events(chosen: LogFilter, requests: tuple[UUID, ...]) -> Iterable[_Query]:
    if chosen.level and chosen.level not in RequestEvent.Level.values:
        return
    rows = _between(RequestEvent.all_tenants.select_related("tenant"), chosen)
    rest = Q()
    if chosen.request:
        rows = rows.filter(request_id__in=requests)
    if chosen.tenant is not None:
        rows = rows.filter(tenant_id=chosen.tenant.pk)
    if chosen.level:
        level = Q(level=chosen.level)
        if chosen.level == RequestEvent.Level.ERROR and chosen.tenant is None:
            rows = rows.filter(level)
        else:
            rest &= level
    if chosen.engine:
        rest &= Q(data__engine=chosen.engine)
    if chosen.text:
        rows = rows.annotate(facts=Cast("data", TextField()))
        rest &= Q(name__icontains=chosen.text) | Q(facts__icontains=chosen.text) | _attempt_says(chosen.text)
    yield _Query(Source.EVENT, rows, rest)


def _attempt_says(text: str) -> Q:
    attempts = EngineAttempt.objects.filter(
        request_id=OuterRef("request_id"),
        engine=KeyTextTransform("engine", OuterRef("data")),
        message__icontains=text,
    )
    return Q(Exists(attempts), name=ATTEMPT)


def _records(chosen: LogFilter, of_requests: Q) -> Iterable[_Query]:
    rows = _between(LogRecord.objects.all(), chosen)
    rest = Q()
    narrow = False
    for wanted, condition in (
        (bool(chosen.request), of_requests),
        (chosen.tenant is not None, Q(tenant_slug=getattr(chosen.tenant, "slug", "")) & ~Q(tenant_slug="")),
        (bool(chosen.level), Q(level=chosen.level)),
    ):
        if not wanted:
            continue
        # One of these finds the rows by its index, the others choose among them.
        rows, rest = (rows, rest & condition) if narrow else (rows.filter(condition), rest)
        narrow = True
    if chosen.engine:
        about = Case(When(request_id__regex=_UUID, then=Cast("request_id", UUIDField())))
        rows = rows.alias(about=about).alias(asked=_engine_asked(chosen.engine))
        rest &= Q(asked__isnull=False)
    if chosen.text:
        rest &= Q(message__icontains=chosen.text)
    yield _Query(Source.RECORD, rows, rest)


def _engine_asked(engine: str) -> Coalesce:
    """An attempt of `engine` at the request that a record is about, by either kind of id; NULL where there is none.

    Scalar subqueries, which Postgres looks up row by row in their indexes: an EXISTS it may answer by reading all
    attempts of that engine first.
    """
    attempts = EngineAttempt.objects.filter(engine=engine).order_by()
    named = SynthesisRequest.all_tenants.filter(request_id=OuterRef(OuterRef("request_id"))).order_by()
    return Coalesce(
        Subquery(attempts.filter(request_id=OuterRef("about")).values("pk")[:1]),
        Subquery(attempts.filter(request_id__in=named.values("pk")[:MOST_OF_ID]).values("pk")[:1]),
    )


def _between(rows: QuerySet[M], chosen: LogFilter) -> QuerySet[M]:
    if chosen.start is not None:
        rows = rows.filter(at__gte=chosen.start)
    return rows if chosen.end is None else rows.filter(at__lt=chosen.end)


def _last(rows: QuerySet[Any]) -> int:
    return cast(int, rows.order_by("-id").values_list("id", flat=True).first() or 0)


def _merged(rows: dict[Source, list[Any]], most: int) -> list[LogLine]:
    """Lines of both sources, the newest first; of the attempts, only those shown are asked for what they say."""
    both = [(Place(row.at, source, row.id), row) for source, found in rows.items() for row in found]
    both = sorted(both, key=lambda pair: pair[0], reverse=True)[:most]
    events = _event_lines([row for place, row in both if place.source is Source.EVENT])
    of_events = {line.place: line for line in events}
    return [of_events[place] if place in of_events else line_of_record(row) for place, row in both]


def _event_lines(events: Iterable[RequestEvent]) -> list[LogLine]:
    events = list(events)
    said = _attempts_of(events)
    return [line_of_event(event, **said(event)) for event in events]


def _attempts_of(events: list[RequestEvent]) -> Callable[[RequestEvent], dict[str, str]]:
    """What the engine said, by the event of its attempt."""
    requests = {event.request_id for event in events if event.name == ATTEMPT}
    found: dict[tuple[Any, ...], dict[str, str]] = {}
    if requests:
        attempts = EngineAttempt.objects.filter(request_id__in=requests).order_by("claim", "position")
        for attempt in attempts.only("request_id", "engine", "outcome", "message", "stack"):
            said = {"message": attempt.message, "stack": attempt.stack}
            found[attempt.request_id, attempt.engine, attempt.outcome] = said
    return lambda event: (
        found.get((event.request_id, event.data.get("engine"), event.data.get("outcome")), {})
        if event.name == ATTEMPT and isinstance(event.data, dict)
        else {}
    )
