"""Values as admin pages show them."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

EMPTY = "-"


def whole_id(identifier: UUID) -> SafeString:
    """All of it, so that it can be copied into a search; in two lines where a column is narrow."""
    text = str(identifier)
    # Admin's `code` is small and monospace. A `wbr` is no character: a copy does not contain it.
    return format_html("<code>{}<wbr>{}</code>", text[:19], text[19:])


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
