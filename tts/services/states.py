"""Every change of a request's state, each one UPDATE that names the state it starts from.

Each function returns whether it was the one that made the change. Losing means that somebody else ended or took the
request first, which is no error: the loser leaves quietly and nothing is counted twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, TextField, Value, When

from accounts.models import Tenant
from accounts.services.quota import quota_settle
from tts.engines.chain import Attempt
from tts.models import EngineAttempt, RequestEvent, SynthesisRequest
from tts.services.cancellation import cancellation_announce
from tts.services.events import Level, event, events_write
from tts.services.queueing import turn_pass
from tts.usage.recording import Use, usage_record

Status = SynthesisRequest.Status

_KEEPS_NO_TEXT = Exists(Tenant.objects.filter(pk=OuterRef("tenant_id"), text_retention_days=0))
_KEPT_TEXT = Case(
    When(Q(zero_retention=True) | _KEEPS_NO_TEXT, then=Value("")), default=F("text"), output_field=TextField()
)
"""The text of a request that has ended."""

UNFINISHED = SynthesisRequest.UNFINISHED
UNREMARKABLE_OUTCOMES = ("succeeded", "no-voice")
"""Outcomes of an attempt that are no error: without a voice installed, every request passes the primary over."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a succeeded request ends with. `audio` is the name in storage, empty when storing failed.

    `encode_seconds` and `store_seconds` are how long those two took, one after the other, before the end.
    """

    engine: str
    voice: str
    fallback: str
    synthesis_seconds: float
    audio_seconds: float
    sample_rate: int
    audio: str
    audio_bytes: int
    encode_seconds: float = 0.0
    store_seconds: float = 0.0


def request_claim(*, request_id: UUID, worker: str, now: datetime) -> SynthesisRequest | None:
    """Take a queued request for `worker`; None when it is not there to be taken. `claim` of the row is its ticket."""
    # One transaction, so that the row read is the row claimed: nobody can return it and claim it in between.
    with transaction.atomic(savepoint=False):
        taken = SynthesisRequest.all_tenants.filter(pk=request_id, status=Status.QUEUED).update(
            status=Status.RUNNING, claim=F("claim") + 1, worker=worker, started_at=now
        )
        return SynthesisRequest.all_tenants.get(pk=request_id) if taken else None


def request_succeed(
    *, row: SynthesisRequest, outcome: Outcome, attempts: Sequence[Attempt], now: datetime
) -> bool:
    """End a claimed request well: state, attempts, timeline and what it used in one transaction."""
    with transaction.atomic():
        changed = _claimed(row).update(
            status=Status.SUCCEEDED,
            finished_at=now,
            engine_used=outcome.engine,
            voice_used=outcome.voice,
            fallback=outcome.fallback,
            synthesis_seconds=outcome.synthesis_seconds,
            audio_seconds=outcome.audio_seconds,
            audio_sample_rate=outcome.sample_rate,
            audio=outcome.audio,
            audio_bytes=outcome.audio_bytes,
            text=_KEPT_TEXT,
        )
        if not changed:
            return False
        _settle(row, charged=True, now=now)
        _pass_turn(row)
        _record_attempts(row, attempts)
        events_write(
            [*_timeline(row, attempts, _synthesized_at(outcome, now)), *_delivery(row, outcome, now)]
        )
        usage_record(row=row, use=_use_of(row, outcome), now=now)
    return True


def request_fail(
    *, row: SynthesisRequest, code: str, detail: str, attempts: Sequence[Attempt] = (), now: datetime
) -> bool:
    """End a claimed request badly. `detail` is for people and holds no user text."""
    with transaction.atomic():
        changed = _claimed(row).update(
            status=Status.FAILED, finished_at=now, error_code=code, error_detail=detail[:500], text=_KEPT_TEXT
        )
        if changed:
            _settle(row, charged=False, now=now)
            _pass_turn(row)
            _record_attempts(row, attempts)
            events_write(
                [*_timeline(row, attempts, now), event(row, "failed", now, level=Level.ERROR, code=code)]
            )
            usage_record(row=row, use=Use(Status.FAILED, error_code=code), now=now)
    return bool(changed)


def request_expire(*, request_id: UUID, now: datetime) -> bool:
    """End a request whose deadline has passed, wherever it stands."""
    return _end_unfinished(request_id, Status.EXPIRED, "deadline_exceeded", Level.ERROR, now)


def request_cancel(*, request_id: UUID, now: datetime) -> bool:
    """End a request nobody wants any more. A worker at it finds its claim void and throws its audio away."""
    changed = _end_unfinished(request_id, Status.CANCELED, "canceled", Level.ACCESS, now)
    if changed:
        cancellation_announce(request_id=request_id)
    return changed


def request_give_up(*, request_id: UUID, claim: int, code: str, detail: str, now: datetime) -> bool:
    """Fail a running request from outside, because its workers keep dying on it."""
    with transaction.atomic():
        running = SynthesisRequest.all_tenants.filter(pk=request_id, status=Status.RUNNING, claim=claim)
        changed = running.update(
            status=Status.FAILED,
            finished_at=now,
            error_code=code,
            error_detail=detail[:500],
            text=_KEPT_TEXT,
        )
        if changed:
            row = _ended(request_id)
            _settle(row, charged=False, now=now)
            _pass_turn(row)
            events_write([_received(row), event(row, "failed", now, level=Level.ERROR, code=code)])
            usage_record(row=row, use=Use(Status.FAILED, error_code=code), now=now)
    return bool(changed)


def request_return(*, request_id: UUID, claim: int, worker: str, now: datetime) -> bool:
    """Put a running request whose worker is gone back to `queued`; the dead claim can no longer end it."""
    with transaction.atomic():
        changed = SynthesisRequest.all_tenants.filter(
            pk=request_id, status=Status.RUNNING, claim=claim
        ).update(status=Status.QUEUED, worker="")
        if changed:
            row = SynthesisRequest.all_tenants.only("id", "tenant_id").get(pk=request_id)
            events_write([event(row, "worker-lost", now, level=Level.ERROR, worker=worker, claim=claim)])
    return bool(changed)


def _claimed(row: SynthesisRequest) -> QuerySet[SynthesisRequest]:
    return SynthesisRequest.all_tenants.filter(pk=row.pk, status=Status.RUNNING, claim=row.claim)


def _end_unfinished(
    request_id: UUID, status: SynthesisRequest.Status, code: str, level: RequestEvent.Level, now: datetime
) -> bool:
    with transaction.atomic():
        changed = SynthesisRequest.all_tenants.filter(pk=request_id, status__in=UNFINISHED).update(
            status=status, finished_at=now, error_code=code, text=_KEPT_TEXT
        )
        if changed:
            row = _ended(request_id)
            _settle(row, charged=False, now=now)
            _pass_turn(row)
            events_write([_received(row), event(row, status.value, now, level=level, code=code)])
            usage_record(row=row, use=Use(status, error_code=code), now=now)
    return bool(changed)


def _ended(request_id: UUID) -> SynthesisRequest:
    """What ending a request from outside needs of it; the update before has locked the row."""
    fields = (
        "id",
        "tenant_id",
        "period_id",
        "key_period_id",
        "characters",
        "created_at",
        "started_at",
        "limits_seconds",
        "audio_format",
        "worker",
        "api_key_id",
        "api_key_name",
        "reference",
        "origin",
    )
    return SynthesisRequest.all_tenants.only(*fields).get(pk=request_id)


def _settle(row: SynthesisRequest, *, charged: bool, now: datetime) -> None:
    """Use up what was reserved at admission, or give it back."""
    periods = [period for period in (row.period_id, row.key_period_id) if period is not None]
    quota_settle(period_ids=periods, characters=row.characters, charged=charged, now=now)


def _pass_turn(row: SynthesisRequest) -> None:
    """Once this is committed, let the next of the tenant's begin. A row that was at work has a worker."""
    if row.worker:
        turn = partial(turn_pass, tenant_id=row.tenant_id, request_id=row.id)
        # The end stands whatever becomes of the doorbell: the sweeper rings as well.
        transaction.on_commit(turn, robust=True)


