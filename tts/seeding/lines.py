"""The timeline of a made-up request, as `tts.services.states` writes it: nothing before a request ends."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from tts.models import SynthesisRequest
from tts.seeding.made import BYTES_PER_SECOND, Made, Row, Speech
from tts.services.delivery import DELIVERED
from tts.services.states import UNREMARKABLE_OUTCOMES

EVENT = ("request", "tenant", "at", "level", "name", "data")
"""The columns of the rows below, in their order."""

DELIVERY_SECONDS = 0.004

Status = SynthesisRequest.Status
Data = dict[str, str | int | float]
Line = tuple[datetime, str, str, Data]


def event_rows(made: Made) -> list[Row]:
    """All lines of a request; of one that has not ended, the workers that it lost."""
    tenant = made.tenant.pk
    return [(made.id, tenant, at, level, name, json.dumps(data)) for at, level, name, data in _lines(made)]


def _lines(made: Made) -> Iterator[Line]:
    for claim, lost in enumerate(made.lost, start=1):
        yield lost.at, "error", "worker-lost", {"worker": lost.worker, "claim": claim}
    if made.finished_at is None:
        return
    yield (
        *(made.created_at, "access", "received"),
        {
            "characters": len(made.text),
            "format": made.audio_format,
            "limits_seconds": made.limits_seconds,
        },
    )
    # Whoever ends a request from outside knows nothing of its workers.
    if made.started_at is not None and made.status in (Status.SUCCEEDED, Status.FAILED):
        yield made.started_at, "access", "claimed", {"worker": made.worker, "claim": made.claims}
        yield from _attempts(made, made.started_at)
    if made.spoken is not None:
        yield from _delivery(made, made.spoken, made.finished_at)
    else:
        level = "access" if made.status is Status.CANCELED else "error"
        yield made.finished_at, level, made.status.value, {"code": made.error_code}


def _attempts(made: Made, started_at: datetime) -> Iterator[Line]:
    at = started_at
    for done in made.speech.tries if made.speech else ():
        at += timedelta(seconds=done.seconds)
        level = "access" if done.outcome in UNREMARKABLE_OUTCOMES else "error"
        told: Data = {"engine": done.engine, "outcome": done.outcome, "seconds": done.seconds}
        yield at, level, "attempt", told


def _delivery(made: Made, spoken: Speech, ended_at: datetime) -> Iterator[Line]:
    encoded_at = ended_at - timedelta(seconds=spoken.store_seconds)
    told: Data = {"format": made.audio_format, "seconds": spoken.encode_seconds}
    yield encoded_at, "access", "encoded", told
    kept = "not-stored" if made.tenant.zero_retention else "stored"
    size = int(spoken.audio_seconds * BYTES_PER_SECOND[made.audio_format])
    yield ended_at, "access", kept, {"bytes": size, "seconds": spoken.store_seconds}
    succeeded: Data = {"engine": spoken.tries[-1].engine, "fallback": spoken.fallback}
    yield ended_at, "access", "succeeded", succeeded
    delivered_at = ended_at + timedelta(seconds=DELIVERY_SECONDS)
    took = round((delivered_at - made.created_at).total_seconds(), 4)
    yield delivered_at, "access", DELIVERED, {"bytes": size, "seconds": took}
