"""Time stamps as ISO 8601 and RFC 3339 write them: `2026-02-02T09:30:00Z`."""

import re
from dataclasses import dataclass

from tts.text.rules import START

TIME_STAMP = re.compile(
    rf"{START}(?<![/.-])(?P<year>[12][0-9]{{3}})-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12][0-9]|3[01])"
    r"(?P<mark>[T ])(?P<hour>[01][0-9]|2[0-4]):(?P<minute>[0-5][0-9])"
    r"(?::(?P<second>[0-5][0-9])(?:\.(?P<fraction>[0-9]{1,9}))?)?"
    r"(?P<zone>Z(?![A-Za-z0-9])|[+-](?:0[0-9]|1[0-4]):?[0-5][0-9](?![0-9:]))?(?![0-9:])"
)


@dataclass(frozen=True, slots=True)
class Offset:
    """The distance of a local time from UTC."""

    sign: str
    hours: int
    minutes: int


def is_time_stamp(match: re.Match[str]) -> bool:
    """Whether a match of `TIME_STAMP` is more than a date and a time side by side."""
    return match["mark"] == "T" or match["zone"] is not None


def seconds(match: re.Match[str]) -> str:
    """The seconds as a number without zeros at either end, empty for none."""
    whole = (match["second"] or "0").lstrip("0")
    fraction = (match["fraction"] or "").rstrip("0")
    return f"{whole or 0}.{fraction}" if fraction else whole


def offset(match: re.Match[str]) -> Offset | None:
    """The offset of a match with a zone; None for a local time."""
    zone = match["zone"]
    if zone is None:
        return None
    return Offset("+", 0, 0) if zone == "Z" else Offset(zone[0], int(zone[1:3]), int(zone[-2:]))
