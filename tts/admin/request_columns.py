"""Columns of the list of requests."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.formatting import EMPTY, moment, seconds, whole_id
from accounts.admin.marks import Tone, mark
from tts.admin.request_words import FALLBACKS, TONES, Status
from tts.engines.chain import Fallback
from tts.models import SynthesisRequest


def status_mark_of(row: SynthesisRequest) -> SafeString:
    return mark(row.get_status_display(), TONES[Status(row.status)])


def fallback_mark_of(row: SynthesisRequest) -> SafeString | str:
    """The reason with its meaning on hover; nothing where the primary engine spoke."""
    if row.fallback in ("", Fallback.NONE):
        return ""
    return format_html(
        '<span class="mark mark-{}" title="{}">{}</span>',
        Tone.BUSY,
        FALLBACKS.get(row.fallback, row.fallback),
        row.fallback,
    )


def real_time_factor_of(row: SynthesisRequest) -> str:
    """Seconds of synthesis for a second of audio."""
    if row.synthesis_seconds is None or not row.audio_seconds:
        return EMPTY
    return f"{row.synthesis_seconds / row.audio_seconds:.3f}"


class RequestColumns:
    """Display methods for `RequestAdmin`."""

    @admin.display(description=_("id"))
    def identifier(self, row: SynthesisRequest) -> SafeString:
        return whole_id(row.id)

    @admin.display(description=_("received"))
    def received(self, row: SynthesisRequest) -> SafeString | str:
        return moment(row.created_at)

    @admin.display(description=_("status"))
    def status_mark(self, row: SynthesisRequest) -> SafeString:
        if not row.error_code:
            return status_mark_of(row)
        return format_html('{} <span class="why">{}</span>', status_mark_of(row), row.error_code)

    @admin.display(description=_("engine"), empty_value=EMPTY)
    def spoken_by(self, row: SynthesisRequest) -> SafeString | str:
        if not row.engine_used:
            return EMPTY
        return format_html(
            '{}<span class="voice">{}</span> {}', row.engine_used, row.voice_used, fallback_mark_of(row)
        )

    @admin.display(description=_("key name"))
    def key_name(self, row: SynthesisRequest) -> str:
        return row.api_key_name or EMPTY

    @admin.display(description=_("audio length"))
    def audio_length(self, row: SynthesisRequest) -> SafeString | str:
        return seconds(row.audio_seconds)

    @admin.display(description=_("waited + synthesis"))
    def waited_and_took(self, row: SynthesisRequest) -> SafeString | str:
        if row.queue_seconds is None:
            return EMPTY
        waited, took = seconds(row.queue_seconds), seconds(row.synthesis_seconds)
        return format_html('<span class="numbers">{} + {}</span>', waited, took)
