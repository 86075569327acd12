"""Undoing a call to the buckets, for a request that was refused for another reason afterwards."""

from dataclasses import replace
from pathlib import Path
from typing import Final, cast

from redis import Redis
from redis.exceptions import RedisError

from accounts.connections import limits_redis
from accounts.limits.buckets import BucketState, Taken
from accounts.limits.taking import LimiterUnavailable

SCRIPT: Final = Path(__file__).with_name("give_back.lua").read_text(encoding="utf-8")


def give_back(taken: Taken, *, unit: str | None = None, redis: Redis | None = None) -> Taken:
    """Put back what an admitted call took, of all buckets or of those that hold `unit`; returns how the buckets stand.

    An observed bucket that would have refused took nothing, and while one of them would have, none of them did. Raises
    `LimiterUnavailable`.
    """
    observed = not taken.would_refuse
    given = [
        state.bucket.debt_of(state.bucket.cost)
        if taken.admitted
        and state.bucket.units_per_minute
        and (state.bucket.enforced or observed)
        and unit in (None, state.bucket.unit)
        else 0
        for state in taken.states
    ]
    if not any(given):
        return taken
    keys = [state.bucket.redis_key for state in taken.states]
    try:
        reply = cast("list[int]", (redis or limits_redis()).eval(SCRIPT, len(keys), *keys, *given))
    except RedisError as error:
        raise LimiterUnavailable("Redis, which keeps the rate limits, does not answer") from error
    return replace(
        taken,
        states=tuple(
            BucketState(state.bucket, state.allowed, debt)
            for state, debt in zip(taken.states, reply, strict=True)
        ),
    )
