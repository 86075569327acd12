"""A line of the log as pages show it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.admin.marks import Tone, mark
from tts.models import LogRecord
from tts.services.logs_lines import LogLine, Source

Level = LogRecord.Level

LEVELS = dict(Level.choices)
TONES: dict[str, Tone] = {Level.ERROR: Tone.BAD, Level.WARNING: Tone.BUSY}


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line with its addresses on the site `site`."""

    line: LogLine
    site: str

    @property
    def when(self) -> SafeString:
        """Local date and time to the millisecond; what sorts lines is in `order`."""
        local = timezone.localtime(self.line.place.at)
        return format_html(
            '<time class="numbers" datetime="{}"><span class="quiet">{}</span> {}.{}</time>',
            local.isoformat(timespec="milliseconds"),
            f"{local:%Y-%m-%d}",
            f"{local:%H:%M:%S}",
            f"{local.microsecond // 1000:03d}",
        )

    @property
    def order(self) -> str:
        """Sorts lines by their time, and at one instant as the server does, when compared as text."""
        place = self.line.place
        return f"{place.at.timestamp():017.6f}.{place.source}.{place.id:019d}"

    @property
    def level(self) -> SafeString:
        # Words of a version to come are shown as they are.
        label = LEVELS.get(self.line.level, self.line.level)
        return mark(label, TONES.get(self.line.level, Tone.QUIET))

    @property
    def source(self) -> SafeString:
        """A name that may be broken after its dots. A `wbr` is no character: a copy does not contain it."""
        *packages, module = self.line.name.split(".")
        return format_html("{}{}", format_html_join("", "{}.<wbr>", ((name,) for name in packages)), module)

    @property
    def url(self) -> str:
        """Of the line's own page."""
        place = self.line.place
        page = "change" if place.source is Source.RECORD else "event"
        return reverse(f"{self.site}:tts_logrecord_{page}", args=[place.id])

    @property
    def request_url(self) -> str:
        """Of the request's page; empty for a line about none, or whose request only its HTTP id tells."""
        if self.line.request is None:
            return ""
        return reverse(f"{self.site}:tts_synthesisrequest_change", args=[self.line.request])

    @property
    def short_id(self) -> str:
        """The end of an id: those of one second begin alike."""
        return self.line.about[-8:]


def shown(lines: Iterable[LogLine], site: str) -> list[ShownLine]:
    return [ShownLine(line, site) for line in lines]
