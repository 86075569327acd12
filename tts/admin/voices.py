"""Voices: what was found, the switch that lets each speak or not, and what could be installed."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin.base import RecordAdmin
from accounts.admin.marks import Tone, mark
from accounts.roles import holds_everywhere
from tts.models import Voice
from tts.services.voices import voice_switch, voices_offered
from tts.voices.store.catalogue import CommercialUse
from tts.voices.store.errors import CatalogueBroken
from tts.voices.store.progress import human_bytes
from tts.voices.voice import VoiceState

STATE_MARKS = {
    VoiceState.READY: (_("ready"), Tone.GOOD),
    VoiceState.LOADING: (_("loading"), Tone.BUSY),
    VoiceState.MISSING: (_("missing"), Tone.QUIET),
    VoiceState.CORRUPT: (_("corrupt"), Tone.BAD),
    VoiceState.INCOMPATIBLE: (_("incompatible"), Tone.BAD),
    VoiceState.DISABLED: (_("disabled"), Tone.QUIET),
}

ADVICE: dict[VoiceState, str | Promise] = {
    VoiceState.READY: "",
    VoiceState.LOADING: _("Nothing: it is ready in a moment, or still being copied."),
    VoiceState.MISSING: _("Put its files back, or install it again with `manage.py voices install`."),
    VoiceState.CORRUPT: _("Copy or install it again; `manage.py voices verify` tells which file is damaged."),
    VoiceState.INCOMPATIBLE: _("Use another export of this voice; `manage.py voices verify` tells more."),
    VoiceState.DISABLED: _("Switch it on with the action of this list."),
}
"""What to do about a voice in each state."""

SPEAKS_FROM_MEMORY = _("Mend its files before workers restart; until then it speaks from memory.")

COMMERCIAL_USES = {
    CommercialUse.YES: _("allowed"),
    CommercialUse.NO: _("forbidden"),
    CommercialUse.UNCLEAR: _("unclear"),
}

LISTED_LANGUAGES = 3


@admin.register(Voice)
class VoiceAdmin(RecordAdmin[Voice]):
    """Rows follow the files of the voices directory; only the switch is an operator's."""

    list_display = (
        "id",
        "name",
        "engine",
        "first_languages",
        "speaker_id",
        "enabled",
        "state_mark",
        "problem",
        "advice",
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
        "advice",
        "enabled",
        "updated_at",
    )
    actions = ("switch_on", "switch_off")

    def has_operate_permission(self, request: HttpRequest) -> bool:
        # A voice speaks for every tenant.
        return holds_everywhere(request.user, "tts.change_voice")

    @admin.display(description=_("languages"))
    def language_list(self, voice: Voice) -> str:
        return ", ".join(voice.languages)

    @admin.display(description=_("languages"))
    def first_languages(self, voice: Voice) -> str:
        """The fallback speaks two dozen languages, which would make its rows higher than a screen."""
        rest = len(voice.languages) - LISTED_LANGUAGES
        return ", ".join(voice.languages[:LISTED_LANGUAGES]) + (f" +{rest}" if rest > 0 else "")

    @admin.display(description=_("state"), ordering="state")
    def state_mark(self, voice: Voice) -> SafeString:
        return mark(*STATE_MARKS[shown_state(voice)])

    @admin.display(description=_("what to do"))
    def advice(self, voice: Voice) -> str:
        state = shown_state(voice)
        if state is VoiceState.READY and voice.problem:
            return str(SPEAKS_FROM_MEMORY)
        return str(ADVICE[state])

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        offers = _offers() if request.method == "GET" else {}
        return super().changelist_view(request, {**(extra_context or {}), **offers})

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


def shown_state(voice: Voice) -> VoiceState:
    """As the API tells it: a voice that is switched off is `disabled`, whatever its files."""
    return VoiceState(voice.state) if voice.enabled else VoiceState.DISABLED


def _offers() -> dict[str, object]:
    """What the page shows below the list: each voice of the catalogue, and its state or the command that gets it."""
    try:
        offered = voices_offered()
    except CatalogueBroken as problem:
        return {"offers_problem": str(problem)}
    return {
        "offers": [
            {
                "voice": offer.voice,
                "size": "?" if offer.voice.size_bytes is None else human_bytes(offer.voice.size_bytes),
                "commercial_use": COMMERCIAL_USES[offer.voice.commercial_use],
                "installed": _("installed") if offer.is_installed else "",
                "command": _command(offer.voice.name, offer.voice.commercial_use),
            }
            for offer in offered
        ]
    }


def _command(name: str, commercial_use: CommercialUse) -> str:
    accepted = " --accept-licence" if commercial_use is CommercialUse.NO else ""
    return f"manage.py voices install {name}{accepted}"
