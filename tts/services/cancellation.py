"""Telling a worker that nobody wants its request any more.

The state in Postgres decides; this only saves the worker the rest of the work.
"""

import logging
from uuid import UUID

from redis.exceptions import RedisError

from tts.connections import volatile_redis

logger = logging.getLogger(__name__)

LIFETIME_SECONDS = 60


def _key(request_id: UUID) -> str:
    return f"voxgate:canceled:{request_id}"


def cancellation_announce(*, request_id: UUID) -> None:
    """Let the worker at this request know. Without Redis it speaks to the end and throws the audio away."""
    try:
        volatile_redis().set(_key(request_id), 1, ex=LIFETIME_SECONDS)
    except RedisError as problem:
        logger.warning("cancellation of %s not announced: %s", request_id, type(problem).__name__)


def cancellation_announced(*, request_id: UUID) -> bool:
    """Whether somebody canceled this request in the last minute. Raises `RedisError`."""
    return bool(volatile_redis().exists(_key(request_id)))
