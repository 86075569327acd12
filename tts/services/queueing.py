"""Handing a request's id to the workers."""

import logging
from datetime import datetime
from uuid import UUID

from redis.exceptions import RedisError

from tts.connections import speech_queue

logger = logging.getLogger(__name__)

JOB = "tts.jobs.speech.speak"
SPARE_SECONDS = 60


def job_id_of(request_id: UUID, claim: int) -> str:
    """The RQ job that delivers a request: its id, and for a repeated delivery the number of claims before it."""
    return str(request_id) if claim == 0 else f"{request_id}-{claim}"


def request_enqueue(*, request_id: UUID, claim: int, deadline_at: datetime, now: datetime) -> bool:
    """Put a request into the queue; only its id travels. False when Redis is away: the sweeper will do it.

    Work that waits past the deadline is dropped by RQ. A job's own time-out lies well behind the deadline: the
    engine chain ends in time by itself, the worker's watchdog ends what does not.
    """
    remaining = max(1, int((deadline_at - now).total_seconds()) + 1)
    try:
        speech_queue().enqueue_call(
            JOB,
            args=(str(request_id),),
            job_id=job_id_of(request_id, claim),
            timeout=remaining + SPARE_SECONDS,
            ttl=remaining,
            result_ttl=0,
            failure_ttl=24 * 3600,
            description=str(request_id),
        )
    except RedisError as problem:
        logger.warning("request %s not queued, the sweeper will: %s", request_id, type(problem).__name__)
        return False
    return True
