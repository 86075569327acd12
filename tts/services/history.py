"""Audio of past requests, through Django storage."""

import logging
from dataclasses import dataclass

from django.core.files.base import ContentFile

from accounts.models import Tenant
from tts.audio.formats import FORMATS
from tts.models import SynthesisRequest
from tts.models.request import audio_storage

logger = logging.getLogger(__name__)


def audio_name(row: SynthesisRequest) -> str:
    """Where the audio of a claimed request goes: apart by tenant and day, one name per claim."""
    extension = FORMATS[row.audio_format].extension
    return f"{row.tenant_id}/{row.created_at:%Y/%m/%d}/{row.id}-{row.claim}.{extension}"


def audio_is_kept(*, row: SynthesisRequest) -> bool:
    """Whether the tenant of a request lets its audio be stored at all."""
    none = Tenant.objects.filter(pk=row.tenant_id, audio_retention_days=0)
    return not (row.zero_retention or none.exists())


def audio_store(*, row: SynthesisRequest, data: bytes) -> str:
    """Keep `data`; its name in storage, or empty when storage refuses: the caller still gets the audio."""
    try:
        return audio_storage().save(audio_name(row), ContentFile(data))
    except Exception as problem:  # noqa: BLE001 - a remote storage raises errors of its own library
        logger.error("audio of request %s not kept: %s", row.id, type(problem).__name__)
        return ""


def audio_discard(*, name: str) -> None:
    """Remove audio that no request points at."""
    if name:
        audio_storage().delete(name)


@dataclass(frozen=True, slots=True)
class StoredAudio:
    """Audio in storage: `size` in bytes. It is read in parts, since a long text makes tens of megabytes."""

    name: str
    size: int

    def read(self, first: int = 0, length: int | None = None) -> bytes:
        """`length` bytes from `first` on, all that follow without one. Raises `FileNotFoundError`."""
        with audio_storage().open(self.name) as file:
            file.seek(first)
            data: bytes = file.read() if length is None else file.read(length)
            return data


def audio_find(*, row: SynthesisRequest) -> StoredAudio | None:
    """The stored audio of a request, or None when there is none (any more)."""
    name = row.audio.name
    if not name:
        return None
    try:
        return StoredAudio(name, audio_storage().size(name))
    except FileNotFoundError:
        return None


def audio_read(*, row: SynthesisRequest) -> bytes | None:
    """All of the stored audio of a request, or None when there is none (any more)."""
    audio = audio_find(row=row)
    try:
        return None if audio is None else audio.read()
    except FileNotFoundError:
        return None
