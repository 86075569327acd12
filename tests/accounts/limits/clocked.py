"""The limiter's script with a clock that tests set."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from redis import Redis

from accounts.limits.buckets import Bucket, Taken
from accounts.limits.taking import SCRIPT, arguments, taken

CLOCK = "redis.call('TIME')"
# The last two arguments; the rest of the script stays as it is.
CLOCKED_SCRIPT = SCRIPT.replace(CLOCK, "{ARGV[#ARGV - 1], ARGV[#ARGV]}")


@dataclass(frozen=True, slots=True)
class Called:
    """What a call said, the time to live of each key it wrote (milliseconds), and what its keys hold after it."""

    taken: Taken
    lives: dict[str, int]
    stored: dict[str, int | None]


def call_at(redis: Redis, now: int, buckets: Sequence[Bucket], *, write: bool = True) -> Called:
    """`take`, or `peek`, at `now` in microseconds. Keys stay when their time to live ends by the real clock."""
    keys = [bucket.redis_key for bucket in buckets]
    with redis.pipeline(transaction=True) as pipe:
        pipe.eval(
            CLOCKED_SCRIPT, len(keys), *keys, *arguments(buckets, write=write), now // 10**6, now % 10**6
        )
        for key in keys:
            pipe.pttl(key)
            pipe.persist(key)
        pipe.mget(keys)
        reply, *ttls, stored = pipe.execute()
    return Called(
        taken(buckets, cast(list[int], reply)),
        # A key without a time to live is one that an earlier call has written, and this one has not.
        {key: ttl for key, ttl in zip(keys, ttls[::2], strict=True) if ttl >= 0},
        {key: None if text is None else int(text) for key, text in zip(keys, stored, strict=True)},
    )
