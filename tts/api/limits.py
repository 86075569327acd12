"""Limits as HTTP tells them: what a call takes, the headers of its answer, and the refusals."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError

from accounts.limits.buckets import Taken
from accounts.limits.headers import limit_headers
from accounts.limits.names import Limit
from accounts.limits.taking import CostAboveBurst, LimiterUnavailable
from accounts.selectors import Caller
from accounts.services.limiting import LIMIT_OF, RateLimited, rates_give_back, rates_peek, rates_take
from tts.api.problems import FieldError, InvalidRequest, Problem
from tts.api.request_facts import request_facts_current
from tts.services.in_flight import InFlight, in_flight_count, in_flight_maximum

RETRY_WITHOUT_REDIS_SECONDS = 5
Refusals = tuple[type[Exception], ...]

NEVER_SECONDS = 3600
"""Where waiting does not help but a header must name a number."""


def rates_taken(*, caller: Caller, characters: int, field: str) -> list[Limit]:
    """Take a request and its characters; returns the observed limits that would have refused it.

    Raises the 429, the 503 without Redis, and the 400 where no waiting would help; `field` holds the characters.
    """
    try:
        taken = _take(caller, characters)
    except CostAboveBurst as above:
        message = (
            f"has {above.bucket.cost} characters; the plan allows {above.bucket.burst} in a minute,"
            " so send it in parts"
        )
        raise InvalidRequest([FieldError(field, "too_long", message)]) from above
    except LimiterUnavailable as away:
        raise Problem(
            503,
            "dependency_unavailable",
            "The limits cannot be checked. Nothing was charged.",
            retry_after=RETRY_WITHOUT_REDIS_SECONDS,
        ) from away
    return [LIMIT_OF[state.bucket.name] for state in taken.would_refuse]


def _take(caller: Caller, characters: int) -> Taken:
    try:
        taken = rates_take(caller=caller, characters=characters)
    except RateLimited as limited:
        request_facts_current().taken = limited.taken
        raise _too_fast(limited) from limited
    request_facts_current().taken = taken
    return taken


@contextmanager
def rates_given_back_when(refusals: Refusals, *, repeated: Refusals) -> Iterator[None]:
    """A refused request consumes nothing: give back what `rates_taken` took when one of `refusals` comes out.

    One of `repeated` remains a request and gives back its characters, or answers could be had without end.
    """
    try:
        yield
    except refusals as refusal:
        _give_back(characters_only=isinstance(refusal, repeated))
        raise


def _give_back(*, characters_only: bool) -> None:
    facts = request_facts_current()
    if facts.taken is None:
        return
    try:
        facts.taken = rates_give_back(taken=facts.taken, characters_only=characters_only)
    except LimiterUnavailable:
        # Redis went away in between and nobody knows what stands there; the refusal is still the answer.
        facts.taken = None


def read_rates_taken(*, caller: Caller) -> None:
    """For calls that only read: take a request, and go on without limits while Redis is away."""
    try:
        _take(caller, 0)
    except LimiterUnavailable:
        # History and voices need no Redis, so they do not fail with it.
        return


def headers_for(*, caller: Caller) -> dict[str, str]:
    """The limit headers of an answer: of what the call took, or of how things stand when it took nothing."""
    facts = request_facts_current()
    try:
        taken = facts.taken if facts.taken is not None else rates_peek(caller=caller)
        headers = limit_headers(taken.states)
    except LimiterUnavailable:
        # An answer is worth more than its headers.
        headers = {}
    try:
        found = facts.in_flight if facts.in_flight is not None else in_flight_count(caller=caller)
    except DatabaseError:
        # The same; the answer itself tells that the database is away, if it needed it.
        return headers
    return headers | _concurrency(caller, found)


def _concurrency(caller: Caller, found: InFlight) -> dict[str, str]:
    maximum = in_flight_maximum(caller=caller)
    headers = {"Current-Concurrent-Requests": str(found.tenant)}
    return headers if maximum is None else {**headers, "Maximum-Concurrent-Requests": str(maximum)}


def _too_fast(limited: RateLimited) -> Problem:
    wait = limited.taken.retry_after_seconds
    names = [state.bucket.name for state in limited.taken.refusing]
    if wait is None:
        detail = "The plan allows none of this."
        return Problem(
            429, limited.code, detail, retry_after=NEVER_SECONDS, should_retry=False, violated_policies=names
        )
    detail = f"Too fast; try again in {max(1, round(wait))} s."
    return Problem(429, limited.code, detail, retry_after=_whole(wait), violated_policies=names)


def _whole(seconds: float) -> int:
    """Seconds of a `Retry-After`: never too early, never nothing."""
    return max(1, math.ceil(seconds))
