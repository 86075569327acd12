"""What the page of a request shows, gathered for its templates."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_rq.settings import get_queues_map
from redis.exceptions import RedisError

from accounts.admin.formatting import EMPTY, moment, seconds
from tts.admin.request_columns import fallback_mark_of, real_time_factor_of, status_mark_of
from tts.admin.request_powers import Powers
from tts.admin.request_timeline import WIDTH, bars_of
from tts.admin.request_words import ERRORS, FALLBACKS
from tts.connections import speech_queue
from tts.models import SynthesisRequest, UsageEvent
from tts.services.repeating import NotRepeatable, check_repeatable

FOLDER = "admin/tts/synthesisrequest"
LIVE_PARTS = ("headline", "audio", "timeline", "cost")
"""Sections that change while a request is under way, each a template `part_….html`."""
UNPLAYABLE_FORMATS = frozenset({"pcm"})
"""Bare samples: no browser plays them."""
SHOWN_REPETITIONS = 10


@dataclass(frozen=True, slots=True)
class Link:
    label: Any
    url: str


def address(name: str, *arguments: Any) -> str:
    """The path of a page of the admin about requests."""
    return reverse(f"admin:tts_synthesisrequest_{name}", args=arguments)


def with_related(rows: QuerySet[SynthesisRequest]) -> QuerySet[SynthesisRequest]:
    """`rows` with all that their pages read of related ones: two statements more."""
    related = ("tenant", "tenant__plan", "api_key", "period")
    return rows.select_related(*related).prefetch_related("attempts", "events")


def live_context(request: HttpRequest, row: SynthesisRequest, powers: Powers) -> dict[str, Any]:
    """What the sections show that change while a request is under way."""
    now = timezone.now()
    attempts, events = list(row.attempts.all()), list(row.events.all())
    return {
        "row": row,
        "powers": powers,
        "status": status_mark_of(row),
        "fallback": fallback_mark_of(row),
        "fallback_words": FALLBACKS.get(row.fallback, ""),
        "error_words": ERRORS.get(row.error_code, ""),
        "elapsed": seconds((now - row.created_at).total_seconds(), digits=1),
        "ends_within": seconds(max(0.0, (row.deadline_at - now).total_seconds()), digits=0),
        "total": seconds(row.total_seconds, digits=3),
        "real_time_factor": real_time_factor_of(row),
        "audio_length": seconds(row.audio_seconds),
        "audio_url": address("audio", row.pk) if row.audio else "",
        "playable": row.audio_format not in UNPLAYABLE_FORMATS,
        "bars": bars_of(row=row, events=events, attempts=attempts, now=now),
        "bar_units": WIDTH,
        "attempts": attempts,
        "repeatable": _repeatable(row),
        "usage": _usage(row),
        "actions": {name: address(name, row.pk) for name in ("rerun", "compare", "cancel", "erase")},
        "state_url": address("state", row.pk),
    }


def page_context(request: HttpRequest, row: SynthesisRequest, powers: Powers) -> dict[str, Any]:
    """All that the page of a request shows but its texts."""
    repetitions = SynthesisRequest.objects.of(row.tenant_id).filter(repeats=row.pk)
    return {
        **live_context(request, row, powers),
        "parts": LIVE_PARTS,
        "facts": list(_facts(row)),
        "links": list(_links(row, powers)),
        "repetitions": list(repetitions.defer("text")[:SHOWN_REPETITIONS]),
    }


def parts_rendered(request: HttpRequest, context: dict[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    """The HTML of live sections, by their names."""
    return {name: render_to_string(f"{FOLDER}/part_{name}.html", context, request) for name in names}


def blob_policy() -> str:
    """The Content-Security-Policy of a page that plays audio from memory, fetched once when somebody asks."""
    policy = settings.SECURE_CSP | {"media-src": [*settings.SECURE_CSP["media-src"], "blob:"]}
    return "; ".join(f"{directive} {' '.join(sources)}" for directive, sources in policy.items())


def _repeatable(row: SynthesisRequest) -> bool:
    try:
        check_repeatable(row=row, charged=False)
    except NotRepeatable:
        return False
    return True


def _usage(row: SynthesisRequest) -> UsageEvent | None:
    return UsageEvent.objects.of(row.tenant_id).filter(request=row.pk).first() if row.is_final else None


def _facts(row: SynthesisRequest) -> Any:
    """Everything on record, in groups of names and values."""
    yield (
        _("Who"),
        [
            (_("tenant"), row.tenant.name),
            (_("key name"), row.api_key_name or EMPTY),
            (_("address"), row.client_address or EMPTY),
            (_("reference"), row.reference or EMPTY),
            (_("request id"), row.request_id or EMPTY),
            (_("id"), row.pk),
            (_("origin"), row.get_origin_display()),
        ],
    )
    yield (
        _("Asked for"),
        [
            (_("voice"), row.voice or EMPTY),
            (_("speaker"), EMPTY if row.speaker_id is None else row.speaker_id),
            (_("language"), row.language or _("automatic")),
            (_("speed"), f"{row.speed:g}"),
            (_("normalize"), _("yes") if row.normalize else _("no")),
            (_("SSML"), _("yes") if row.is_ssml else _("no")),
            (_("dictionary version"), EMPTY if row.lexicon_version is None else row.lexicon_version),
            (_("engine"), row.get_engine_display()),
            (_("format"), row.audio_format),
            (_("sample rate, Hz"), EMPTY if row.sample_rate is None else row.sample_rate),
        ],
    )
    yield (
        _("Given"),
        [
            (_("engine"), row.engine_used or EMPTY),
            (_("voice"), row.voice_used or EMPTY),
            (_("fallback"), row.fallback or EMPTY),
            (_("audio length"), seconds(row.audio_seconds, digits=3)),
            (_("sample rate, Hz"), EMPTY if row.audio_sample_rate is None else row.audio_sample_rate),
            (_("audio, bytes"), EMPTY if row.audio_bytes is None else row.audio_bytes),
            (_("real-time factor"), real_time_factor_of(row)),
        ],
    )
    yield (
        _("Times"),
        [
            (_("received"), moment(row.created_at)),
            (_("started"), moment(row.started_at)),
            (_("finished"), moment(row.finished_at)),
            (_("deadline"), moment(row.deadline_at)),
            (_("waited in the queue"), seconds(row.queue_seconds, digits=3)),
            (_("synthesis"), seconds(row.synthesis_seconds, digits=3)),
            (_("in all"), seconds(row.total_seconds, digits=3)),
            (_("claims"), row.claim),
            (_("worker"), row.worker or EMPTY),
        ],
    )


def _links(row: SynthesisRequest, powers: Powers) -> Any:
    """Where to look next."""
    everything = address("changelist")
    if powers.everywhere("tts.view_logrecord"):
        yield from _log_links(row)
    if powers.is_superuser:
        yield from _job_links(row)
    if row.reference:
        query = {"q": row.reference, "tenant__id__exact": str(row.tenant_id)}
        yield Link(_("Requests of this reference"), f"{everything}?{urlencode(query)}")
    if row.api_key is not None:
        query = {"key": row.api_key.public_id, "tenant__id__exact": str(row.tenant_id)}
        yield Link(_("Requests of this key"), f"{everything}?{urlencode(query)}")
    day = timezone.localtime(row.created_at).date().isoformat()
    query = {"tenant__id__exact": str(row.tenant_id), "day": day}
    yield Link(_("Requests of this tenant on that day"), f"{everything}?{urlencode(query)}")


def _log_links(row: SynthesisRequest) -> Any:
    try:
        logs = reverse("admin:tts_logrecord_changelist")
    except NoReverseMatch:
        return
    yield Link(_("Its lines in the logs"), f"{logs}?{urlencode({'request_id': str(row.pk)})}")


def _job_links(row: SynthesisRequest) -> Any:
    """The RQ job while it waits or works, or after it failed; jobs that succeeded are not kept."""
    queue = speech_queue()
    try:
        job = queue.fetch_job(str(row.pk))
    except RedisError:
        return
    if job is not None:
        page = reverse("admin:django_rq_job_detail", args=[get_queues_map()[queue.name], job.id])
        yield Link(_("Its job in the queue"), page)
