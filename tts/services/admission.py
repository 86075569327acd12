"""Accepting a request: in one transaction its limits are checked, its characters reserved, and it is on record."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction

from accounts.limits.names import Limit
from accounts.selectors import Caller
from accounts.services.quota import Reservation, quota_reserve
from accounts.services.shadow import shadow_count
from tts.models import SynthesisRequest
from tts.services.idempotency import fingerprint_of, idempotency_claim
from tts.services.in_flight import InFlight, in_flight_check, in_flight_count
from tts.services.lexicons import lexicon_version
from tts.services.parameters import SpeechParameters
from tts.services.queueing import request_enqueue


class QueueUnavailable(Exception):
    """The request is on record but could not be queued."""

    def __init__(self, row: SynthesisRequest) -> None:
        super().__init__("queue unavailable")
        self.row = row


@dataclass(frozen=True, slots=True)
class Admission:
    """A request that was accepted, and how many of its tenant are in flight with it."""

    row: SynthesisRequest
    in_flight: InFlight


def request_admit(
    *,
    caller: Caller,
    parameters: SpeechParameters,
    request_id: str,
    address: str | None,
    now: datetime,
    idempotency_key: str = "",
    would_refuse: Collection[Limit] = (),
    limits_seconds: float | None = None,
) -> Admission:
    """Record a valid request as `queued` and, once that is committed, queue its id.

    Raises `QuotaExhausted`, `ConcurrencyLimited`, `IdempotencyMismatch`, `IdempotencyInFlight` and `AlreadyAnswered`
    with nothing recorded or reserved. Raises `QueueUnavailable` when Redis is away. The row stays then: who waits for
    it ends it, else the sweeper queues it when Redis is back. `would_refuse` names observed limits that the rates are
    over; those that admission itself finds are counted with them. `limits_seconds` is how long the call took before.
    """
    row = request_new(caller=caller, parameters=parameters, request_id=request_id, address=address, now=now)
    row.limits_seconds = limits_seconds
    with transaction.atomic():
        if idempotency_key:
            # First, because who repeats a request shall get its answer even when nothing is left.
            idempotency_claim(
                tenant=caller.tenant,
                key=idempotency_key,
                fingerprint=fingerprint_of(parameters, allowed_voices=caller.allowed_voices),
                request_id=row.id,
                now=now,
            )
        found = request_record(row=row, caller=caller, would_refuse=would_refuse)
    if not request_enqueue(request_id=row.id):
        raise QueueUnavailable(row)
    return Admission(row, found)


def request_new(
    *,
    caller: Caller,
    parameters: SpeechParameters,
    request_id: str,
    address: str | None,
    now: datetime,
) -> SynthesisRequest:
    """The row of a request accepted at `now`, not on record yet."""
    allowed = caller.allowed_voices
    return SynthesisRequest(
        tenant=caller.tenant,
        api_key=caller.key,
        api_key_name="" if caller.key is None else caller.key.name,
        request_id=request_id,
        client_address=address,
        reference=parameters.reference,
        text=parameters.text,
        is_ssml=parameters.is_ssml,
        characters=parameters.characters,
        language=parameters.language,
        normalize=parameters.normalize,
        allowed_voices=None if allowed is None else sorted(allowed),
        overload_policy=caller.tenant.overload_policy,
        zero_retention=caller.tenant.zero_retention,
        speaker_id=parameters.speaker_id,
        voice=parameters.voice,
        speed=parameters.speed,
        audio_format=parameters.audio_format,
        sample_rate=parameters.sample_rate,
        engine=parameters.engine,
        created_at=now,
        deadline_at=now + timedelta(seconds=parameters.timeout_seconds),
    )


def request_record(
    *, row: SynthesisRequest, caller: Caller, would_refuse: Collection[Limit] = ()
) -> InFlight:
    """Put a request of `request_new` on record, its limits kept; returns how many are in flight with it.

    Call it inside a transaction, and queue the id once that is committed. Raises `QuotaExhausted` and
    `ConcurrencyLimited`.
    """
    reservation = quota_reserve(
        tenant=caller.tenant,
        key=caller.key,
        characters=row.characters,
        limit=caller.limits.of(Limit.CHARACTERS_PER_MONTH),
        key_limit=caller.key_limit(Limit.CHARACTERS_PER_MONTH),
        now=row.created_at,
    )
    # After the reservation, which has locked the tenant: nobody else of it is between counting and recording.
    found = in_flight_count(caller=caller)
    observed = {*would_refuse, *in_flight_check(caller=caller, found=found)}
    observed |= _over_observed(caller, row, reservation)
    row.period_id, row.key_period_id = reservation.period_id, reservation.key_period_id
    row.lexicon_version = found.lexicon_version
    row.save(force_insert=True)
    shadow_count(tenant=caller.tenant, limits=observed, characters=row.characters, now=row.created_at)
    return replace(found, tenant=found.tenant + 1, key=found.key + 1)


def request_record_free(*, row: SynthesisRequest, caller: Caller) -> None:
    """Like `request_record` for what an operator asks for: no limit holds, nobody is charged."""
    row.lexicon_version = lexicon_version(tenant=caller.tenant)
    row.save(force_insert=True)


def _over_observed(caller: Caller, row: SynthesisRequest, reservation: Reservation) -> set[Limit]:
    """Observed limits on characters and time that this request goes over."""
    month = caller.limits.watched(Limit.CHARACTERS_PER_MONTH)
    longest = caller.limits.watched(Limit.MAX_CHARACTERS_SYNC)
    timeout = caller.limits.watched(Limit.MAX_TIMEOUT_SECONDS)
    over = set()
    if timeout is not None and (row.deadline_at - row.created_at).total_seconds() > timeout:
        over.add(Limit.MAX_TIMEOUT_SECONDS)
    if month is not None and reservation.taken > month:
        over.add(Limit.CHARACTERS_PER_MONTH)
    if longest is not None and row.characters > longest:
        over.add(Limit.MAX_CHARACTERS_SYNC)
    return over
