"""Telling the worker at a request, and who waits for its answer, that it was canceled.

The state in Postgres decides; this only saves the one the rest of the work and the other the rest of the wait.
"""

import logging
from uuid import UUID

from redis.exceptions import RedisError

from tts.connections import volatile_redis
from tts.services.answers import CANCELED, Answer, answer_publish

logger = logging.getLogger(__name__)

LIFETIME_SECONDS = 60


def _key(request_id: UUID) -> str:
    return f"voxgate:canceled:{request_id}"


def cancellation_announce(*, request_id: UUID) -> None:
    """Let them know. Without Redis the worker speaks to the end and throws the audio away."""
    try:
        volatile_redis().set(_key(request_id), 1, ex=LIFETIME_SECONDS)
        answer_publish(request_id=request_id, answer=Answer(CANCELED))
    except RedisError as problem:
        logger.warning("cancellation of %s not announced: %s", request_id, type(problem).__name__)


def cancellation_announced(*, request_id: UUID) -> bool:
    """Whether somebody canceled this request in the last minute. Raises `RedisError`."""
    return bool(volatile_redis().exists(_key(request_id)))
