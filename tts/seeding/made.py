"""One made-up request, and the rows that a real one of its kind would have left."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.models import ApiKey, Tenant
from tts.models import SynthesisRequest
from tts.seeding.books import Month

Status = SynthesisRequest.Status
Row = tuple[Any, ...]

REQUEST = (
    *("id", "tenant", "api_key", "api_key_name", "request_id", "client_address", "reference", "period"),
    *("key_period", "zero_retention", "text", "characters", "speaker_id", "audio_format", "status", "claim"),
    *("worker", "created_at", "deadline_at", "started_at", "finished_at", "engine_used", "voice_used"),
    *("fallback", "synthesis_seconds", "audio_seconds", "audio_sample_rate", "audio_bytes", "error_code"),
    "error_detail",
)
ATTEMPT = ("request", "claim", "position", "engine", "voice", "outcome", "seconds", "message")
EVENT = ("request", "at", "level", "name", "data")
USAGE = (
    *("id", "request", "tenant", "api_key", "at", "characters", "audio_seconds", "engine", "voice"),
    *("fallback", "reference"),
)
"""The columns of the rows below, in their order."""

ERRORS = {
    Status.FAILED: ("synthesis_failed", "every engine failed"),
    Status.CANCELED: ("canceled", ""),
    Status.EXPIRED: ("deadline_exceeded", ""),
}
TIMEOUT = timedelta(seconds=15)
SAMPLE_RATE = 22_050
MP3_BYTES_PER_SECOND = 4_000


@dataclass(frozen=True, slots=True)
class Try:
    """One engine that was asked."""

    engine: str
    voice: str
    outcome: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Speech:
    """What a worker made of a text; of the tries, the last one spoke unless its outcome says otherwise."""

    tries: tuple[Try, ...]
    fallback: str
    audio_seconds: float

    @property
    def seconds(self) -> float:
        """Seconds that all tries took."""
        return round(sum(attempt.seconds for attempt in self.tries), 4)


@dataclass(frozen=True, slots=True)
class Made:
    """A made-up request. `started_at` and `finished_at` are None where it has not come so far."""

    id: str
    usage_id: str
    request_id: str
    address: str
    tenant: Tenant
    key: ApiKey
    month: Month
    key_month: Month
    status: SynthesisRequest.Status
    text: str
    text_is_kept: bool
    speaker_id: int
    worker: str
    reference: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    speech: Speech | None

    def request_row(self) -> Row:
        code, detail = ERRORS.get(self.status, ("", ""))
        spoken = self.speech if self.status is Status.SUCCEEDED else None
        return (
            *(self.id, self.tenant.pk, self.key.pk, self.key.name, self.request_id, self.address),
            *(self.reference, self.month.row.pk, self.key_month.row.pk, self.tenant.zero_retention),
            *(self.text if self.text_is_kept else "", len(self.text), self.speaker_id, "mp3"),
            *(self.status.value, int(self.started_at is not None), self.worker if self.started_at else ""),
            *(self.created_at, self.created_at + TIMEOUT, self.started_at, self.finished_at),
            *(_spoken(spoken) if spoken else ("", "", "", None, None, None, None)),
            *(code, detail),
        )

    def attempt_rows(self) -> list[Row]:
        if self.speech is None:
            return []
        return [
            (self.id, 1, place, done.engine, done.voice, done.outcome, done.seconds, "")
            for place, done in enumerate(self.speech.tries, start=1)
        ]

    def event_rows(self) -> list[Row]:
        """As `tts.services.states` writes them: nothing before a request ends."""
        if self.finished_at is None:
            return []
        rows = [self._event(self.created_at, "received", {"characters": len(self.text), "format": "mp3"})]
        if self.started_at is not None:
            rows.append(self._event(self.started_at, "claimed", {"worker": self.worker, "claim": 1}))
        for done in self.speech.tries if self.speech else ():
            told = {"engine": done.engine, "outcome": done.outcome, "seconds": done.seconds}
            level = "access" if done.outcome == "succeeded" else "error"
            rows.append(self._event(self.finished_at, "attempt", told, level))
        if self.status is Status.SUCCEEDED and self.speech is not None:
            told = {"engine": self.speech.tries[-1].engine, "fallback": self.speech.fallback}
            rows.append(self._event(self.finished_at, "succeeded", told))
        else:
            level = "access" if self.status is Status.CANCELED else "error"
            code, _detail = ERRORS[self.status]
            rows.append(self._event(self.finished_at, self.status.value, {"code": code}, level))
        return rows

    def usage_row(self) -> Row | None:
        if self.status is not Status.SUCCEEDED or self.speech is None:
            return None
        spoke = self.speech.tries[-1]
        return (
            *(self.usage_id, self.id, self.tenant.pk, self.key.pk, self.finished_at, len(self.text)),
            *(self.speech.audio_seconds, spoke.engine, spoke.voice, self.speech.fallback, self.reference),
        )

    def _event(self, at: datetime, name: str, data: dict[str, Any], level: str = "access") -> Row:
        return (self.id, at, level, name, json.dumps(data))


def _spoken(speech: Speech) -> Row:
    spoke = speech.tries[-1]
    return (
        *(spoke.engine, spoke.voice, speech.fallback, speech.seconds, speech.audio_seconds, SAMPLE_RATE),
        int(speech.audio_seconds * MP3_BYTES_PER_SECOND),
    )
