"""History: every synthesis request, to look at and to listen to."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.actors import actor_of
from accounts.admin.filters import DayFilter, TenantFilter
from accounts.admin.formatting import EMPTY, moment, seconds, whole_id
from accounts.admin.marks import Tone, mark
from accounts.admin.paginator import CappedPaginator
from accounts.admin.scoping import ScopedRecordAdmin
from tts.admin.filters import EngineFilter, FallbackFilter, FormatFilter
from tts.admin.request_parts import AttemptInline, EventInline
from tts.api.audio_response import stored_audio_response
from tts.engines.chain import Fallback
from tts.models import SynthesisRequest
from tts.services.history import audio_find
from tts.services.looking import staff_heard, staff_read

Status = SynthesisRequest.Status

TONES = {
    Status.SUCCEEDED: Tone.GOOD,
    Status.QUEUED: Tone.BUSY,
    Status.RUNNING: Tone.BUSY,
    Status.CANCELED: Tone.QUIET,
    Status.FAILED: Tone.BAD,
    Status.EXPIRED: Tone.BAD,
}
HEARD = (200, 206, 304)
"""Answers after which a browser has audio, that it kept itself in the case of 304."""
UNPLAYABLE_FORMATS = frozenset({"pcm"})
"""Bare samples: no browser plays them."""


class RequestList(ChangeList):
    """Leaves out what the list does not show: texts may be long."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        return super().get_queryset(request, exclude_parameters).defer("text", "error_detail")


