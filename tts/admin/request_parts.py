"""Attempts and events of a request, as tables on its page."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.formatting import clock, seconds
from accounts.admin.marks import Tone, mark
from tts.models import EngineAttempt, RequestEvent

if TYPE_CHECKING:
    TabularInline = admin.TabularInline[Any, Any]
else:
    TabularInline = admin.TabularInline


class RecordInline(TabularInline):
    """Rows that belong to a record: who may see the one may see the other, and nobody may change either."""

    extra = 0
    can_delete = False
    classes = ("record-rows",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("tts.view_synthesisrequest")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AttemptInline(RecordInline):
    model = EngineAttempt
    fields = readonly_fields = ("claim", "position", "engine", "voice", "outcome_mark", "took", "problem")

    @admin.display(description=_("outcome"))
    def outcome_mark(self, attempt: EngineAttempt) -> SafeString:
        return mark(attempt.outcome, Tone.GOOD if attempt.outcome == "succeeded" else Tone.BAD)

    @admin.display(description=_("seconds"))
    def took(self, attempt: EngineAttempt) -> SafeString | str:
        return seconds(attempt.seconds, digits=3)

    @admin.display(description=_("message"))
    def problem(self, attempt: EngineAttempt) -> str | SafeString:
        if not attempt.stack:
            return attempt.message
        return format_html(
            '<details><summary>{}</summary><pre class="stack">{}</pre></details>',
            attempt.message or _("stack"),
            attempt.stack,
        )


class EventInline(RecordInline):
    model = RequestEvent
    fields = readonly_fields = ("time", "level_mark", "name", "facts")
    TONES = {RequestEvent.Level.ERROR: Tone.BAD}

    @admin.display(description=_("at"))
    def time(self, event: RequestEvent) -> SafeString:
        return clock(event.at)

    @admin.display(description=_("level"))
    def level_mark(self, event: RequestEvent) -> SafeString:
        tone = self.TONES.get(RequestEvent.Level(event.level), Tone.QUIET)
        return mark(event.get_level_display(), tone)

    @admin.display(description=_("data"))
    def facts(self, event: RequestEvent) -> SafeString:
        pairs = event.data.items() if isinstance(event.data, dict) else ()
        return format_html_join(" ", '<span class="identifier">{}={}</span>', pairs)
