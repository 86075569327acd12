"""Doorbells: RQ jobs that wake a worker. Each carries the id of the request that rang and nothing else.

Any doorbell serves any request: see `tts.services.turns`. They do not expire, for one may stand for requests that came
later than its own; one too many costs a worker a look.
"""

import logging
import secrets
from uuid import UUID

from django.conf import settings
from redis.exceptions import RedisError

from tts.connections import speech_queue
from tts.models import SynthesisRequest

logger = logging.getLogger(__name__)

JOB = "tts.jobs.speech.speak"
SPARE_SECONDS = 60
"""Between the longest time-out of a request and RQ's of the job. Whose request a doorbell will serve is not known when
it is made; the engine chain ends in time by itself, and the worker's watchdog ends what does not."""


def request_enqueue(*, request_id: UUID) -> bool:
    """Ring for a request that was accepted. False when Redis is away: the sweeper will ring."""
    return _ring(request_id, str(request_id))


def doorbell_ring(*, request_id: UUID) -> bool:
    """Ring unless a doorbell hangs already, and return whether it rang. False when Redis is away, too."""
    try:
        if speech_queue().count:
            return False
    except RedisError as problem:
        _tell(request_id, problem)
        return False
    # Two jobs of one name would be one job that is in the list twice.
    return _ring(request_id, f"{request_id}-{secrets.token_hex(4)}")


def turn_pass(*, tenant_id: UUID, request_id: UUID) -> None:
    """A request at work has ended: ring where its tenant has others waiting, which its limit may have held back."""
    waiting = SynthesisRequest.objects.of(tenant_id).filter(status=SynthesisRequest.Status.QUEUED)
    if waiting.exists():
        doorbell_ring(request_id=request_id)


def _ring(request_id: UUID, job_id: str) -> bool:
    try:
        speech_queue().enqueue_call(
            JOB,
            args=(str(request_id),),
            job_id=job_id,
            timeout=int(settings.TTS_MAX_TIMEOUT) + SPARE_SECONDS,
            result_ttl=0,
            failure_ttl=24 * 3600,
            description=str(request_id),
        )
    except RedisError as problem:
        _tell(request_id, problem)
        return False
    return True


def _tell(request_id: UUID, problem: RedisError) -> None:
    logger.warning(
        "no doorbell for request %s, the sweeper will ring: %s", request_id, type(problem).__name__
    )
