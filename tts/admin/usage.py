"""Usage: what each succeeded request was charged with."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.filters import TenantFilter
from accounts.admin.formatting import EMPTY, moment, seconds, whole_id
from accounts.admin.paginator import CappedPaginator
from accounts.admin.scoping import ScopedRecordAdmin
from tts.admin.filters import UsageDayFilter, UsageEngineFilter
from tts.models import UsageEvent


@admin.register(UsageEvent)
class UsageAdmin(ScopedRecordAdmin[UsageEvent]):
    """Read-only: the basis of bills."""

    list_display = (
        "time",
        "tenant_name",
        "key_name",
        "characters",
        "audio_length",
        "engine",
        "voice",
        "fallback",
        "reference",
        "spoken_request",
    )
    list_filter = (UsageDayFilter, UsageEngineFilter, ("tenant", TenantFilter))
    lookups = frozenset({"day", "engine_used", "tenant__id__exact"})
    list_select_related = ("tenant", "api_key")
    list_per_page = 50
    # Ids grow with time and have an index; `at` alone has none.
    ordering = ("-id",)
    sortable_by = ()
    paginator = CappedPaginator
    fields = (
        "time",
        "tenant_name",
        "key_name",
        "spoken_request",
        "characters",
        "audio_length",
        "engine",
        "voice",
        "fallback",
        "reference",
    )

    @admin.display(description=_("at"))
    def time(self, event: UsageEvent) -> SafeString | str:
        return moment(event.at)

    @admin.display(description=_("tenant"))
    def tenant_name(self, event: UsageEvent) -> str:
        return event.tenant.name

    @admin.display(description=_("API key"))
    def key_name(self, event: UsageEvent) -> str:
        return EMPTY if event.api_key is None else event.api_key.name

    @admin.display(description=_("audio length"))
    def audio_length(self, event: UsageEvent) -> SafeString | str:
        return seconds(event.audio_seconds)

    @admin.display(description=_("request"))
    def spoken_request(self, event: UsageEvent) -> SafeString:
        url = reverse(f"{self.admin_site.name}:tts_synthesisrequest_change", args=[event.request_id])
        return format_html('<a href="{}">{}</a>', url, whole_id(event.request_id))
