"""Rows that queue or workers forgot are given back, or ended: nothing stays unfinished past its deadline.

Postgres is the truth. The sweeper looks at the few unfinished rows (a partial index holds just those) every second;
when a supervisor reports a dead worker it acts at once. Being wrong costs at most a second synthesis: claims are
compare-and-set, so a request still ends once.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from redis.exceptions import RedisError
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from tts.connections import queue_redis, speech_queue, volatile_redis
from tts.models import SynthesisRequest
from tts.services.answers import Answer, answer_publish
from tts.services.queueing import job_id_of, request_enqueue
from tts.services.states import request_expire, request_give_up, request_return

logger = logging.getLogger(__name__)

MAX_CLAIMS = 3
"""A request that has ended three workers is not given to a fourth."""

PATIENCE = timedelta(seconds=3)
"""How long a queued row may be missing from the queue before it is put there again."""

LATE = timedelta(seconds=1)
"""Waiting callers expire their own request at its deadline; the sweeper takes those nobody waits for."""


@dataclass(slots=True)
class Sweep:
    """What one pass did."""

    expired: int = 0
    returned: int = 0
    given_up: int = 0
    queued_again: int = 0


def sweep(*, alive: Collection[str], now: datetime) -> Sweep:
    """One pass over unfinished rows, given the names of the workers alive."""
    done = Sweep(expired=sweep_overdue(now=now))
    unfinished = SynthesisRequest.objects.filter(
        status__in=SynthesisRequest.UNFINISHED, deadline_at__gt=now - LATE
    )
    for row in unfinished.only("id", "status", "claim", "worker", "created_at", "started_at", "deadline_at"):
        if row.status == SynthesisRequest.Status.RUNNING:
            if row.worker not in alive:
                _recover(row, now, done)
        elif row.created_at + PATIENCE <= now and not _is_waiting(row) and _may_requeue(row):
            done.queued_again += _enqueue(row, row.claim, now)
    return done


def sweep_overdue(*, now: datetime) -> int:
    """End what is past its deadline, and return how many. Needs Postgres alone, so it works while Redis is away."""
    overdue = SynthesisRequest.objects.filter(
        status__in=SynthesisRequest.UNFINISHED, deadline_at__lte=now - LATE
    )
    ids = list(overdue.values_list("id", flat=True))
    return sum(request_expire(request_id=request_id, now=now) for request_id in ids)


def worker_died(*, worker: str, now: datetime) -> Sweep:
    """Give back at once what a dead worker had claimed, or had taken from the queue and not claimed yet."""
    done = Sweep()
    for row in SynthesisRequest.objects.filter(status=SynthesisRequest.Status.RUNNING, worker=worker):
        _recover(row, now, done)
    for row in SynthesisRequest.objects.filter(status=SynthesisRequest.Status.QUEUED, deadline_at__gt=now):
        if not _is_waiting(row):
            done.queued_again += _enqueue(row, row.claim, now)
    return done


def _recover(row: SynthesisRequest, now: datetime, done: Sweep) -> None:
    if row.claim >= MAX_CLAIMS:
        detail = f"{row.claim} workers ended while they were at this request"
        if request_give_up(request_id=row.id, claim=row.claim, code="worker_lost", detail=detail, now=now):
            done.given_up += 1
            _tell(row, Answer("synthesis_failed", detail=detail))
        return
    if request_return(request_id=row.id, claim=row.claim, worker=row.worker, now=now):
        logger.error("worker %s is gone, request %s is queued again", row.worker, row.id)
        done.returned += 1
        _enqueue(row, row.claim, now)


def _enqueue(row: SynthesisRequest, claim: int, now: datetime) -> int:
    return int(request_enqueue(request_id=row.id, claim=claim, deadline_at=row.deadline_at, now=now))


def _is_waiting(row: SynthesisRequest) -> bool:
    """Whether the queue still holds a job for this row that a worker can take."""
    job_id = job_id_of(row.id, row.claim)
    try:
        Job.fetch(job_id, connection=queue_redis(), serializer=JSONSerializer)
    except NoSuchJobError:
        return False
    return speech_queue().get_job_position(job_id) is not None


def _may_requeue(row: SynthesisRequest) -> bool:
    """At most one repeat per row and patience, however many sweeps see it."""
    key = f"voxgate:requeued:{row.id}"
    return bool(volatile_redis().set(key, 1, nx=True, ex=int(PATIENCE.total_seconds())))


def _tell(row: SynthesisRequest, answer: Answer) -> None:
    try:
        answer_publish(request_id=row.id, answer=answer)
    except RedisError:
        logger.warning("nobody could be told how request %s ended", row.id)
