"""Values as admin pages show them."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

EMPTY = "-"


def short_id(identifier: UUID) -> SafeString:
    """The last eight digits, which are random: requests of one minute share the first eight of a UUIDv7."""
    text = str(identifier)
    return format_html('<span class="identifier" title="{}">…{}</span>', text, text[-8:])


def seconds(value: float | None, digits: int = 2) -> SafeString | str:
    """`value` seconds with their unit."""
    return EMPTY if value is None else format_html('<span class="numbers">{} s</span>', f"{value:.{digits}f}")


def moment(at: datetime | None) -> SafeString | str:
    """Local date and time to the second, the same in every language; milliseconds and zone on hover."""
    return EMPTY if at is None else _time_element(at, "%Y-%m-%d %H:%M:%S")


def clock(at: datetime) -> SafeString:
    """Local time of day to the millisecond; date and zone on hover."""
    return _time_element(at, "%H:%M:%S", milliseconds=True)


def _time_element(at: datetime, pattern: str, *, milliseconds: bool = False) -> SafeString:
    local = timezone.localtime(at)
    fraction = f".{local.microsecond // 1000:03d}" if milliseconds else ""
    return format_html(
        '<time class="numbers" datetime="{0}" title="{0}">{1}</time>',
        local.isoformat(timespec="milliseconds"),
        f"{local:{pattern}}{fraction}",
    )
