"""Dates and times of day in American English."""

import re

from tts.text.en.hours import clock, half_of_day
from tts.text.en.numbers import cardinal, number, ordinal, year
from tts.text.rules import START, Rule
from tts.text.timestamps import TIME_STAMP, is_time_stamp, offset, seconds

# fmt: off
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)
# fmt: on
_MONTH_NAMES = {name[:3].lower(): name for name in _MONTHS}
_WEEKDAY_NAMES = {
    name[:3]: name for name in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
}
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
_MONTH_NUMBER = "(?P<month>1[0-2]|0?[1-9])"
_AMERICAN = re.compile(
    rf"{START}(?<![/.-]){_MONTH_NUMBER}/(?P<day>3[01]|[12][0-9]|0?[1-9])/{_YEAR}(?![0-9]|[-/][0-9])"
)
_EUROPEAN = re.compile(
    rf"{START}(?<![/.-])(?P<day>3[01]|2[0-9]|1[3-9])/{_MONTH_NUMBER}/{_YEAR}(?![0-9]|[-/][0-9])"
)
_DAY_NUMBER = "(?P<day>3[01]|[12][0-9]|0?[1-9])"
_DATED = (
    "[Oo]n|[Dd]ue(?: on| by)?|[Ee]nds|[Ee]nding|[Ee]xpires?|[Ss]tarts|[Ss]tarting|[Uu]ntil|[Tt]ill|[Tt]hrough|[Dd]ated"
    "|[Dd]ate:|[Dd]eadline:?|[Dd]elivery:?|[Aa]s of|[Ss]ince"
    "|(?:[Tt]omorrow|[Tt]oday|[Tt]onight|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|Mon|Tue|Wed|Thu|Fri|Sat|Sun)[,.]{0,2}"
)
_PERHAPS_DATED = "[Bb]y|[Ff]rom|[Tt]o|[Bb]efore|[Aa]fter"
_SHORT = re.compile(
    rf"(?:(?P<on>\b(?:{_DATED}) |\b(?:{_PERHAPS_DATED}) (?=[0-9]{{1,2}}/(?:1[3-9]|2[0-9]|3[01])))"
    rf"|{START}(?<![/.-])(?=0|[0-9]{{1,2}}/(?:17|19|2[236789]|31)(?! of\b)))"
    rf"{_MONTH_NUMBER}/{_DAY_NUMBER}(?:, {_YEAR})?(?![0-9/]|[.,-][0-9]| ?(?:inch|in\b|mile|cup|of\b|\"))"
)
_DAYS = re.compile(
    rf"\b{_NAME} (?P<first>3[01]|[12]?[0-9]) ?[-–—] ?(?P<second>3[01]|[12]?[0-9])(?![0-9A-Za-z:/%]|[.,:-][0-9])"
)
_SHORT_WEEKDAY = "(?:Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)"
_MONTH_OR_DAY = "(?:[0-9]|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_WEEKDAY = re.compile(
    rf"\b{_SHORT_WEEKDAY}\b\.?(?=,? (?:the )?{_MONTH_OR_DAY}| ?[-–—] ?{_SHORT_WEEKDAY})"
    r"|(?:(?<=(?:day|Mon|Tue|Wed|Thu|Fri|Sat|Sun)[-–—])|(?<=(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\.[-–—]))"
    rf"{_SHORT_WEEKDAY}\b(?:\.(?= ?\S))?(?!-)"
)
_WEEKDAYS = re.compile(rf"(?<=day) ?[-–—] ?(?={_SHORT_WEEKDAY})")
_MONTH_FIRST = re.compile(rf"\b{_NAME} {_DAY}(?:,? {_YEAR})?(?![0-9A-Za-z:/%]|[.,][0-9])")
_DAY_FIRST = re.compile(
    rf"{START}(?P<the>the )?{_DAY} (?:of )?{_NAME}(?![A-Za-z])(?:,? {_YEAR}(?![0-9]))?", re.IGNORECASE
)
_MONTH_YEAR = re.compile(rf"\b{_NAME} {_YEAR}(?![0-9A-Za-z/%]|[.,][0-9])")
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


def _short_date(match: re.Match[str]) -> str:
    """`on 9/11, 2001`, and `02/14` wherever it stands."""
    return (match["on"] or "") + _date(int(match["month"]), match["day"], match["year"])


def _month(match: re.Match[str]) -> str:
    return _MONTH_NAMES[match["name"][:3].lower()]


def _named_date(match: re.Match[str]) -> str:
    month = _MONTHS.index(_month(match)) + 1
    return _date(month, match["day"], match["year"])


def _weekday(match: re.Match[str]) -> str:
    return _WEEKDAY_NAMES[match[0][:3]]


def _days(match: re.Match[str]) -> str:
    return f"{_month(match)} {ordinal(int(match['first']))} to {ordinal(int(match['second']))}"


def _time_stamp(match: re.Match[str]) -> str:
    if not is_time_stamp(match):
        return match[0]
    spoken = _date(int(match["month"]), match["day"], match["year"])
    second = seconds(match)
    hour, minute = int(match["hour"]), int(match["minute"])
    spoken += f", {_hours_and_minutes(hour, minute, exact=bool(second))}"
    if second:
        spoken += f" and {number(second)} second" + ("" if second == "1" else "s")
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
    if not second or (hour, minute, int(second)) == (0, 0, 0):
        return clock(f"{hour}:{minute}", bare=bool(half)) + half
    spoken = _hours_and_minutes(hour, minute, exact=True)
    return f"{spoken} and {cardinal(int(second))} second{'' if int(second) == 1 else 's'}{half}"


def _hours_and_minutes(hour: int, minute: int, *, exact: bool) -> str:
    """A time of day; with `exact` seconds follow, and a full hour is nine hundred."""
    return f"{cardinal(hour)} hundred" if exact and not minute else clock(f"{hour}:{minute}", bare=False)


DATES = (
    Rule("en-time-stamp", "times", TIME_STAMP, _time_stamp),
    Rule("en-date", "dates", _ISO, _numeric_date),
    Rule("en-date", "dates", _AMERICAN, _numeric_date),
    Rule("en-date", "dates", _EUROPEAN, _numeric_date),
    Rule("en-date", "dates", _SHORT, _short_date),
    Rule("en-weekday", "dates", _WEEKDAY, _weekday, digits=False),
    Rule("en-date-range", "dates", _WEEKDAYS, lambda m: " to ", digits=False),
    Rule("en-date-range", "dates", _DAYS, _days),
    Rule("en-date", "dates", _MONTH_FIRST, _named_date),
    Rule("en-date", "dates", _DAY_FIRST, _named_date),
    Rule("en-year", "dates", _MONTH_YEAR, lambda m: f"{_month(m)} {year(int(m['year']))}"),
)

TIMES = (
    Rule("en-time", "times", _TIME, _time),
    Rule("en-time", "times", _HOUR, lambda m: cardinal(int(m["hour"])) + half_of_day(m, "half")),
)
"""After the spans between two times."""
