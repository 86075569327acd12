"""Voices on record: what workers found, what operators allow."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import DataError, IntegrityError, transaction

from tts.models import Voice
from tts.voices.store.catalogue import CatalogueVoice, load_catalogue
from tts.voices.voice import VoiceInfo, VoiceState

logger = logging.getLogger(__name__)

_REFUSALS = (DataError, IntegrityError, ValueError)
"""What one voice's values can cause; ValueError where psycopg cannot encode them."""

_FOUND_FIELDS = (
    "name",
    "engine",
    "languages",
    "gender",
    "sample_rate",
    "licence",
    "speaker_id",
    "state",
    "problem",
    "updated_at",
)


def voices_sync(*, engine: str, found: Sequence[VoiceInfo]) -> None:
    """Bring the rows of one engine in line with what it found; rows without files become `missing`.

    Idempotent, and safe from several workers at once. `enabled` is left alone. A voice that the database refuses is
    logged, and the others are recorded. Raises what Django does where the database is away.
    """
    rows = [
        Voice(
            id=voice.id,
            name=voice.name,
            engine=voice.engine,
            languages=list(voice.languages),
            gender=voice.gender,
            sample_rate=voice.sample_rate,
            licence=voice.licence,
            speaker_id=voice.speaker_id,
            # Whether it is switched off is the row's own affair; the state tells of the files.
            state=VoiceState.READY if voice.state is VoiceState.DISABLED else voice.state,
            problem=voice.problem[:500],
        )
        # In the order of ids, so that two workers never wait for each other's row locks.
        for voice in sorted(found, key=lambda voice: voice.id)
    ]
    try:
        _upsert(rows)
    except _REFUSALS:
        _upsert_each(rows)
    Voice.objects.filter(engine=engine).exclude(id__in=[row.id for row in rows]).update(
        state=VoiceState.MISSING, problem="its files are gone from the voices directory"
    )


def voice_switch(*, voice: Voice, enabled: bool) -> None:
    """Let a voice speak, or not; workers follow within two seconds."""
    Voice.objects.filter(pk=voice.pk).update(enabled=enabled)


def voices_disabled() -> frozenset[str]:
    """Ids of the voices that are switched off."""
    return frozenset(Voice.objects.filter(enabled=False).values_list("id", flat=True))


@dataclass(frozen=True, slots=True)
class OfferedVoice:
    """A voice of the catalogue. `is_installed` when workers found files of it, whatever their state."""

    voice: CatalogueVoice
    is_installed: bool


def voices_offered() -> list[OfferedVoice]:
    """The catalogue, beside what workers found. Raises `CatalogueBroken`."""
    catalogue = load_catalogue(settings.VOICES_CATALOGUE)
    found = Voice.objects.exclude(state=VoiceState.MISSING).values_list("id", flat=True)
    # A model with several speakers is a voice for each: `name:speaker`.
    names = {voice_id.partition(":")[0] for voice_id in found}
    return [OfferedVoice(voice, voice.name in names) for voice in catalogue]


def _upsert(rows: Sequence[Voice]) -> None:
    with transaction.atomic():
        Voice.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["id"], update_fields=_FOUND_FIELDS
        )


def _upsert_each(rows: Sequence[Voice]) -> None:
    for row in rows:
        try:
            _upsert([row])
        except _REFUSALS as problem:
            logger.error("voice %r is not recorded: %s", row.id, type(problem).__name__)
