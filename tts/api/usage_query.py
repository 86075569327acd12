"""What calls about usage are asked with: `from`, `to`, `timezone` and `group_by` of the query."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.http import QueryDict
from django.utils import timezone
from rest_framework.request import Request

from accounts.models import Tenant
from accounts.selectors import Caller
from tts.api.problems import FieldError, InvalidRequest
from tts.api.serializers import MAX_ERRORS
from tts.usage.dimensions import GROUPABLE, Dimension
from tts.usage.ranges import UsageRange

LONGEST_DAYS = 400
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2999, 12, 31)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
RANGE_PARAMETERS = ("from", "to", "timezone")


@dataclass(frozen=True, slots=True)
class UsageQuery:
    """Whose use is asked for, of which local days, and told apart by what."""

    tenant: Tenant
    range: UsageRange
    group_by: tuple[Dimension, ...]


def usage_query(
    request: Request, caller: Caller, *, now: datetime | None = None, also: Collection[str] = ()
) -> UsageQuery:
    """`usage_query_of` the query of `request`."""
    return usage_query_of(request.query_params, caller, now=now, also=also)


def usage_query_of(
    parameters: QueryDict, caller: Caller, *, now: datetime | None = None, also: Collection[str] = ()
) -> UsageQuery:
    """What is asked for: days of the caller's tenant, in its time zone or the one that `timezone` names.

    Without days it is the current month so far; without `from`, the month of `to` up to it. `also` names parameters
    that the call takes besides; where `group_by` is not among them, it is by day. Raises `InvalidRequest`, which names
    each bad parameter.
    """
    taken = (*RANGE_PARAMETERS, *also)
    errors = wrong_parameters(parameters, taken)
    values = {name: parameters.get(name) for name in taken}
    group_by = _group_by(values.get("group_by"), errors)
    span = _range(values, caller.tenant, now or timezone.now(), errors)
    if errors or span is None:
        raise InvalidRequest(errors[:MAX_ERRORS])
    return UsageQuery(caller.tenant, span, group_by)


def wrong_parameters(parameters: QueryDict, taken: Collection[str]) -> list[FieldError]:
    """Those that are not among `taken`, and those that are given more than once."""
    unknown = [
        FieldError(_printable(name), "unknown", f"unknown parameter; this call takes {', '.join(taken)}")
        for name in parameters
        if name not in taken
    ]
    repeated = [
        FieldError(name, "invalid", "is given more than once")
        for name in taken
        if len(parameters.getlist(name)) > 1
    ]
    return unknown + repeated


def _printable(name: str) -> str:
    """A name of the client's making, fit to be quoted back."""
    return "".join(character if character.isprintable() else "?" for character in name[:60])


def _group_by(value: str | None, errors: list[FieldError]) -> tuple[Dimension, ...]:
    names = ["day"] if value is None else value.split(",")
    allowed = [dimension.value for dimension in GROUPABLE]
    if any(name not in allowed for name in names):
        errors.append(FieldError("group_by", "invalid_choice", f"takes some of {', '.join(allowed)}"))
        return ()
    # Asked for twice is one column.
    return tuple(dict.fromkeys(map(Dimension, names)))


def _range(
    values: dict[str, str | None], tenant: Tenant, now: datetime, errors: list[FieldError]
) -> UsageRange | None:
    zone = _zone(values["timezone"], tenant, errors)
    first, last = _day("from", values["from"], errors), _day("to", values["to"], errors)
    if errors or zone is None:
        return None
    last = last or now.astimezone(zone).date()
    first = first or last.replace(day=1)
    if last < first:
        errors.append(FieldError("to", "out_of_range", f"comes before the first day, {first}"))
    elif last - first >= timedelta(days=LONGEST_DAYS):
        days = (last - first).days + 1
        message = f"{days} days are asked for; {LONGEST_DAYS} at once are allowed"
        errors.append(FieldError("to", "out_of_range", message))
    return None if errors else _aligned(UsageRange(first, last, zone), errors)


def _aligned(span: UsageRange, errors: list[FieldError]) -> UsageRange:
    day = span.misaligned_day()
    if day is not None:
        message = f"{span.zone.key} does not begin {day} on a quarter of an hour, which sums are kept by"
        errors.append(FieldError("timezone", "out_of_range", message))
    return span


def _zone(name: str | None, tenant: Tenant, errors: list[FieldError]) -> ZoneInfo | None:
    if name is None:
        return ZoneInfo(tenant.time_zone)
    if name not in _zones():
        message = "must be the IANA name of a time zone, such as Asia/Shanghai"
        errors.append(FieldError("timezone", "invalid_choice", message))
        return None
    return ZoneInfo(name)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _day(name: str, value: str | None, errors: list[FieldError]) -> date | None:
    if value is None:
        return None
    try:
        # `fromisoformat` takes other forms as well, such as week numbers.
        day = date.fromisoformat(value) if DAY.fullmatch(value) else None
    except ValueError:
        day = None
    if day is None:
        errors.append(FieldError(name, "invalid", "must be a day such as 2026-05-01"))
    elif not FIRST_DAY <= day <= LAST_DAY:
        errors.append(FieldError(name, "out_of_range", f"must lie between {FIRST_DAY} and {LAST_DAY}"))
    return day
