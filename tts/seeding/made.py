"""One made-up request, and the rows that a real one of its kind would have left."""

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
    *("worker", "created_at", "limits_seconds", "deadline_at", "started_at", "finished_at", "engine_used"),
    *("voice_used", "fallback", "synthesis_seconds", "audio_seconds", "audio_sample_rate", "audio_bytes"),
    *("error_code", "error_detail"),
)
ATTEMPT = ("request", "claim", "position", "engine", "voice", "outcome", "seconds", "message", "stack")
USAGE = (
    *("id", "request", "tenant", "api_key", "api_key_name", "at", "outcome", "error_code", "characters"),
    *("audio_seconds", "engine", "voice", "fallback", "reference"),
)
"""The columns of the rows below, in their order."""

TIMEOUT = timedelta(seconds=15)
SAMPLE_RATE = 22_050
BYTES_PER_SECOND = {"mp3": 4_000, "ogg": 3_000, "wav": 2 * SAMPLE_RATE}
"""What a second of audio takes in each format that made-up clients ask for."""

STACK = """\
  File "tts/engines/chain.py", line 1, in run
  File "tts/engines/onnx/engine.py", line 1, in speak
EngineError: the session returned no samples (made up)
"""
MESSAGES = {
    "timeout": ("no audio in time", ""),
    "error": ("the session returned no samples", STACK),
    "bad-output": ("silence", ""),
    "overload": ("every worker is busy", ""),
    "circuit-open": ("failed five times in a row", ""),
}
"""What engines tell of an attempt that did not go well: message and stack."""


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
    encode_seconds: float
    store_seconds: float

    @property
    def seconds(self) -> float:
        """Seconds that all tries took."""
        return round(sum(attempt.seconds for attempt in self.tries), 4)


@dataclass(frozen=True, slots=True)
class Lost:
    """A claim whose worker went away at `at`, and what it had tried by then."""

    at: datetime
    worker: str
    tries: tuple[Try, ...]


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
    audio_format: str
    worker: str
    reference: str
    error_code: str
    error_detail: str
    created_at: datetime
    limits_seconds: float
    lost: tuple[Lost, ...]
    started_at: datetime | None
    finished_at: datetime | None
    speech: Speech | None

    @property
    def claims(self) -> int:
        return len(self.lost) + (self.started_at is not None)

    @property
    def spoken(self) -> Speech | None:
        """What a client got."""
        return self.speech if self.status is Status.SUCCEEDED else None

    @property
    def waited_seconds(self) -> float | None:
        return None if self.started_at is None else (self.started_at - self.created_at).total_seconds()

    def request_row(self) -> Row:
        return (
            *(self.id, self.tenant.pk, self.key.pk, self.key.name, self.request_id, self.address),
            *(self.reference, self.month.row.pk, self.key_month.row.pk, self.tenant.zero_retention),
            *(self.text if self.text_is_kept else "", len(self.text), self.speaker_id, self.audio_format),
            *(self.status.value, self.claims, self.worker if self.started_at else ""),
            *(self.created_at, self.limits_seconds, self.created_at + TIMEOUT),
            *(self.started_at, self.finished_at),
            *(
                _spoken(self.spoken, self.audio_format)
                if self.spoken
                else ("", "", "", None, None, None, None)
            ),
            *(self.error_code, self.error_detail),
        )

    def attempt_rows(self) -> list[Row]:
        tried = [lost.tries for lost in self.lost]
        if self.speech is not None:
            tried.append(self.speech.tries)
        return [
            (
                *(self.id, claim, place, done.engine, done.voice, done.outcome, done.seconds),
                *MESSAGES.get(done.outcome, ("", "")),
            )
            for claim, tries in enumerate(tried, start=1)
            for place, done in enumerate(tries, start=1)
        ]

    def usage_row(self) -> Row | None:
        if self.finished_at is None:
            return None
        spoken = self.spoken
        spoke = spoken.tries[-1] if spoken else None
        return (
            *(self.usage_id, self.id, self.tenant.pk, self.key.pk, self.key.name, self.created_at),
            *(self.status.value, self.error_code, len(self.text) if spoken else 0),
            spoken.audio_seconds if spoken else 0,
            *((spoke.engine, spoke.voice) if spoke else ("", "")),
            *(spoken.fallback if spoken else "", self.reference),
        )


def _spoken(speech: Speech, audio_format: str) -> Row:
    spoke = speech.tries[-1]
    return (
        *(spoke.engine, spoke.voice, speech.fallback, speech.seconds, speech.audio_seconds, SAMPLE_RATE),
        int(speech.audio_seconds * BYTES_PER_SECOND[audio_format]),
    )
