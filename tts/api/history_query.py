"""What the history is asked for: the query of `GET /api/requests`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.dateparse import parse_datetime

from tts.api.problems import FieldError, InvalidRequest
from tts.api.serializers import MAX_ERRORS
from tts.engines.chain import Fallback
from tts.models import SynthesisRequest
from tts.request_history import ANY_FALLBACK, RequestFilter
from tts.usage.ranges import day_begins

T = TypeVar("T")

DEFAULT_LIMIT, MOST = 50, 100
LONGEST_VALUE = 200
"""Characters of a voice's id, the longest thing that can be asked for."""

STATUSES = tuple(SynthesisRequest.Status.values)
FALLBACKS = (ANY_FALLBACK, *(reason.value for reason in Fallback))
TEXTS = ("voice", "engine", "key", "reference", "search")
PARAMETERS = ("status", "fallback", *TEXTS, "from", "to", "limit", "cursor")
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2999, 12, 31)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
WHEN = "must be a day such as 2026-05-01, or a time such as 2026-05-01T08:00:00Z"


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """Which requests and how many at most. `following` is the cursor of a page, as it was sent."""

    wanted: RequestFilter
    limit: int
    following: str | None


def history_query(query: QueryDict, *, zone: str) -> HistoryQuery:
    """The checked query; days are those of `zone`. Raises `InvalidRequest`, which names each bad parameter."""
    asked = _Asked(query)
    texts: Mapping[str, str | None] = {name: asked.value(name, _text) for name in TEXTS}
    here = ZoneInfo(zone)
    wanted = RequestFilter(
        status=asked.value("status", lambda value: SynthesisRequest.Status(_one_of(value, STATUSES))),
        fallback=asked.value("fallback", lambda value: _one_of(value, FALLBACKS)),
        received_from=asked.value("from", lambda value: _moment(value, here, days=0)),
        # The day named is one of them.
        received_before=asked.value("to", lambda value: _moment(value, here, days=1)),
        **texts,
    )
    limit = asked.value("limit", _limit)
    cursor = asked.value("cursor", _text)
    if asked.errors:
        raise InvalidRequest(asked.errors[:MAX_ERRORS])
    return HistoryQuery(wanted, DEFAULT_LIMIT if limit is None else limit, cursor)


class _Asked:
    """The parameters that were sent, and what is wrong with them."""

    def __init__(self, query: QueryDict) -> None:
        self._query = query
        taken = ", ".join(PARAMETERS)
        self.errors = [
            FieldError(_printable(name), "unknown", f"unknown parameter; this call takes {taken}")
            for name in query
            if name not in PARAMETERS
        ]

    def value(self, name: str, read: Callable[[str], T]) -> T | None:
        """A parameter as `read` takes it, None without one; what `read` raises as `ValueError` becomes an error."""
        sent = self._query.getlist(name)
        try:
            if len(sent) > 1:
                raise ValueError("is given more than once")
            return read(sent[0]) if sent else None
        except ValueError as problem:
            self.errors.append(FieldError(name, "invalid", str(problem)))
            return None


def _text(value: str) -> str:
    if not 0 < len(value) <= LONGEST_VALUE:
        raise ValueError(f"must have 1 to {LONGEST_VALUE} characters")
    if not value.isprintable():
        raise ValueError("holds a character that cannot be printed")
    return value


def _one_of(value: str, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise ValueError(f"must be one of {', '.join(choices)}")
    return value


def _limit(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", value) or not 1 <= int(value) <= MOST:
        raise ValueError(f"must be a number from 1 to {MOST}")
    return int(value)


def _moment(value: str, zone: ZoneInfo, *, days: int) -> datetime:
    """The instant that `value` names, or that the day it names, or the one `days` later, begins at."""
    moment: datetime | None = None
    try:
        if DAY.fullmatch(value):
            day = date.fromisoformat(value)
        elif (moment := parse_datetime(value)) is not None and moment.tzinfo is not None:
            day = moment.date()
        else:
            raise ValueError
    except ValueError:
        raise ValueError(WHEN) from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"must lie between {FIRST_DAY} and {LAST_DAY}")
    return day_begins(day + timedelta(days=days), zone) if moment is None else moment


def _printable(name: str) -> str:
    """A name of the client's making, fit to be quoted back."""
    return "".join(character if character.isprintable() else "?" for character in name[:60])
