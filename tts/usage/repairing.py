"""Quarters made to agree with the events they are sums of."""

from django.db import connection, transaction

from tts.services.locks import Lock, lock_held
from tts.usage.checking import DIFFERENCES, FOR_SUMS, UsageCheckRunning, slices

# What is missing is added, not written over what is there: requests that end meanwhile add theirs to the same rows.
_REPAIR = f"""
WITH different (tenant_id, api_key_id, starts_at, outcome, engine, voice, fallback, requests, kept_requests, characters,
        kept_characters, audio_seconds, kept_audio_seconds) AS MATERIALIZED ({DIFFERENCES})
INSERT INTO tts_usagebucket AS bucket (tenant_id, api_key_id, starts_at, outcome, engine, voice, fallback, requests,
    characters, audio_seconds)
SELECT tenant_id, api_key_id, starts_at, outcome, engine, voice, fallback, requests - kept_requests,
    characters - kept_characters, audio_seconds - kept_audio_seconds
FROM different
ON CONFLICT (tenant_id, starts_at, api_key_id, outcome, engine, voice, fallback) DO UPDATE SET
    requests = bucket.requests + excluded.requests,
    characters = bucket.characters + excluded.characters,
    audio_seconds = bucket.audio_seconds + excluded.audio_seconds
"""  # noqa: S608 - statements of our own
_EMPTY = """
DELETE FROM tts_usagebucket
WHERE starts_at >= %(starts_at)s AND starts_at < %(ends_at)s
    AND requests = 0 AND characters = 0 AND audio_seconds = 0
"""


def usage_repair() -> int:
    """Make every quarter the sum of its events, a week in each transaction; returns how many were not.

    Periods stay as they are, since requests were refused by them. Raises `UsageCheckRunning`.
    """
    repaired = 0
    with lock_held(Lock.USAGE) as held:
        if not held:
            raise UsageCheckRunning("another check of usage is at work")
        with connection.cursor() as cursor:
            weeks = list(slices(cursor))
        for starts_at, ends_at in weeks:
            week = {"starts_at": starts_at, "ends_at": ends_at}
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(FOR_SUMS)
                cursor.execute(_REPAIR, week)
                repaired += cursor.rowcount
                cursor.execute(_EMPTY, week)
    return repaired
