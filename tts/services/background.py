"""Long work without a deadline, for the background workers: usage exports and housekeeping, each with its queue."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.job import Job, JobStatus

from tts.connections import background_queue, housekeeping_queue

logger = logging.getLogger(__name__)

LONGEST_SECONDS = 3600
SILENCE = timedelta(minutes=3)
"""A job whose worker has given no sign of life for so long is dead; a worker gives one every 30 s."""

_WAITING = (JobStatus.QUEUED, JobStatus.DEFERRED, JobStatus.SCHEDULED, JobStatus.CREATED)


@dataclass(frozen=True, slots=True)
class WorkersState:
    """How many workers a queue has, how many of them are at a job, maybe of another queue they serve, and how many jobs
    wait.
    """

    up: int
    busy: int
    waiting: int


def background_enqueue(
    *,
    job: str,
    job_id: str,
    arguments: tuple[str, ...] = (),
    queue: Queue | None = None,
    now: datetime | None = None,
) -> bool:
    """Queue `job` ("module.function") under a name, unless one of that name waits or runs already.

    Arguments are ids, never user text. The queue is that of exports unless another is given. False when it was there,
    and when Redis is away; who asked must be able to ask again.
    """
    queue = queue or background_queue()
    try:
        earlier = queue.fetch_job(job_id)
        if earlier is not None:
            if job_is_alive(job=earlier, now=now or timezone.now()):
                return False
            # With its traces: what RQ finds of a dead worker later must not end the new one.
            earlier.delete()
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


def background_is_alive(*, job_id: str, queue: Queue, now: datetime) -> bool:
    """Whether the job of that name is there and alive; true as well while Redis is away and nobody knows."""
    try:
        job = queue.fetch_job(job_id)
        return job is not None and job_is_alive(job=job, now=now)
    except RedisError:  # nobody knows, and what may be at work must not be given up
        return True


def job_is_alive(*, job: Job, now: datetime) -> bool:
    """Whether a job waits, or runs in a worker that gave a sign of life lately. Raises `RedisError`."""
    status = job.get_status(refresh=True)
    if status != JobStatus.STARTED:
        return status in _WAITING
    last = job.last_heartbeat or job.started_at
    return last is not None and now - last < SILENCE


def background_queues() -> tuple[Queue, ...]:
    """The queues of exports and of housekeeping, the one that somebody waits for first."""
    return background_queue(), housekeeping_queue()


def background_workers() -> dict[str, WorkersState]:
    """Of each queue by its name, who serves it. A worker that was killed counts for two minutes more.

    Raises `RedisError`.
    """
    return {queue.name: workers_state(queue=queue) for queue in background_queues()}


def workers_state(*, queue: Queue) -> WorkersState:
    """See `background_workers`."""
    workers = Worker.all(queue=queue)
    return WorkersState(len(workers), sum(worker.get_state() == "busy" for worker in workers), queue.count)
