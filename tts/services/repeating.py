"""Asking for a past request once more: run again as it was, or on each engine to compare them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts.actors import Actor
from accounts.limits.taking import CostAboveBurst, LimiterUnavailable
from accounts.models import Tenant
from accounts.selectors import Caller
from accounts.services.audit import audit_write
from accounts.services.limiting import rates_give_back, rates_take
from tts.engines.chain import Mode
from tts.models import SynthesisRequest
from tts.services.admission import request_new, request_record, request_record_free
from tts.services.allowances import longest_timeout
from tts.services.parameters import SpeechParameters
from tts.services.queueing import request_enqueue

Origin = SynthesisRequest.Origin

RERUN = "request.rerun"
COMPARED = "request.compare"
_AUDIBLE_EVERYWHERE = "wav"


class NotRepeatable(Exception):
    """A request that cannot be asked for again; `code` is `text_gone`, `not_ended`, `tenant_suspended` or
    `above_burst`, when its tenant may not have so many characters spoken in a minute.
    """

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

    With `charged`, its tenant's limits hold, rates and longest time-out among them, and its characters are counted;
    without, nobody's. `row` needs its tenant. Raises `NotRepeatable`, and with `charged` `RateLimited` and what
    `request_record` does. With Redis away rates are not looked at and it is on record all the same: the sweeper queues
    it.
    """
    with _rates_taken(row, charged=charged, times=1), transaction.atomic():
        source = _locked(row, charged=charged)
        asked = _Asked(source, Origin.RERUN, RERUN, actor, charged, now)
        made = asked.record(_parameters(source))
    _enqueue([made])
    return made


def engines_compare(*, row: SynthesisRequest, actor: Actor, charged: bool, now: datetime) -> Comparison:
    """Speak the text of `row` with the primary and with the fallback engine, each alone; both or neither.

    Both get the server's time-out where that of `row` was shorter, and a format that browsers play. Otherwise like
    `request_rerun`.
    """
    with _rates_taken(row, charged=charged, times=2), transaction.atomic():
        source = _locked(row, charged=charged)
        asked = _Asked(source, Origin.COMPARISON, COMPARED, actor, charged, now)
        parameters = _comparable(_parameters(source))
        made = Comparison(
            asked.record(replace(parameters, engine=Mode.PRIMARY.value)),
            asked.record(replace(parameters, engine=Mode.FALLBACK.value)),
        )
    _enqueue([made.primary, made.fallback])
    return made


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


def _caller(tenant: Tenant) -> Caller:
    # Not the key of the request: whoever asks is a person, and the key may be revoked.
    return Caller(tenant, None, frozenset(), tenant.limits())


@contextmanager
def _rates_taken(row: SynthesisRequest, *, charged: bool, times: int) -> Iterator[None]:
    """Take so many requests like `row` of its tenant's rates, and give them back when they are refused after all."""
    caller = _caller(row.tenant)
    taken = []
    try:
        # Quota and concurrency hold without Redis; a person may go on.
        with suppress(LimiterUnavailable):
            for _ in range(times if charged else 0):
                one = rates_take(caller=caller, characters=row.characters)
                taken.append(one)
        yield
    except BaseException as problem:
        # What Redis cannot be given back it refills by itself within a minute.
        with suppress(LimiterUnavailable):
            for one in taken:
                rates_give_back(taken=one)
        if isinstance(problem, CostAboveBurst):
            raise NotRepeatable("above_burst") from problem
        raise


def _locked(row: SynthesisRequest, *, charged: bool) -> SynthesisRequest:
    """The row as it is now, and stays until the transaction ends: an erasure comes first, or it waits and then finds
    what repeats the row. Raises `NotRepeatable`.
    """
    source = (
        SynthesisRequest.objects.of(row.tenant_id).select_for_update(no_key=True).filter(pk=row.pk).first()
    )
    if source is None:
        raise NotRepeatable("text_gone")
    source.tenant = row.tenant
    check_repeatable(row=source, charged=charged)
    return source


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who asks for `source` once more, and why."""

    source: SynthesisRequest
    origin: SynthesisRequest.Origin
    action: str
    actor: Actor
    charged: bool
    now: datetime

    def record(self, parameters: SpeechParameters) -> SynthesisRequest:
        """Put it on record, and on the record of who asked: inside the transaction that holds `source`."""
        tenant = self.source.tenant
        caller = _caller(tenant)
        if self.charged:
            longest = min(parameters.timeout_seconds, longest_timeout(caller))
            parameters = replace(parameters, timeout_seconds=longest)
        made = request_new(
            caller=caller,
            parameters=parameters,
            request_id=self.actor.request_id,
            # An operator's address is none of the tenant's business.
            address=self.actor.address if self.charged else None,
            now=self.now,
        )
        made.origin, made.repeats = self.origin, self.source
        if self.charged:
            request_record(row=made, caller=caller)
        else:
            request_record_free(row=made, caller=caller)
        audit_write(actor=self.actor, action=self.action, target=self.source, tenant=tenant, name="")
        return made


def _enqueue(made: Sequence[SynthesisRequest]) -> None:
    for row in made:
        # False when Redis is away: the sweeper queues it once it is back.
        request_enqueue(request_id=row.pk)


def _comparable(parameters: SpeechParameters) -> SpeechParameters:
    is_audible = parameters.audio_format != "pcm"
    return replace(
        parameters,
        timeout_seconds=max(parameters.timeout_seconds, settings.TTS_TIMEOUT),
        audio_format=parameters.audio_format if is_audible else _AUDIBLE_EVERYWHERE,
    )


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