@admin.register(SynthesisRequest)
class RequestAdmin(ScopedRecordAdmin[SynthesisRequest]):
    """Strictly read-only. Who may view requests reads their text and listens to their audio; the audit log tells."""

    list_display = (
        "identifier",
        "received",
        "status_mark",
        "tenant",
        "engine_used",
        "fallback_mark",
        "voice_used",
        "characters",
        "audio_length",
        "waited_and_took",
    )
    list_filter = ("status", DayFilter, FallbackFilter, EngineFilter, FormatFilter, ("tenant", TenantFilter))
    lookups = frozenset({"status__exact", "day", "fallback", "engine_used", "format", "tenant__id__exact"})
    list_select_related = ("tenant",)
    list_per_page = 50
    # No other order has an index.
    sortable_by = ("received",)
    paginator = CappedPaginator
    # The attribute makes the search box appear; `get_search_results` says what it finds.
    search_fields = ("id",)
    search_help_text = _(
        "A whole id, a whole X-Request-ID, or the beginning of a reference. Texts are not searched."
    )
    inlines = (AttemptInline, EventInline)
    fieldsets = (
        (
            None,
            {"fields": ("status_mark", "error", "player", "spoken_text", "characters")},
        ),
        (_("Who"), {"fields": ("tenant", "api_key_name", "client_address", "reference", "request_id", "id")}),
        (
            _("Asked for"),
            {
                "fields": (
                    "voice",
                    "speaker_id",
                    "language",
                    "speed",
                    "normalize",
                    "is_ssml",
                    "lexicon_version",
                    "engine",
                    "audio_format",
                    "rate",
                )
            },
        ),
        (
            _("Given"),
            {
                "fields": (
                    "engine_used",
                    "fallback_mark",
                    "voice_used",
                    "audio_length",
                    "given_rate",
                    "audio_bytes",
                )
            },
        ),
        (
            _("Times"),
            {
                "fields": (
                    "received",
                    "started",
                    "finished",
                    "deadline",
                    "waited",
                    "synthesis_took",
                    "total_took",
                    "real_time_factor",
                    "claim",
                    "worker",
                )
            },
        ),
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return RequestList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[SynthesisRequest], search_term: str
    ) -> tuple[QuerySet[SynthesisRequest], bool]:
        """By ids first: an OR with the reference would use no index."""
        term = search_term.strip()
        if not term:
            return queryset, False
        ids = Q(request_id=term)
        identifier = _uuid_or_none(term)
        if identifier is not None:
            ids |= Q(pk=identifier)
        by_id = queryset.filter(ids)
        return (by_id if by_id.exists() else queryset.filter(reference__startswith=term)), False

    def get_urls(self) -> list[URLPattern]:
        audio = self.admin_site.admin_view(self.audio_view, cacheable=True)
        own = [path("<uuid:request_id>/audio/", audio, name="tts_synthesisrequest_audio")]
        return [*own, *super().get_urls()]

    def audio_view(self, request: HttpRequest, request_id: UUID) -> HttpResponse:
        """The stored audio, or the part of it that `Range` asks for; 404 when it is not kept."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = get_object_or_404(self.get_queryset(request).select_related("tenant"), pk=request_id)
        audio = audio_find(row=row)
        if audio is None:
            raise Http404
        answer = stored_audio_response(request, row, audio)
        if answer.status_code in HEARD:
            staff_heard(actor=actor_of(request), row=row, first_byte=_first_byte(answer), now=timezone.now())
        return answer

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: SynthesisRequest | None = None,
    ) -> HttpResponse:
        if obj is not None and obj.text:
            staff_read(actor=actor_of(request), row=obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    @admin.display(description=_("id"))
    def identifier(self, row: SynthesisRequest) -> SafeString:
        return whole_id(row.id)

    @admin.display(description=_("status"))
    def status_mark(self, row: SynthesisRequest) -> SafeString:
        return mark(row.get_status_display(), TONES[Status(row.status)])

    @admin.display(description=_("error"))
    def error(self, row: SynthesisRequest) -> str:
        return f"{row.error_code}: {row.error_detail}" if row.error_detail else row.error_code or EMPTY

    @admin.display(description=_("fallback"))
    def fallback_mark(self, row: SynthesisRequest) -> SafeString | str:
        return row.fallback or EMPTY if row.fallback in ("", Fallback.NONE) else mark(row.fallback, Tone.BUSY)

    @admin.display(description=_("received"), ordering="created_at")
    def received(self, row: SynthesisRequest) -> SafeString | str:
        return moment(row.created_at)

    @admin.display(description=_("started"))
    def started(self, row: SynthesisRequest) -> SafeString | str:
        return moment(row.started_at)

    @admin.display(description=_("finished"))
    def finished(self, row: SynthesisRequest) -> SafeString | str:
        return moment(row.finished_at)

    @admin.display(description=_("deadline"))
    def deadline(self, row: SynthesisRequest) -> SafeString | str:
        return moment(row.deadline_at)

    @admin.display(description=_("audio length"))
    def audio_length(self, row: SynthesisRequest) -> SafeString | str:
        return seconds(row.audio_seconds)

    @admin.display(description=_("waited + synthesis"))
    def waited_and_took(self, row: SynthesisRequest) -> SafeString | str:
        if row.queue_seconds is None:
            return EMPTY
        waited, took = seconds(row.queue_seconds), seconds(row.synthesis_seconds)
        return format_html('<span class="numbers">{} + {}</span>', waited, took)

    @admin.display(description=_("waited in the queue"))
    def waited(self, row: SynthesisRequest) -> SafeString | str:
        return seconds(row.queue_seconds, digits=3)

    @admin.display(description=_("synthesis"))
    def synthesis_took(self, row: SynthesisRequest) -> SafeString | str:
        return seconds(row.synthesis_seconds, digits=3)

    @admin.display(description=_("in all"))
    def total_took(self, row: SynthesisRequest) -> SafeString | str:
        return seconds(row.total_seconds, digits=3)

    @admin.display(description=_("real-time factor"))
    def real_time_factor(self, row: SynthesisRequest) -> str:
        if row.synthesis_seconds is None or not row.audio_seconds:
            return EMPTY
        return f"{row.synthesis_seconds / row.audio_seconds:.3f}"

    @admin.display(description=_("sample rate, Hz"))
    def rate(self, row: SynthesisRequest) -> str:
        return EMPTY if row.sample_rate is None else str(row.sample_rate)

    @admin.display(description=_("sample rate, Hz"))
    def given_rate(self, row: SynthesisRequest) -> str:
        return EMPTY if row.audio_sample_rate is None else str(row.audio_sample_rate)

    @admin.display(description=_("text"))
    def spoken_text(self, row: SynthesisRequest) -> SafeString:
        return format_html('<div class="spoken-text" dir="auto">{}</div>', row.text)

    @admin.display(description=_("audio"))
    def player(self, row: SynthesisRequest) -> SafeString | str:
        if not row.audio:
            return EMPTY
        url = reverse(f"{self.admin_site.name}:tts_synthesisrequest_audio", args=[row.id])
        link = format_html('<a href="{}" download>{}</a>', url, _("Download"))
        if row.audio_format in UNPLAYABLE_FORMATS:
            return link
        # Nothing is fetched before somebody presses play: to fetch is to listen.
        return format_html('<audio class="player" controls preload="none" src="{}"></audio>{}', url, link)


def _first_byte(answer: HttpResponse) -> int:
    """Where in the audio an answer begins: "bytes 200-999/1000"."""
    described = answer.get("Content-Range", "")
    return int(described.removeprefix("bytes ").partition("-")[0]) if described else 0


def _uuid_or_none(term: str) -> UUID | None:
    try:
        return UUID(term)
    except ValueError:
        return None
