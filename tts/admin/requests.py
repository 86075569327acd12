"""History: every synthesis request, to find, to look at and to listen to."""

from typing import Any, cast
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.views.main import ERROR_FLAG, ChangeList
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.admin.actors import actor_of
from accounts.admin.filters import DayFilter, TenantFilter
from accounts.admin.paginator import EstimatingPaginator
from accounts.admin.scoping import TenantScopedAdmin
from tts.admin.filters import (
    EngineFilter,
    FallbackFilter,
    FormatFilter,
    KeyFilter,
    OriginFilter,
    StatusFilter,
    VoiceFilter,
    uuid_or_none,
)
from tts.admin.request_columns import RequestColumns
from tts.admin.request_erasure import RequestErasure
from tts.admin.request_list import RequestList, requests_search
from tts.admin.request_page import FOLDER, blob_policy, page_context
from tts.admin.request_powers import Powers
from tts.admin.request_texts import texts_of
from tts.api.audio_response import stored_audio_response
from tts.models import SynthesisRequest
from tts.services.history import audio_find
from tts.services.looking import staff_heard, staff_read

HEARD = (200, 206, 304)
"""Answers after which a browser has audio, that it kept itself in the case of 304."""
OWN_TENANTS = "voxgate.own_tenants"
"""Where an HTTP request keeps the tenants of who sent it."""


@admin.register(SynthesisRequest)
class RequestAdmin(RequestColumns, RequestErasure):
    """Rows are never edited. Who may view requests listens to their audio; who may read texts too; the audit log tells
    of both.
    """

    list_display = (
        "identifier",
        "received",
        "status_mark",
        "tenant",
        "key_name",
        "spoken_by",
        "characters",
        "audio_length",
        "waited_and_took",
    )
    list_filter = (
        DayFilter,
        ("tenant", TenantFilter),
        KeyFilter,
        StatusFilter,
        EngineFilter,
        VoiceFilter,
        FallbackFilter,
        FormatFilter,
        OriginFilter,
    )
    lookups = frozenset(
        {
            "day",
            "tenant__id__exact",
            "key",
            "status__exact",
            "engine_used",
            "voice_used",
            "fallback",
            "format",
            "origin",
        }
    )
    list_select_related = ("tenant",)
    list_per_page = 50
    list_max_show_all = 0
    # Newest first: no other order has an index.
    sortable_by = ()
    paginator = EstimatingPaginator
    # The attribute makes the search box appear; `get_search_results` says what it finds.
    search_fields = ("id",)
    search_help_text = _(
        "A whole id, X-Request-ID or key id (vg_live_…), or a reference or its beginning. Texts are not searched."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[SynthesisRequest]:
        if self.sees_all(request):
            return super().get_queryset(request)
        # By their ids: the planner then knows how much each of these tenants has, and takes its index.
        own = request.META.get(OWN_TENANTS)
        if own is None:
            own = list(self.seen_tenants(request).values_list("pk", flat=True))
            request.META[OWN_TENANTS] = own
        rows: QuerySet[SynthesisRequest] = super(TenantScopedAdmin, self).get_queryset(request)
        return rows.filter(tenant__in=own)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return RequestList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if ERROR_FLAG in request.GET:
            if len(request.GET) > 1:
                # Django blames the database when a filter makes no sense a second time.
                raise BadRequest
            told = _("The filters of that address make no sense: all requests are shown.")
            self.message_user(request, told, messages.WARNING)
        return super().changelist_view(request, extra_context)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[SynthesisRequest], search_term: str
    ) -> tuple[QuerySet[SynthesisRequest], bool]:
        return requests_search(request, queryset, search_term), False

    def get_urls(self) -> list[URLPattern]:
        audio = self.admin_site.admin_view(self.audio_view, cacheable=True)
        own = [path("<uuid:request_id>/audio/", audio, name="tts_synthesisrequest_audio")]
        return [*own, *super().get_urls()]

    def audio_view(self, request: HttpRequest, request_id: UUID) -> HttpResponse:
        """The stored audio, or the part of it that `Range` asks for; 404 when it is not kept."""
        row = self.row_or_404(request, request_id)
        audio = audio_find(row=row)
        if audio is None:
            raise Http404
        answer = stored_audio_response(request, row, audio, delivers=False)
        if answer.status_code in HEARD:
            staff_heard(actor=actor_of(request), row=row, first_byte=_first_byte(answer), now=timezone.now())
        return answer

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page of a request. Nothing is saved here, and nothing added."""
        if object_id is None or request.method == "POST" or not self.has_view_permission(request):
            raise PermissionDenied
        identifier = uuid_or_none(object_id)
        try:
            row = None if identifier is None else self.row_or_404(request, identifier)
        except Http404:
            row = None
        if row is None:
            # Django's own answer to an unknown id; the stubs do not know the method.
            missing = self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
            return cast(HttpResponse, missing)
        powers = Powers(request, row)
        texts = texts_of(row) if powers.read else None
        if texts is not None:
            # Told first: what cannot be told is not shown.
            staff_read(actor=actor_of(request), row=row)
        context = {
            **self.shared_context(request, row, _("Request")),
            **page_context(request, row, powers),
            "texts": texts,
        }
        response = TemplateResponse(request, f"{FOLDER}/page.html", context)
        response["Content-Security-Policy"] = blob_policy()
        return response


def _first_byte(answer: HttpResponse) -> int:
    """Where in the audio an answer begins: "bytes 200-999/1000"."""
    described = answer.get("Content-Range", "")
    return int(described.removeprefix("bytes ").partition("-")[0]) if described else 0
