"""Small pieces of HTML that admin pages share. Colours repeat what the words say."""

from enum import StrEnum

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.functional import _StrPromise


class Tone(StrEnum):
    GOOD = "good"
    BUSY = "busy"
    BAD = "bad"
    QUIET = "quiet"


def mark(label: "str | _StrPromise", tone: Tone) -> SafeString:
    """A word with the colour of its meaning."""
    return format_html('<span class="mark mark-{}">{}</span>', tone, label)
