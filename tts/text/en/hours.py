"""Spans between two times of day in American English: `3:00-5:00pm`."""

import re

from tts.text.en.numbers import cardinal
from tts.text.rules import START, Rule

_TO = r"(?: ?[-~–—] ?| to )"
_HALF = r"(?:[AaPp]\.[Mm]\.|[AaPp][Mm](?![A-Za-z]))"
_CLOCK = "(?:2[0-4]|[01]?[0-9]):[0-5][0-9](?![0-9:])"
_HOUR = "(?:1[0-2]|0?[1-9])(?::[0-5][0-9])?(?![0-9:])"
_CLOCKS = re.compile(
    rf"{START}(?<![:-])(?P<first>{_CLOCK})(?: ?(?P<half1>{_HALF}))?{_TO}(?P<second>{_CLOCK})(?: ?(?P<half2>{_HALF}))?"
)
_HOURS = re.compile(
    rf"{START}(?<![:$-])(?P<first>{_HOUR})(?: ?(?P<half1>{_HALF}))?{_TO}(?P<second>{_HOUR}) ?(?P<half2>{_HALF})"
)


def clock(text: str, *, bare: bool) -> str:
    """`9:05` → nine oh five. A full hour is nine o'clock, with `bare` only nine, and `00:00` midnight."""
    digits, _, minutes = text.partition(":")
    hour, minute = int(digits), int(minutes or "0")
    if not hour and not minute:
        return "twelve" if bare else "midnight"
    if minute:
        return f"{cardinal(hour)} {'oh ' if minute < 10 else ''}{cardinal(minute)}"
    if bare and 0 < hour <= 12:
        return cardinal(hour)
    return f"{cardinal(hour)} o'clock" if 0 < hour <= 12 else f"{cardinal(hour)} hundred"


def half_of_day(match: re.Match[str], group: str) -> str:
    """` AM` or ` PM`; its last point stays when it also ends the sentence."""
    half = match[group]
    if not half:
        return ""
    ends = half.endswith(".") and not match.string[match.end(group) :].strip()
    return f" {half.replace('.', '').upper()}" + ("." if ends else "")


def _span(match: re.Match[str]) -> str:
    bare = bool(match["half2"])
    first = clock(match["first"], bare=bare or bool(match["half1"])) + half_of_day(match, "half1")
    return f"{first} to {clock(match['second'], bare=bare)}{half_of_day(match, 'half2')}"


RULES = (
    Rule("en-time-range", "times", _CLOCKS, _span),
    Rule("en-time-range", "times", _HOURS, _span),
)
