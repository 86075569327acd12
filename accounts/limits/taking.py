"""Taking from buckets: one round trip to Redis, all buckets or none."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, cast

from redis import Redis
from redis.exceptions import NoScriptError, RedisError

from accounts.connections import limits_redis
from accounts.limits.buckets import Bucket, BucketState, Taken

SCRIPT: Final = Path(__file__).with_name("buckets.lua").read_text(encoding="utf-8")
_SCRIPT_SHA: Final = hashlib.sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()


class LimiterUnavailable(Exception):
    """Redis did not answer within two seconds. Nothing is admitted meanwhile: counting in each process instead would
    multiply every limit by their number. Whether anything was taken is not known."""

    code = "dependency_unavailable"


class CostAboveBurst(ValueError):
    """The cost is more than `bucket` can ever hold, so that waiting does not help."""

    def __init__(self, bucket: Bucket) -> None:
        super().__init__(f"{bucket.name}: a cost of {bucket.cost} is above the burst of {bucket.burst}")
        self.bucket = bucket


def take(buckets: Iterable[Bucket], *, redis: Redis | None = None) -> Taken:
    """Take the cost of every enforced bucket, or nothing when one of them refuses.

    Observed buckets do not decide. They are taken when the call is admitted and all of them would have allowed it.
    A cost of 0 takes nothing. `redis` is the limiter's own where it is not given.

    Raises `CostAboveBurst` for an enforced bucket, before Redis is asked; `LimiterUnavailable`; `ValueError` where two
    buckets are the same.
    """
    return _call(tuple(buckets), redis, write=True)


def peek(buckets: Iterable[Bucket], *, redis: Redis | None = None) -> Taken:
    """What `take` would do now. Nothing is written."""
    return _call(tuple(buckets), redis, write=False)


def arguments(buckets: Sequence[Bucket], *, write: bool) -> list[int]:
    """The script's arguments. They hold no time: the only clock is that of Redis."""
    encoded = [int(write)]
    for bucket in buckets:
        largest = bucket.largest_debt
        added = bucket.debt_of(bucket.cost) if bucket.units_per_minute else 0
        # Beyond the largest debt all costs are alike, and the script's numbers stay small.
        encoded += [min(added, largest + 1), largest, int(bucket.enforced)]
    return encoded


def taken(buckets: Sequence[Bucket], reply: Sequence[int]) -> Taken:
    """What the script's reply says of `buckets`."""
    admitted, *rest = reply
    states = zip(buckets, rest[::2], rest[1::2], strict=True)
    return Taken(
        bool(admitted), tuple(BucketState(bucket, bool(allows), debt) for bucket, allows, debt in states)
    )


def _call(buckets: tuple[Bucket, ...], redis: Redis | None, *, write: bool) -> Taken:
    for bucket in buckets:
        if bucket.enforced and bucket.cost > bucket.limit > 0:
            raise CostAboveBurst(bucket)
    keys = [bucket.redis_key for bucket in buckets]
    if len(set(keys)) < len(keys):
        raise ValueError("the same bucket is there twice")
    if not buckets:
        return Taken(True, ())
    try:
        reply = _run(redis or limits_redis(), keys, arguments(buckets, write=write))
    except RedisError as error:
        raise LimiterUnavailable("Redis, which keeps the rate limits, does not answer") from error
    return taken(buckets, reply)


def _run(redis: Redis, keys: list[str], encoded: list[int]) -> list[int]:
    try:
        reply = redis.evalsha(_SCRIPT_SHA, len(keys), *keys, *encoded)
    except NoScriptError:
        # The server has restarted; this leaves the script there for the next call.
        reply = redis.eval(SCRIPT, len(keys), *keys, *encoded)
    return cast(list[int], reply)
