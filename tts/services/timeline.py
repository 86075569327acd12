"""A request's time, stretch by stretch: from its arrival to the hand-over of its audio."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tts.models import RequestEvent, SynthesisRequest
from tts.services.delivery import DELIVERED
from tts.services.events import EventData

LEAST_GAP_SECONDS = 0.001
"""A shorter stretch between two known ones is their clocks' difference, not work."""

LEAST_LATER_SECONDS = 1.0

_ENDS = frozenset(
    status.value for status in SynthesisRequest.Status if status not in SynthesisRequest.UNFINISHED
)
_MOMENTS = {"worker-lost", "erased", *_ENDS}
_STRETCHES = {"encoded", "stored", "not-stored"}


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of a request's time, or a moment in it where `seconds` is 0.

    `offset_seconds` counts from the request's arrival. `data` holds numbers and codes, never user text.
    """

    name: str
    offset_seconds: float
    seconds: float
    is_problem: bool = False
    is_open: bool = False
    """Whether it goes on still."""
    data: EventData = field(default_factory=dict)
    later_at: datetime | None = None
    """When it was, for what came later after the request's end than all before had taken: audio that is fetched the
    next day, an erasure. It is no part of the request's time.
    """

    @property
    def is_moment(self) -> bool:
        return self.seconds == 0 and not self.is_open


@dataclass(frozen=True, slots=True)
class Timeline:
    """Steps in the order they began. `seconds` is how long all of them took together but what came later."""

    steps: tuple[Step, ...]
    seconds: float


def timeline_of(*, row: SynthesisRequest, events: Sequence[RequestEvent], now: datetime) -> Timeline:
    """What is known of a request's time; `events` are its lines. What has not ended lasts until `now`.

    Lines tell more than the row does; without them (retention took them, or it is queued still) the row's times do.
    """
    arrival = row.created_at - timedelta(seconds=row.limits_seconds or 0.0)
    steps = sorted(_steps(row, events, now), key=lambda step: step.starts)
    drawn_to = _drawn_to(arrival, row.finished_at)
    found = tuple(
        Step(
            step.name,
            max(0.0, (step.starts - arrival).total_seconds()),
            max(0.0, step.seconds),
            step.is_problem,
            step.is_open,
            step.data,
            step.ends if drawn_to is not None and step.ends > drawn_to else None,
        )
        for step in steps
    )
    drawn = (step.offset_seconds + step.seconds for step in found if step.later_at is None)
    return Timeline(found, max(drawn, default=0.0))


def _drawn_to(arrival: datetime, finished: datetime | None) -> datetime | None:
    """What ends after this came later; None while nothing can."""
    if finished is None:
        return None
    return finished + max(finished - arrival, timedelta(seconds=LEAST_LATER_SECONDS))


@dataclass(frozen=True, slots=True)
class _Known:
    """A step before its place is counted from the arrival."""

    name: str
    starts: datetime
    seconds: float = 0.0
    is_problem: bool = False
    is_open: bool = False
    data: EventData = field(default_factory=dict)

    @property
    def ends(self) -> datetime:
        return self.starts + timedelta(seconds=self.seconds)


def _steps(row: SynthesisRequest, events: Sequence[RequestEvent], now: datetime) -> Iterator[_Known]:
    yield _Known("received", row.created_at - timedelta(seconds=row.limits_seconds or 0.0))
    if row.limits_seconds:
        yield _between("limits", row.created_at - timedelta(seconds=row.limits_seconds), row.created_at)
    ended = row.finished_at or now
    yield _between("queued", row.created_at, row.started_at or ended, is_open=_waits(row))
    begun = row.started_at or row.created_at
    work = [_stretch(line, begun) for line in events if line.name == "attempt"]
    yield from _front_end(row, work)
    yield from work
    if row.started_at is not None and not work:
        is_open = row.status == SynthesisRequest.Status.RUNNING
        yield _between("started", row.started_at, max(row.started_at, ended), is_open=is_open)
    for line in events:
        if line.name in _STRETCHES:
            yield _stretch(line, begun)
        elif line.name in _MOMENTS:
            yield _Known(line.name, line.at, is_problem=_is_problem(line), data=line.data)
        elif line.name == DELIVERED:
            yield _between(DELIVERED, min(row.finished_at or line.at, line.at), line.at, data=line.data)
    if row.finished_at is not None and not any(line.name in _ENDS for line in events):
        yield _Known(row.status, row.finished_at, is_problem=bool(row.error_code))


def _front_end(row: SynthesisRequest, work: Sequence[_Known]) -> Iterator[_Known]:
    """From the claim until the first engine was asked: the text is made ready."""
    if row.started_at is None or not work:
        return
    prepared = min(step.starts for step in work)
    if (prepared - row.started_at).total_seconds() >= LEAST_GAP_SECONDS:
        yield _between("started", row.started_at, prepared)


def _waits(row: SynthesisRequest) -> bool:
    return row.status == SynthesisRequest.Status.QUEUED


def _stretch(line: RequestEvent, begun: datetime) -> _Known:
    """A line is written when its stretch ends, and tells how long it was; work came after it was `begun`."""
    seconds = line.data.get("seconds")
    length = float(seconds) if isinstance(seconds, int | float) else 0.0
    starts = max(begun, line.at - timedelta(seconds=length))
    return _Known(line.name, starts, length, is_problem=_is_problem(line), data=line.data)


def _is_problem(line: RequestEvent) -> bool:
    return line.level == RequestEvent.Level.ERROR


def _between(
    name: str, starts: datetime, ends: datetime, *, is_open: bool = False, data: EventData | None = None
) -> _Known:
    return _Known(name, starts, max(0.0, (ends - starts).total_seconds()), is_open=is_open, data=data or {})
