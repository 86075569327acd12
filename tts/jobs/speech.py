"""The one job of the speech queue: a doorbell. Its argument is the id of the request that rang and nothing else."""

import logging

from django.db import close_old_connections
from django.utils import timezone

from tts.jobs.runtime import runtime_current
from tts.services.speaking import request_speak
from tts.services.turns import request_claim_next

logger = logging.getLogger(__name__)


def speak(request_id: str) -> None:
    """Do the work of the request whose turn it is; leaves quietly when none may begin now."""
    runtime = runtime_current()
    # As between two HTTP requests: a connection that the database has ended is not used again.
    close_old_connections()
    claim = request_claim_next(worker=runtime.name, now=timezone.now())
    if claim is None:
        return
    logger.debug("rung by request %s, serving %s", request_id, claim.row.id)
    with runtime.at_work(claim.row) as cancel:
        request_speak(
            row=claim.row,
            chain=runtime.chain,
            backlog=claim.backlog.per_worker(runtime.workers),
            cancel=cancel,
        )
