"""Asking for a past request once more: run again as it was, or on each engine to compare them."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings

from accounts.actors import Actor
from accounts.selectors import Caller
from accounts.services.audit import audit_write
from tts.engines.chain import Mode
from tts.models import SynthesisRequest
from tts.services.admission import QueueUnavailable, Repetition, request_admit, request_admit_free
from tts.services.parameters import SpeechParameters
from tts.services.states import request_cancel

Origin = SynthesisRequest.Origin

RERUN = "request.rerun"
COMPARED = "request.compare"
_AUDIBLE_EVERYWHERE = "wav"


class NotRepeatable(Exception):
    """A request that cannot be asked for again; `code` is `text_gone`, `not_ended` or `tenant_suspended`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Comparison:
    """One text on both engines: requests of their own, of which neither falls back."""

    primary: SynthesisRequest
    fallback: SynthesisRequest


def request_rerun(*, row: SynthesisRequest, actor: Actor, charged: bool, now: datetime) -> SynthesisRequest:
    """A new request with the parameters of `row`, its time-out included; pronunciations are those of today.

    With `charged`, its tenant's limits hold and its characters are counted; without, nobody's. `row` needs its tenant.
    Raises `NotRepeatable`, and with `charged` what `request_admit` does.
    """
    check_repeatable(row=row, charged=charged)
    return _ask(row, _parameters(row), Origin.RERUN, RERUN, actor, charged=charged, now=now)


def engines_compare(*, row: SynthesisRequest, actor: Actor, charged: bool, now: datetime) -> Comparison:
    """Speak the text of `row` with the primary and with the fallback engine, each alone; both or neither.

    Both get the server's time-out where that of `row` was shorter, and a format that browsers play. Otherwise like
    `request_rerun`.
    """
    check_repeatable(row=row, charged=charged)
    parameters = _parameters(row)
    parameters = replace(
        parameters,
        timeout_seconds=max(parameters.timeout_seconds, settings.TTS_TIMEOUT),
        audio_format=_AUDIBLE_EVERYWHERE if parameters.audio_format == "pcm" else parameters.audio_format,
    )
    primary = _ask(
        row,
        replace(parameters, engine=Mode.PRIMARY.value),
        Origin.COMPARISON,
        COMPARED,
        actor,
        charged=charged,
        now=now,
    )
    try:
        fallback = _ask(
            row,
            replace(parameters, engine=Mode.FALLBACK.value),
            Origin.COMPARISON,
            COMPARED,
            actor,
            charged=charged,
            now=now,
        )
    except BaseException:
        # Refused: half a comparison is none, and its characters are given back.
        request_cancel(request_id=primary.id, now=now)
        raise
    return Comparison(primary, fallback)


def check_repeatable(*, row: SynthesisRequest, charged: bool) -> None:
    """Raises `NotRepeatable`."""
    if not row.text:
        raise NotRepeatable("text_gone")
    if not row.is_final:
        raise NotRepeatable("not_ended")
    if charged and not row.tenant.is_active:
        raise NotRepeatable("tenant_suspended")


def comparison_newest(*, row: SynthesisRequest) -> Comparison | None:
    """The last comparison of engines of a request; None where there is none."""
    found = {}
    for mode in (Mode.PRIMARY, Mode.FALLBACK):
        compared = SynthesisRequest.objects.of(row.tenant_id).filter(
            repeats=row.pk, origin=Origin.COMPARISON, engine=mode.value
        )
        found[mode] = compared.defer("text").prefetch_related("attempts").first()
    primary, fallback = found[Mode.PRIMARY], found[Mode.FALLBACK]
    return None if primary is None or fallback is None else Comparison(primary, fallback)


def _ask(
    row: SynthesisRequest,
    parameters: SpeechParameters,
    origin: SynthesisRequest.Origin,
    action: str,
    actor: Actor,
    *,
    charged: bool,
    now: datetime,
) -> SynthesisRequest:
    def tell(_made: SynthesisRequest) -> None:
        audit_write(actor=actor, action=action, target=row, tenant=row.tenant, name="")

    # Not the key of `row`: whoever asks is a person, and the key may be revoked.
    caller = Caller(row.tenant, None, frozenset(), row.tenant.limits())
    repetition = Repetition(row, origin, tell)
    if not charged:
        # An operator's address is none of the tenant's business.
        return request_admit_free(
            caller=caller,
            parameters=parameters,
            request_id=actor.request_id,
            address=None,
            now=now,
            repetition=repetition,
        )
    try:
        return request_admit(
            caller=caller,
            parameters=parameters,
            request_id=actor.request_id,
            address=actor.address,
            now=now,
            repetition=repetition,
        ).row
    except QueueUnavailable as problem:
        # On record: the sweeper queues it once Redis is back.
        return problem.row


def _parameters(row: SynthesisRequest) -> SpeechParameters:
    wanted = (row.deadline_at - row.created_at).total_seconds()
    return SpeechParameters(
        text=row.text,
        characters=row.characters,
        audio_format=row.audio_format,
        timeout_seconds=min(wanted, settings.TTS_MAX_TIMEOUT),
        is_ssml=row.is_ssml,
        speaker_id=row.speaker_id,
        voice=row.voice,
        speed=row.speed,
        sample_rate=row.sample_rate,
        language=row.language,
        normalize=row.normalize,
        engine=row.engine,
        reference=row.reference,
    )
