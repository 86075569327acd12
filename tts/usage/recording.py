"""What a request used, entered in the transaction that ends it: the event, and the sums that reports read.

The sums are kept here, not computed later from the events that came since: events commit in another order than they
are numbered, and whatever asks for "those after the last one seen" loses some.
"""

import json
import os
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.db.backends.utils import CursorWrapper

from accounts.identifiers import uuid7
from tts.models import SynthesisRequest
from tts.usage.histogram import BINS, bin_of

SHARDS = 16
UNREMARKABLE_FALLBACKS = ("", "none", "requested", "no-voice")
"""Reasons for the fallback engine that tell nothing about how the platform does."""

_EVENT = """
WITH event AS (
    INSERT INTO tts_usageevent (id, request_id, tenant_id, api_key_id, api_key_name, at, outcome, error_code,
        characters, audio_seconds, engine, voice, fallback, reference)
    VALUES (%(id)s, %(request)s, %(tenant)s, %(key)s, %(key_name)s, %(at)s, %(outcome)s, %(error)s,
        %(characters)s, %(audio)s, %(engine)s, %(voice)s, %(fallback)s, %(reference)s)
)
INSERT INTO tts_usagebucket AS bucket (tenant_id, api_key_id, starts_at, outcome, engine, voice, fallback,
    requests, characters, audio_seconds)
VALUES (%(tenant)s, %(key)s, date_bin('15 minutes', %(at)s, '2000-01-01T00:00Z'), %(outcome)s, %(engine)s, %(voice)s,
    %(fallback)s, 1, %(characters)s, %(audio)s)
ON CONFLICT (tenant_id, starts_at, api_key_id, outcome, engine, voice, fallback) DO UPDATE SET
    requests = bucket.requests + 1,
    characters = bucket.characters + excluded.characters,
    audio_seconds = bucket.audio_seconds + excluded.audio_seconds
"""

_SERVICE = """
INSERT INTO tts_servicebucket AS bucket (starts_at, seconds, shard, succeeded, failed, canceled, expired, fallbacks,
    characters, audio_seconds, synthesis_seconds, errors, wait_histogram, synthesis_histogram, total_histogram)
VALUES (date_bin('5 minutes', %(now)s, '2000-01-01T00:00Z'), 300, %(shard)s, %(succeeded)s, %(failed)s, %(canceled)s,
    %(expired)s, %(fallbacks)s, %(characters)s, %(audio)s, %(synthesis)s, %(errors)s::jsonb, %(waits)s, %(syntheses)s,
    %(totals)s)
ON CONFLICT (starts_at, seconds, shard) DO UPDATE SET
    succeeded = bucket.succeeded + excluded.succeeded,
    failed = bucket.failed + excluded.failed,
    canceled = bucket.canceled + excluded.canceled,
    expired = bucket.expired + excluded.expired,
    fallbacks = bucket.fallbacks + excluded.fallbacks,
    characters = bucket.characters + excluded.characters,
    audio_seconds = bucket.audio_seconds + excluded.audio_seconds,
    synthesis_seconds = bucket.synthesis_seconds + excluded.synthesis_seconds,
    errors = CASE WHEN %(error)s::text = '' THEN bucket.errors ELSE bucket.errors || jsonb_build_object(
        %(error)s::text, COALESCE((bucket.errors ->> %(error)s::text)::int, 0) + 1) END{histograms}
"""


@dataclass(frozen=True, slots=True)
class Use:
    """How a request ended: `characters` are those charged; engine, voice and seconds are of what was spoken, if so."""

    outcome: SynthesisRequest.Status
    error_code: str = ""
    characters: int = 0
    audio_seconds: float = 0.0
    synthesis_seconds: float | None = None
    engine: str = ""
    voice: str = ""
    fallback: str = ""


def usage_record(*, row: SynthesisRequest, use: Use, now: datetime) -> None:
    """Enter a request that has just ended; call it in the transaction that ends it, once, after all other locks.

    `row` needs tenant, key and its name, reference, origin, `created_at` and `started_at`. What operators asked for
    counts in the platform's own figures only.
    """
    with connection.cursor() as cursor:
        if row.origin == SynthesisRequest.Origin.API or row.period_id is not None:
            _record_event(cursor, row, use)
        _record_service(cursor, row, use, now)


def _record_event(cursor: CursorWrapper, row: SynthesisRequest, use: Use) -> None:
    cursor.execute(
        _EVENT,
        {
            "id": uuid7(),
            "request": row.id,
            "tenant": row.tenant_id,
            "key": row.api_key_id,
            "key_name": row.api_key_name,
            "at": row.created_at,
            "outcome": use.outcome.value,
            "error": use.error_code,
            "characters": use.characters,
            "audio": Decimal(f"{use.audio_seconds:.3f}"),
            "engine": use.engine,
            "voice": use.voice,
            "fallback": use.fallback,
            "reference": row.reference,
        },
    )


def _record_service(cursor: CursorWrapper, row: SynthesisRequest, use: Use, now: datetime) -> None:
    Status = SynthesisRequest.Status
    durations = {
        "wait_histogram": row.queue_seconds,
        "synthesis_histogram": use.synthesis_seconds,
        "total_histogram": (now - row.created_at).total_seconds()
        if use.outcome is Status.SUCCEEDED
        else None,
    }
    bins = {name: bin_of(value) for name, value in durations.items() if value is not None}
    counted = "".join(
        f",\n    {name}[{place + 1}] = bucket.{name}[{place + 1}] + 1" for name, place in bins.items()
    )
    waits, syntheses, totals = (_single(bins.get(name)) for name in durations)
    cursor.execute(
        # The places are whole numbers of this module's own, and a subscript takes no parameter.
        _SERVICE.format(histograms=counted),
        {
            "now": now,
            "shard": os.getpid() % SHARDS,
            **{
                status.value: int(use.outcome is status)
                for status in Status
                if status not in SynthesisRequest.UNFINISHED
            },
            "fallbacks": int(use.fallback not in UNREMARKABLE_FALLBACKS),
            "characters": use.characters,
            "audio": use.audio_seconds,
            "synthesis": use.synthesis_seconds or 0.0,
            "error": use.error_code,
            "errors": json.dumps({use.error_code: 1} if use.error_code else {}),
            "waits": waits,
            "syntheses": syntheses,
            "totals": totals,
        },
    )


def _single(place: int | None) -> list[int]:
    counts = [0] * BINS
    if place is not None:
        counts[place] = 1
    return counts
