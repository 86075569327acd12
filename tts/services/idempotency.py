"""`Idempotency-Key`: the same key and body get the same answer, and the work is done and charged once."""

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.utils.crypto import salted_hmac

from accounts.models import Tenant
from tts.models import IdempotencyKey, SynthesisRequest
from tts.services.parameters import SpeechParameters

LIFETIME = timedelta(hours=24)
MAX_LENGTH = 128


class IdempotencyMismatch(Exception):
    """The key was used with another body."""

    code = "idempotency_mismatch"


class IdempotencyInFlight(Exception):
    """The request that the key was first used with has not ended yet."""

    code = "idempotency_in_flight"


class AlreadyAnswered(Exception):
    """The key was used with this very body, and `row` holds the answer."""

    def __init__(self, row: SynthesisRequest) -> None:
        super().__init__("already answered")
        self.row = row


# A key is free again when its day is over, and when its client hung up: a canceled request has no answer to repeat.
_CLAIM = """
INSERT INTO tts_idempotencykey (tenant_id, key, fingerprint, request_id, created_at, expires_at)
VALUES (%(tenant)s, %(key)s, %(fingerprint)s, %(request)s, %(now)s, %(expires)s)
ON CONFLICT (tenant_id, key) DO UPDATE
SET fingerprint = excluded.fingerprint, request_id = excluded.request_id,
    created_at = excluded.created_at, expires_at = excluded.expires_at
WHERE tts_idempotencykey.expires_at <= excluded.created_at OR EXISTS (
    SELECT FROM tts_synthesisrequest
    WHERE tts_synthesisrequest.id = tts_idempotencykey.request_id AND status = 'canceled'
)
RETURNING id
"""


def idempotency_claim(*, tenant: Tenant, key: str, fingerprint: str, request_id: UUID, now: datetime) -> None:
    """Let `key` stand for the request `request_id`, which the same transaction records afterwards; `fingerprint` tells
    whether a body is the same.

    Two calls with one key at once come here one after the other. Raises `IdempotencyMismatch`, `IdempotencyInFlight`
    or `AlreadyAnswered` where the key stands for a request already.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {
                "tenant": tenant.pk,
                "key": key,
                "fingerprint": fingerprint,
                "request": request_id,
                "now": now,
                "expires": now + LIFETIME,
            },
        )
        if cursor.fetchone() is not None:
            return
    used = IdempotencyKey.objects.of(tenant).select_related("request").get(key=key)
    if used.fingerprint != fingerprint:
        raise IdempotencyMismatch
    if not used.request.is_final:
        raise IdempotencyInFlight
    raise AlreadyAnswered(used.request)


def idempotency_prune(*, now: datetime) -> int:
    """Forget keys whose day is over; returns how many."""
    deleted, _ = IdempotencyKey.all_tenants.filter(expires_at__lte=now).delete()
    return deleted


def fingerprint_of(parameters: SpeechParameters, *, allowed_voices: frozenset[str] | None) -> str:
    """Tells two bodies apart without keeping either: an HMAC, since short texts could be guessed from a plain hash.

    An API key that may use other voices asks for something else, even with the same body.
    """
    voices = None if allowed_voices is None else sorted(allowed_voices)
    canonical = json.dumps([asdict(parameters), voices], sort_keys=True, ensure_ascii=True)
    return salted_hmac("voxgate.idempotency", canonical, algorithm="sha256").hexdigest()
