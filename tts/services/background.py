"""Long work without a deadline, for the background worker: reports and housekeeping."""

import logging

from redis.exceptions import RedisError

from tts.connections import background_queue

logger = logging.getLogger(__name__)

LONGEST_SECONDS = 3600


def background_enqueue(*, job: str, job_id: str, arguments: tuple[str, ...] = ()) -> bool:
    """Queue `job` ("module.function") under a name, unless one of that name waits or runs already.

    Arguments are ids, never user text. False when it was there, and when Redis is away; who asked must be able to ask
    again.
    """
    queue = background_queue()
    try:
        waiting = queue.fetch_job(job_id)
        if waiting is not None and waiting.get_status(refresh=True) in ("queued", "started"):
            return False
        queue.enqueue_call(
            job,
            args=arguments,
            job_id=job_id,
            timeout=LONGEST_SECONDS,
            result_ttl=0,
            failure_ttl=24 * 3600,
            description=job_id,
        )
    except RedisError as problem:
        logger.warning("%s was not queued: %s", job_id, type(problem).__name__)
        return False
    return True
