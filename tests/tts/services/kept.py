"""Requests on record for retention and its like: how old they are and what is kept of them is said."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage
from django.utils import timezone

from accounts.models import Tenant
from tests.tts.admin.history import AUDIO, succeeded
from tts.models import SynthesisRequest, UsageBucket, UsageEvent

TEXT = "要忘记的话"


def kept(tenant: Tenant, *, days: float, now: datetime | None = None, **fields: Any) -> SynthesisRequest:
    """A succeeded request with text and audio, received `days` ago."""
    at = (now or timezone.now()) - timedelta(days=days)
    return succeeded(tenant, at=at, **({"text": TEXT} | fields))


def files(folder: Path) -> set[str]:
    """Names of the audio files there are."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def content(row: SynthesisRequest) -> tuple[bool, bool] | None:
    """Whether the record has text, and audio; None for a request that is gone."""
    found = SynthesisRequest.all_tenants.filter(pk=row.pk).values_list("text", "audio").first()
    return None if found is None else (bool(found[0]), bool(found[1]))


def used(tenant: Tenant) -> tuple[int, int, int]:
    """Usage events, requests and characters in the buckets."""
    buckets = list(UsageBucket.objects.of(tenant))
    return (
        UsageEvent.objects.of(tenant).count(),
        sum(bucket.requests for bucket in buckets),
        sum(bucket.characters for bucket in buckets),
    )


class Stubborn(FileSystemStorage):
    """Deletes nothing, and says so in an error of its own."""

    def delete(self, name: str) -> None:
        raise RuntimeError(f"https://storage.example/{name}?signature=secret")


AUDIO_BYTES = len(AUDIO)
