"""What waits and what is at work, without reading history."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q
from rq import Queue
from rq.job import Job

from tts.models import SynthesisRequest
from tts.services.background import background_queues, workers_state

Status = SynthesisRequest.Status


@dataclass(frozen=True, slots=True)
class QueueState:
    """One queue: how many wait, and since how many seconds the oldest of them does; None when nothing waits.

    `workers_up` is None where somebody else knows it.
    """

    name: str
    waiting: int
    oldest_seconds: float | None
    running: int
    workers_busy: int
    workers_up: int | None = None


def speech_state(*, name: str, now: datetime) -> QueueState:
    """Requests of all tenants, as Postgres has them: in RQ there are doorbells only.

    One query over the index of unfinished rows, which is as long as what waits.
    """
    unfinished = SynthesisRequest.all_tenants.filter(status__in=SynthesisRequest.UNFINISHED)
    queued, running = Q(status=Status.QUEUED), Q(status=Status.RUNNING)
    found = unfinished.aggregate(
        waiting=Count("pk", filter=queued),
        oldest=Min("created_at", filter=queued),
        running=Count("pk", filter=running),
        workers=Count("worker", filter=running, distinct=True),
    )
    return QueueState(
        name, found["waiting"], _since(found["oldest"], now), found["running"], found["workers"]
    )


def background_states(*, now: datetime) -> list[QueueState]:
    """Exports and housekeeping, as RQ has them. Raises `RedisError`."""
    return [_background_state(queue, now) for queue in background_queues()]


def _background_state(queue: Queue, now: datetime) -> QueueState:
    workers = workers_state(queue=queue)
    first = queue.get_job_ids(0, 1) if workers.waiting else []
    job = queue.fetch_job(first[0]) if first else None
    running = queue.started_job_registry.get_job_count(cleanup=False)
    return QueueState(
        queue.name, workers.waiting, _since(_queued_at(job), now), running, workers.busy, workers.up
    )


def _queued_at(job: Job | None) -> datetime | None:
    return None if job is None else job.enqueued_at


def _since(at: datetime | None, now: datetime) -> float | None:
    return None if at is None else max(0.0, (now - at).total_seconds())