def _received(row: SynthesisRequest) -> RequestEvent:
    """The first line of a timeline. Written with the last ones: admission, where callers wait, saves a statement."""
    limits = None if row.limits_seconds is None else round(row.limits_seconds, 4)
    return event(
        row,
        "received",
        row.created_at,
        characters=row.characters,
        format=row.audio_format,
        limits_seconds=limits,
    )


def _synthesized_at(outcome: Outcome, now: datetime) -> datetime:
    return now - timedelta(seconds=outcome.encode_seconds + outcome.store_seconds)


def _delivery(row: SynthesisRequest, outcome: Outcome, now: datetime) -> list[RequestEvent]:
    """The lines of what comes after synthesis."""
    encoded_at = now - timedelta(seconds=outcome.store_seconds)
    kept = "stored" if outcome.audio else "not-stored"
    return [
        event(row, "encoded", encoded_at, format=row.audio_format, seconds=round(outcome.encode_seconds, 4)),
        event(row, kept, now, bytes=outcome.audio_bytes, seconds=round(outcome.store_seconds, 4)),
        event(row, "succeeded", now, engine=outcome.engine, fallback=outcome.fallback),
    ]


def _use_of(row: SynthesisRequest, outcome: Outcome) -> Use:
    return Use(
        Status.SUCCEEDED,
        characters=row.characters,
        audio_seconds=outcome.audio_seconds,
        synthesis_seconds=outcome.synthesis_seconds,
        engine=outcome.engine,
        voice=outcome.voice,
        fallback=outcome.fallback,
    )


def _record_attempts(row: SynthesisRequest, attempts: Sequence[Attempt]) -> None:
    EngineAttempt.objects.bulk_create(
        EngineAttempt(
            request=row,
            claim=row.claim,
            position=position,
            engine=attempt.engine,
            voice=attempt.voice,
            outcome=attempt.outcome,
            seconds=attempt.seconds,
            message=attempt.message[:500],
            stack=attempt.stack,
        )
        for position, attempt in enumerate(attempts, start=1)
    )


def _timeline(row: SynthesisRequest, attempts: Sequence[Attempt], spoken_at: datetime) -> list[RequestEvent]:
    """The lines a worker knows of, written together when the request ends: one statement instead of one each.

    Engines are asked one after the other, the last one up to `spoken_at`.
    """
    lines = [
        _received(row),
        event(row, "claimed", row.started_at or spoken_at, worker=row.worker, claim=row.claim),
    ]
    after = [sum(later.seconds for later in attempts[place + 1 :]) for place in range(len(attempts))]
    lines += [
        event(
            row,
            "attempt",
            spoken_at - timedelta(seconds=rest),
            level=Level.ACCESS if attempt.outcome in UNREMARKABLE_OUTCOMES else Level.ERROR,
            engine=attempt.engine,
            outcome=attempt.outcome,
            seconds=round(attempt.seconds, 4),
        )
        for attempt, rest in zip(attempts, after, strict=True)
    ]
    return lines
