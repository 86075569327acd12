"""Rows that queue or workers forgot are given back, or ended: nothing stays unfinished past its deadline.

Postgres is the truth. The sweeper looks at the few unfinished rows (a partial index holds just those) every second;
when a supervisor reports a dead worker it acts at once. Being wrong costs at most a second synthesis: claims are
compare-and-set, so a request still ends once.
"""

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from redis.exceptions import RedisError

from tts.models import SynthesisRequest
from tts.services.answers import Answer, answer_publish
from tts.services.history import audio_discard, audio_name
from tts.services.queueing import doorbell_ring
from tts.services.states import request_expire, request_give_up, request_return
from tts.services.turns import request_next

logger = logging.getLogger(__name__)

MAX_CLAIMS = 3
"""A request that has ended three workers is not given to a fourth."""

LATE = timedelta(seconds=1)
"""Waiting callers expire their own request at its deadline; the sweeper takes those nobody waits for."""


@dataclass(slots=True)
class Sweep:
    """What one pass did. `rung` tells that work waited and no doorbell hung."""

    expired: int = 0
    returned: int = 0
    given_up: int = 0
    rung: bool = False


def sweep(*, alive: Collection[str], now: datetime) -> Sweep:
    """One pass over unfinished rows, given the names of the workers alive."""
    done = Sweep(expired=sweep_overdue(now=now))
    _recover(_running().filter(deadline_at__gt=now - LATE).exclude(worker__in=alive), now, done)
    done.rung = _ring_for_next(now)
    return done


def sweep_overdue(*, now: datetime) -> int:
    """End what is past its deadline, and return how many. Needs Postgres alone, so it works while Redis is away."""
    overdue = SynthesisRequest.all_tenants.filter(
        status__in=SynthesisRequest.UNFINISHED, deadline_at__lte=now - LATE
    )
    ids = list(overdue.values_list("id", flat=True))
    return sum(request_expire(request_id=request_id, now=now) for request_id in ids)


def worker_died(*, worker: str, now: datetime) -> Sweep:
    """Give back at once what a dead worker had claimed, and ring in place of the doorbell it may have heard last."""
    done = Sweep()
    _recover(_running().filter(worker=worker), now, done)
    done.rung = _ring_for_next(now)
    return done


def _running() -> QuerySet[SynthesisRequest]:
    rows = SynthesisRequest.all_tenants.filter(status=SynthesisRequest.Status.RUNNING)
    return rows.only("id", "claim", "worker", "tenant_id", "created_at", "audio_format")


def _recover(rows: Iterable[SynthesisRequest], now: datetime, done: Sweep) -> None:
    for row in rows:
        if row.claim >= MAX_CLAIMS:
            done.given_up += _give_up(row, now)
        elif request_return(request_id=row.id, claim=row.claim, worker=row.worker, now=now):
            logger.error("worker %s is gone, request %s is queued again", row.worker, row.id)
            _discard(row)
            done.returned += 1


def _give_up(row: SynthesisRequest, now: datetime) -> bool:
    detail = f"{row.claim} workers ended while they were at this request"
    given_up = request_give_up(request_id=row.id, claim=row.claim, code="worker_lost", detail=detail, now=now)
    if given_up:
        _discard(row)
        _tell(row, Answer("synthesis_failed", detail=detail))
    return given_up


def _discard(row: SynthesisRequest) -> None:
    """Remove the audio that a dead worker may have kept: its claim is void, so nothing will ever point there."""
    try:
        audio_discard(name=audio_name(row))
    except Exception as problem:  # noqa: BLE001 - a remote storage raises errors of its own library
        logger.error("audio left by request %s not removed: %s", row.id, type(problem).__name__)


def _ring_for_next(now: datetime) -> bool:
    """One doorbell is enough: who hears it rings for the next."""
    waiting = request_next(now=now)
    return waiting is not None and doorbell_ring(request_id=waiting)


def _tell(row: SynthesisRequest, answer: Answer) -> None:
    try:
        answer_publish(request_id=row.id, answer=answer)
    except RedisError:
        logger.warning("nobody could be told how request %s ended", row.id)
