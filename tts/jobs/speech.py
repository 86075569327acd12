"""The one job of the speech queue. Its argument is the id of a request and nothing else."""

from uuid import UUID

from tts.jobs.runtime import runtime_current
from tts.services.speaking import request_speak


def speak(request_id: str) -> None:
    """Do the work of a queued request; leaves quietly when somebody else did."""
    runtime = runtime_current()
    with runtime.at_work(UUID(request_id)) as cancel:
        request_speak(
            request_id=UUID(request_id),
            worker=runtime.name,
            chain=runtime.chain,
            backlog=runtime.backlog(),
            cancel=cancel,
        )
