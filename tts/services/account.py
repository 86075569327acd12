"""What a caller may use, and how much of it is used."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.limits.buckets import BucketState
from accounts.limits.names import Limit
from accounts.limits.taking import LimiterUnavailable
from accounts.selectors import Caller
from accounts.services.limiting import KEY_REQUESTS, LIMIT_OF, rates_peek
from accounts.services.periods import month_bounds, period_at
from tts.services.in_flight import InFlight, in_flight_count


@dataclass(frozen=True, slots=True)
class LimitUse:
    """A limit and what is used of it. `value` and `remaining` are None for unlimited; `used`, `reserved`, `resets_at`
    are None where nothing is used up, or while the Redis that knows is away.
    """

    limit: Limit
    of_key: bool
    value: int | None
    enforced: bool = True
    used: int | None = None
    reserved: int | None = None
    remaining: int | None = None
    resets_at: datetime | None = None


def limits_in_use(*, caller: Caller, now: datetime) -> list[LimitUse]:
    """Every limit of the caller's tenant, then those of its key, then those that only observe."""
    found = in_flight_count(caller=caller)
    rates = _rates(caller)
    whole = [_measured(caller, limit, found, rates, now, of_key=False) for limit in Limit]
    own = [
        _measured(caller, limit, found, rates, now, of_key=True)
        for limit in Limit
        if caller.key_limit(limit) is not None
    ]
    observed = [
        LimitUse(limit, of_key=False, value=value, enforced=False)
        for limit, value in caller.limits.observed.items()
    ]
    return whole + own + observed


def _measured(
    caller: Caller,
    limit: Limit,
    found: InFlight,
    rates: dict[tuple[Limit, bool], BucketState],
    now: datetime,
    *,
    of_key: bool,
) -> LimitUse:
    value = caller.key_limit(limit) if of_key else caller.limits.of(limit)
    match limit:
        case Limit.REQUESTS_PER_MINUTE | Limit.CHARACTERS_PER_MINUTE:
            return _rate(limit, value, rates.get((limit, of_key)), now, of_key=of_key)
        case Limit.CONCURRENT_REQUESTS | Limit.QUEUED_REQUESTS:
            at_work, waiting = (found.key, 0) if of_key else (found.running, found.tenant - found.running)
            used = at_work if limit is Limit.CONCURRENT_REQUESTS else waiting
            remaining = None if value is None else max(0, value - used)
            return LimitUse(limit, of_key, value, used=used, reserved=0, remaining=remaining)
        case Limit.CHARACTERS_PER_MONTH:
            return _month(caller, value, now, of_key=of_key)
        case _:
            return LimitUse(limit, of_key, value)


def _rate(
    limit: Limit, value: int | None, state: BucketState | None, now: datetime, *, of_key: bool
) -> LimitUse:
    if state is None:
        return LimitUse(limit, of_key, value)
    return LimitUse(
        limit,
        of_key,
        value,
        used=state.bucket.limit - state.remaining,
        reserved=0,
        remaining=state.remaining,
        resets_at=now + timedelta(seconds=state.reset_seconds),
    )


def _month(caller: Caller, value: int | None, now: datetime, *, of_key: bool) -> LimitUse:
    period = period_at(tenant=caller.tenant, key=caller.key if of_key else None, now=now)
    used, reserved = (0, 0) if period is None else (period.used_characters, period.reserved_characters)
    ends_at = month_bounds(now, caller.tenant.time_zone)[1] if period is None else period.ends_at
    remaining = None if value is None else max(0, value - used - reserved)
    return LimitUse(
        Limit.CHARACTERS_PER_MONTH,
        of_key,
        value,
        used=used,
        reserved=reserved,
        remaining=remaining,
        resets_at=ends_at,
    )


def _rates(caller: Caller) -> dict[tuple[Limit, bool], BucketState]:
    try:
        states = rates_peek(caller=caller).states
    except LimiterUnavailable:
        # What is kept in Postgres can be told all the same; rates are then null.
        return {}
    return {
        (LIMIT_OF[state.bucket.name], state.bucket.name == KEY_REQUESTS): state
        for state in states
        if state.bucket.enforced
    }
