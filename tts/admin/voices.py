"""Voices: what was found, and the switch that lets each speak or not."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin.base import RecordAdmin
from accounts.admin.marks import Tone, mark
from tts.models import Voice
from tts.services.voices import voice_switch
from tts.voices.voice import VoiceState

STATE_MARKS = {
    VoiceState.READY: (_("ready"), Tone.GOOD),
    VoiceState.LOADING: (_("loading"), Tone.BUSY),
    VoiceState.MISSING: (_("missing"), Tone.QUIET),
    VoiceState.CORRUPT: (_("corrupt"), Tone.BAD),
    VoiceState.INCOMPATIBLE: (_("incompatible"), Tone.BAD),
    VoiceState.DISABLED: (_("disabled"), Tone.QUIET),
}


@admin.register(Voice)
class VoiceAdmin(RecordAdmin[Voice]):
    """Rows follow the files of the voices directory; only the switch is an operator's."""

    list_display = (
        "id",
        "name",
        "engine",
        "language_list",
        "speaker_id",
        "enabled",
        "state_mark",
        "problem",
        "licence",
    )
    list_filter = ("engine", "state", "enabled")
    lookups = frozenset({"engine", "state__exact", "enabled__exact"})
    list_per_page = 100
    search_fields = ("id", "name")
    fields = (
        "id",
        "name",
        "engine",
        "language_list",
        "gender",
        "speaker_id",
        "sample_rate",
        "licence",
        "state_mark",
        "problem",
        "enabled",
        "updated_at",
    )
    actions = ("switch_on", "switch_off")

    @admin.display(description=_("languages"))
    def language_list(self, voice: Voice) -> str:
        return ", ".join(voice.languages)

    @admin.display(description=_("state"), ordering="state")
    def state_mark(self, voice: Voice) -> SafeString:
        return mark(*STATE_MARKS[VoiceState(voice.state)])

    @admin.action(description=_("Switch selected voices on"), permissions=["operate"])
    def switch_on(self, request: HttpRequest, queryset: QuerySet[Voice]) -> None:
        done = self._switch(request, queryset.filter(enabled=False), enabled=True)
        told = ngettext("%(count)d voice switched on.", "%(count)d voices switched on.", done)
        self.message_user(request, told % {"count": done})

    @admin.action(description=_("Switch selected voices off"), permissions=["operate"])
    def switch_off(self, request: HttpRequest, queryset: QuerySet[Voice]) -> None:
        done = self._switch(request, queryset.filter(enabled=True), enabled=False)
        told = ngettext("%(count)d voice switched off.", "%(count)d voices switched off.", done)
        self.message_user(request, told % {"count": done})

    def _switch(self, request: HttpRequest, voices: QuerySet[Voice], *, enabled: bool) -> int:
        changed = list(voices)
        for voice in changed:
            voice_switch(voice=voice, enabled=enabled)
            self.log_change(request, voice, "switched on" if enabled else "switched off")
        return len(changed)
