"""Small pieces of HTML that admin pages share. Colours repeat what the words say."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString


class Tone(StrEnum):
    GOOD = "good"
    BUSY = "busy"
    BAD = "bad"
    QUIET = "quiet"


def mark(label: str | Promise, tone: Tone) -> SafeString:
    """A word with the colour of its meaning."""
    return format_html('<span class="mark mark-{}">{}</span>', tone, label)
