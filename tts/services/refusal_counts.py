"""How many calls were refused in the last minutes, by the limit that refused them.

Refused calls leave no row, so they are counted where they are refused: a hash for each minute in the Redis that may
forget, which expires by itself.
"""

import logging
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import cast

from redis.exceptions import RedisError

from tts.connections import volatile_redis

logger = logging.getLogger(__name__)

KEPT_SECONDS = 3600
ADDRESS_BLOCKED = "failed-attempts"
"""The limit that an address runs into which has sent wrong keys too often."""


def refusals_count(*, limits: Iterable[str], now: datetime) -> None:
    """Count one refused call for each of `limits`. While Redis is away nothing is counted, and nothing is raised."""
    key = _key(_minute(now))
    try:
        with volatile_redis().pipeline(transaction=False) as pipeline:
            for limit in limits:
                pipeline.hincrby(key, limit, 1)
            pipeline.expire(key, KEPT_SECONDS)
            pipeline.execute()
    except RedisError as problem:
        logger.warning("a refusal was not counted: %s", type(problem).__name__)


def refusals_recent(*, now: datetime, minutes: int) -> Counter[str]:
    """Refused calls by limit, in the current minute and the `minutes` - 1 before it. Raises `RedisError`."""
    last = _minute(now)
    with volatile_redis().pipeline(transaction=False) as pipeline:
        for minute in range(last - minutes + 1, last + 1):
            pipeline.hgetall(_key(minute))
        found = cast(list[dict[bytes, bytes]], pipeline.execute())
    counts: Counter[str] = Counter()
    for hash_of_minute in found:
        counts.update({limit.decode(): int(count) for limit, count in hash_of_minute.items()})
    return counts


def _minute(now: datetime) -> int:
    return int(now.timestamp()) // 60


def _key(minute: int) -> str:
    return f"voxgate:refusals:{minute}"
