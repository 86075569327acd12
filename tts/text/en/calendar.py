"""Dates and times of day in American English."""

import re

from tts.text.en.hours import clock, half_of_day
from tts.text.en.numbers import cardinal, ordinal, year
from tts.text.rules import START, Rule
from tts.text.timestamps import TIME_STAMP, is_time_stamp, offset, seconds

# fmt: off
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)
# fmt: on
_MONTH_NAMES = {name[:3].lower(): name for name in _MONTHS}
_NAME = (
    r"(?P<name>Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?|July?|Aug(?:ust|\.)?"
    r"|Sep(?:t(?:ember|\.)?|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_DAY = "(?P<day>3[01]|[12][0-9]|0?[1-9])(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>[12][0-9]{3})"
_ISO = re.compile(
    rf"{START}(?<![/.-])(?:{_YEAR})(?P<mark>[-/])(?P<month>1[0-2]|0?[1-9])(?P=mark)(?P<day>3[01]|[12][0-9]|0?[1-9])"
    r"(?:(?P<clock>T)(?=[0-9]{1,2}:)|(?![0-9]|[-/][0-9]))"
)
_AMERICAN = re.compile(
    rf"{START}(?<![/.-])(?P<month>1[0-2]|0?[1-9])/(?P<day>3[01]|[12][0-9]|0?[1-9])/{_YEAR}(?![0-9]|[-/][0-9])"
)
_MONTH_FIRST = re.compile(rf"\b{_NAME} {_DAY}(?:,? {_YEAR})?(?![0-9A-Za-z:/%]|[.,][0-9])")
_DAY_FIRST = re.compile(
    rf"{START}(?P<the>the )?{_DAY} (?:of )?{_NAME}(?![A-Za-z])(?:,? {_YEAR}(?![0-9]))?", re.IGNORECASE
)
_MONTH_YEAR = re.compile(rf"\b{_NAME} {_YEAR}(?![0-9A-Za-z/%]|[.,][0-9])")
_IN_YEAR = re.compile(
    r"\b(?P<word>[Ii]n|[Ss]ince|[Uu]ntil|year) (?P<year>[12][0-9]{3})"
    r"(?![0-9A-Za-z/%$]|[.,:-][0-9]| [A-Za-z]{1,12}s\b)"
)
_DECADE = re.compile(rf"{START}([12][0-9])([1-9])0['’]?s\b")
_SHORT_DECADE = re.compile(
    r"(?P<before>(?<![0-9A-Za-z])['‘’]"
    r"|\b(?:[Tt]he|[Hh]is|[Hh]er|[Tt]heir|[Mm]y|[Oo]ur|[Yy]our|[Ee]arly|[Mm]id|[Ll]ate)[ -])"
    r"(?P<tens>[2-9])0['’]?s\b(?! (?:timeout|limit|delay|mark|interval|window|clip|pause|countdown|timer))"
)
_TIME = re.compile(
    rf"{START}(?<!:)(?P<hour>2[0-4]|[01]?[0-9]):(?P<minute>[0-5][0-9])(?::(?P<second>[0-5][0-9]))?(?![0-9:])"
    r"(?: ?(?P<half>[AaPp][Mm]\b|[AaPp]\.[Mm]\.))?"
)
_HOUR = re.compile(rf"{START}(?P<hour>1[0-2]|0?[1-9]) ?(?P<half>[AaPp]\.[Mm]\.|[AaPp][Mm]\b)")


def _date(month: int, day: str, year_digits: str | None) -> str:
    spoken = f"{_MONTHS[month - 1]} {ordinal(int(day))}"
    return f"{spoken}, {year(int(year_digits))}" if year_digits else spoken


def _numeric_date(match: re.Match[str]) -> str:
    spoken = _date(int(match["month"]), match["day"], match["year"])
    return spoken + (", " if match.groupdict().get("clock") else "")


def _month(match: re.Match[str]) -> str:
    return _MONTH_NAMES[match["name"][:3].lower()]


def _named_date(match: re.Match[str]) -> str:
    month = _MONTHS.index(_month(match)) + 1
    return _date(month, match["day"], match["year"])


def _short_decade(match: re.Match[str]) -> str:
    before = match["before"]
    return ("" if before in "'‘’" else before) + cardinal(int(match["tens"]) * 10)[:-1] + "ies"


def _time_stamp(match: re.Match[str]) -> str:
    if not is_time_stamp(match):
        return match[0]
    spoken = _date(int(match["month"]), match["day"], match["year"])
    second = seconds(match)
    hour, minute = int(match["hour"]), int(match["minute"])
    spoken += f", {_hours_and_minutes(hour, minute, exact=bool(second))}"
    if second:
        spoken += f" and {second} second" + ("" if second == "1" else "s")
    return spoken + _zone(match)


def _zone(match: re.Match[str]) -> str:
    """` UTC`, with the distance from it."""
    zone = offset(match)
    if zone is None:
        return ""
    parts = [
        f"{cardinal(value)} {unit}{'' if value == 1 else 's'}"
        for value, unit in ((zone.hours, "hour"), (zone.minutes, "minute"))
        if value
    ]
    direction = "plus" if zone.sign == "+" else "minus"
    return f" UTC {direction} {' '.join(parts)}" if parts else " UTC"


def _time(match: re.Match[str]) -> str:
    hour, minute, second = int(match["hour"]), int(match["minute"]), match["second"]
    half = half_of_day(match, "half")
    if not second:
        return clock(f"{hour}:{minute}", bare=bool(half)) + half
    spoken = _hours_and_minutes(hour, minute, exact=True)
    return f"{spoken} and {cardinal(int(second))} second{'' if int(second) == 1 else 's'}{half}"


def _hours_and_minutes(hour: int, minute: int, *, exact: bool) -> str:
    """A time of day; with `exact` seconds follow, and a full hour is nine hundred."""
    return f"{cardinal(hour)} hundred" if exact and not minute else clock(f"{hour}:{minute}", bare=False)


DATES = (
    Rule("en-time-stamp", TIME_STAMP, _time_stamp),
    Rule("en-date", _ISO, _numeric_date),
    Rule("en-date", _AMERICAN, _numeric_date),
    Rule("en-date", _MONTH_FIRST, _named_date),
    Rule("en-date", _DAY_FIRST, _named_date),
    Rule("en-year", _MONTH_YEAR, lambda m: f"{_month(m)} {year(int(m['year']))}"),
    Rule("en-year", _IN_YEAR, lambda m: f"{m['word']} {year(int(m['year']))}"),
    Rule("en-decade", _DECADE, lambda m: f"{cardinal(int(m[1]))} {cardinal(int(m[2] + '0'))[:-1]}ies"),
    Rule("en-decade", _SHORT_DECADE, _short_decade),
)

TIMES = (
    Rule("en-time", _TIME, _time),
    Rule("en-time", _HOUR, lambda m: cardinal(int(m["hour"])) + half_of_day(m, "half")),
)
"""After the spans between two times."""
