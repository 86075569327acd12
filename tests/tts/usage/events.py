"""Use on record, entered by the service that enters it in earnest."""

from datetime import datetime
from typing import Any

from accounts.identifiers import uuid7
from accounts.models import ApiKey, Tenant
from tts.models import SynthesisRequest
from tts.usage.recording import Use, usage_record

Status = SynthesisRequest.Status


def used(
    tenant: Tenant,
    at: datetime | str,
    *,
    characters: int = 0,
    audio_seconds: float = 0.0,
    outcome: Status = Status.SUCCEEDED,
    key: ApiKey | None = None,
    reference: str = "",
    **use: Any,
) -> SynthesisRequest:
    """A request that was accepted `at` and has ended; of itself nothing is on record, as after its retention."""
    accepted = datetime.fromisoformat(at) if isinstance(at, str) else at
    row = SynthesisRequest(
        id=uuid7(),
        tenant=tenant,
        api_key=key,
        api_key_name="" if key is None else key.name,
        reference=reference,
        created_at=accepted,
        started_at=accepted,
    )
    usage_record(row=row, use=Use(outcome, "", characters, audio_seconds, **use), now=accepted)
    return row
