"""Usage events: what each ended request was charged with."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.filters import Choices, TenantFilter
from accounts.admin.formatting import EMPTY, moment, seconds, whole_id
from accounts.admin.paginator import EstimatingPaginator
from accounts.admin.scoping import ScopedRecordAdmin
from accounts.roles import holds_everywhere, holds_somewhere, tenants_allowing
from tts.admin.filters import SEES_HISTORY, UsageDayFilter, UsageEngineFilter
from tts.models import SynthesisRequest, UsageEvent

COLUMNS = (
    "time",
    "tenant_name",
    "key_name",
    "outcome_told",
    "characters",
    "audio_length",
    "engine",
    "voice",
    "fallback",
    "reference",
    "spoken_request",
)


class OutcomeFilter(admin.SimpleListFilter):
    """How requests ended; usage knows no others."""

    title = _("outcome")
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        ended = [status for status in SynthesisRequest.Status if status not in SynthesisRequest.UNFINISHED]
        return [(status.value, status.label) for status in ended]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset if value is None else queryset.filter(outcome=value)


@admin.register(UsageEvent)
class UsageAdmin(ScopedRecordAdmin[UsageEvent]):
    """Read-only: the basis of bills."""

    list_display = COLUMNS
    fields = COLUMNS
    list_filter = (UsageDayFilter, OutcomeFilter, UsageEngineFilter, ("tenant", TenantFilter))
    lookups = frozenset({"day", "outcome", "engine_used", "tenant__id__exact"})
    list_select_related = ("tenant",)
    list_per_page = 50
    ordering = ("-at", "-id")
    sortable_by = ()
    # A page in two steps: what the annotation asks is asked of the rows shown only, not of all those skipped.
    paginator = EstimatingPaginator

    def get_queryset(self, request: HttpRequest) -> QuerySet[UsageEvent]:
        # Usage outlives the history: most old events point at nothing.
        kept = SynthesisRequest.all_tenants.filter(pk=OuterRef("request_id"))
        if not holds_everywhere(request.user, SEES_HISTORY):
            kept = kept.filter(tenant__in=tenants_allowing(request.user, SEES_HISTORY).values("pk"))
        return super().get_queryset(request).annotate(request_seen=Exists(kept))

    def get_list_display(self, request: HttpRequest) -> Any:
        return self._shown(request)

    def get_fields(self, request: HttpRequest, obj: UsageEvent | None = None) -> Any:
        return self._shown(request)

    def _shown(self, request: HttpRequest) -> tuple[str, ...]:
        """A link to the history is for those who may read it."""
        if holds_somewhere(request.user, SEES_HISTORY):
            return COLUMNS
        return tuple(name for name in COLUMNS if name != "spoken_request")

    @admin.display(description=_("at"))
    def time(self, event: UsageEvent) -> SafeString | str:
        return moment(event.at)

    @admin.display(description=_("tenant"))
    def tenant_name(self, event: UsageEvent) -> str:
        return event.tenant.name

    @admin.display(description=_("API key"))
    def key_name(self, event: UsageEvent) -> str:
        return event.api_key_name or EMPTY

    @admin.display(description=_("outcome"))
    def outcome_told(self, event: UsageEvent) -> str:
        told = event.get_outcome_display()
        return f"{told} ({event.error_code})" if event.error_code else told

    @admin.display(description=_("audio length"))
    def audio_length(self, event: UsageEvent) -> SafeString | str:
        return seconds(float(event.audio_seconds))

    @admin.display(description=_("request"))
    def spoken_request(self, event: UsageEvent) -> SafeString | str:
        if not getattr(event, "request_seen", False):
            return whole_id(event.request_id)
        url = reverse(f"{self.admin_site.name}:tts_synthesisrequest_change", args=[event.request_id])
        return format_html('<a href="{}">{}</a>', url, whole_id(event.request_id))
