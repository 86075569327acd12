"""Abbreviations in English."""

import re

from tts.text.en.units import UNITS, singular
from tts.text.rules import Rule, alternatives

_TITLES = {
    "Mr": "Mister",
    "Mrs": "Missus",
    "Ms": "Miz",
    "Dr": "Doctor",
    "Prof": "Professor",
    "Gen": "General",
    "Capt": "Captain",
    "Sgt": "Sergeant",
    "Lt": "Lieutenant",
    "Gov": "Governor",
    "Sen": "Senator",
    "Mt": "Mount",
    "Ft": "Fort",
}
_ABBREVIATIONS = {
    "e.g.": "for example",
    "i.e.": "that is",
    "vs.": "versus",
    "approx.": "approximately",
    "dept.": "department",
    "avg.": "average",
    "cf.": "compare",
    "w/o": "without",
    "w/": "with ",
}
_BEFORE_NUMBERS = {
    "fig.": "figure",
    "vol.": "volume",
    "ch.": "chapter",
    "pp.": "pages",
    "p.": "page",
    "est.": "established",
    "min.": "minimum",
    "max.": "maximum",
    "ver.": "version",
    "rm.": "room",
    "apt.": "apartment",
    "ste.": "suite",
    "bldg.": "building",
    "op.": "opus",
    "sec.": "section",
    "art.": "article",
    "para.": "paragraph",
    "eq.": "equation",
    "ext.": "extension",
    "lv.": "level",
    "lvl.": "level",
    "nos.": "numbers",
    "c.": "circa",
    "ca.": "circa",
}
_WORDS = frozenset({"sec.", "art.", "op."})
"""What is no abbreviation in lower case."""

_WEEKDAYS = {
    "Mon.": "Monday",
    "Tue.": "Tuesday",
    "Tues.": "Tuesday",
    "Wed.": "Wednesday",
    "Thu.": "Thursday",
    "Thurs.": "Thursday",
    "Fri.": "Friday",
    "Sun.": "Sunday",
}
_MONTHS = {
    "Jan.": "January",
    "Feb.": "February",
    "Mar.": "March",
    "Apr.": "April",
    "Jun.": "June",
    "Jul.": "July",
    "Aug.": "August",
    "Sep.": "September",
    "Sept.": "September",
    "Oct.": "October",
    "Nov.": "November",
    "Dec.": "December",
}
_ROADS = {
    "St": "Street",
    "Ave": "Avenue",
    "Rd": "Road",
    "Blvd": "Boulevard",
    "Ln": "Lane",
    "Hwy": "Highway",
    "Pkwy": "Parkway",
    "Sq": "Square",
}
_DIRECTIONS = {
    "N": "North",
    "S": "South",
    "E": "East",
    "W": "West",
    "NE": "Northeast",
    "NW": "Northwest",
    "SE": "Southeast",
    "SW": "Southwest",
}
_SUFFIXES = {"Jr": "Junior", "Sr": "Senior", "Inc": "Incorporated", "Ltd": "Limited", "Corp": "Corporation"}

_DIRECTION = "(?:[NS][EW]?|[EW])(?![A-Za-z])"

_TITLE = re.compile(rf"(?<![A-Za-z])({alternatives(_TITLES)})\. ?(?=[A-Z])")
_SAINT = re.compile(r"(?<![A-Za-z])St\. ?(?=[A-Z])")
_ROAD = re.compile(rf"(?<=[A-Za-z]) ({alternatives(_ROADS)})\.?(?=[ ,;:!?]{{0,2}}\Z|,| [a-z]| {_DIRECTION})")
_ROAD_WORDS = "Street|Avenue|Road|Boulevard|Lane|Drive|Highway|Parkway|Square|Way|Court|Place"
_ROAD_SIDE = re.compile(rf"\b(?P<road>{_ROAD_WORDS}) (?P<side>{_DIRECTION})(?P<point>\.?)(?=[ ,;:!?]|\Z)")
_SIDE_OF_ROAD = re.compile(
    rf"(?<![A-Za-z])(?P<side>{_DIRECTION})\.? "
    rf"(?=[A-Z0-9][A-Za-z0-9]{{1,16}} (?:{_ROAD_WORDS}|{alternatives(_ROADS)})\b)"
)
_HIGHWAY_SIDE = re.compile(
    r"(?P<road>\b(?:I-|US-|SR-|Highway |Hwy\.? |Route |Rte\.? |Interstate )[0-9]{1,3}[A-Z]?)"
    rf" (?P<side>{_DIRECTION})(?P<point>\.?)"
)
_WIND = re.compile(
    rf"(?P<lead>\b(?:[Ww]inds?|[Hh]eading|[Bb]earing)(?: from the)? )(?P<side>{_DIRECTION})(?![A-Za-z])"
)
_SUFFIX = re.compile(rf"(?<=[A-Za-z,]) ({alternatives(_SUFFIXES)})\.(?=( )?)")
_ABBREVIATION = re.compile(rf"(?<![A-Za-z.])({alternatives(_ABBREVIATIONS)})", re.IGNORECASE)
_BEFORE_NUMBER = re.compile(rf"(?<![A-Za-z.])({alternatives(_BEFORE_NUMBERS)}) ?(?=[0-9])", re.IGNORECASE)
_DAY_OR_MONTH = re.compile(rf"(?<![A-Za-z])({alternatives(_WEEKDAYS | _MONTHS)})(?=,? [a-z]|,? [0-9]|,| ?\Z)")
_CIRCA = re.compile(r"(?<![A-Za-z.])ca\. (?=[a-zA-Z])")
_ONE_UNIT = re.compile(
    r"(?P<one>\b(?:[Aa]n?|[Pp]er|[Ee]ach|[Hh]alf an?|[Qq]uarter) )"
    r"(?P<unit>tsp|tbsp|oz|lb|hr|yr|km|kg|ml|mL)(?![A-Za-z0-9/])(?:\.(?= [a-z]))?"
)
_SPEED = re.compile(r"(?<![A-Za-z0-9/])mph(?![A-Za-z0-9/])")
_ETC = re.compile(r"(?<![A-Za-z])etc\.?(?![A-Za-z])")


def _suffix(match: re.Match[str]) -> str:
    # The point of `Inc.` also ends the sentence when nothing follows it.
    return f" {_SUFFIXES[match[1]]}" + ("" if match[2] else ".")


def _final_point(match: re.Match[str]) -> str:
    """The point of an abbreviation that also ends the sentence."""
    return "." if match[0].endswith(".") and not match.string[match.end() :].strip() else ""


def _day_or_month(match: re.Match[str]) -> str:
    return (_WEEKDAYS | _MONTHS)[match[1]] + _final_point(match)


def _road_side(match: re.Match[str]) -> str:
    return f"{match['road']} {_DIRECTIONS[match['side']]}{_final_point(match)}"


def _before_number(match: re.Match[str]) -> str:
    if match[1] in _WORDS:
        return match[0]
    spoken = _BEFORE_NUMBERS[match[1].lower()]
    return f"{spoken.capitalize() if match[1][0].isupper() else spoken} "


EARLY = (
    Rule("en-road", "abbreviations", _ROAD, lambda m: f" {_ROADS[m[1]]}{_final_point(m)}", digits=False),
    Rule("en-road", "abbreviations", _ROAD_SIDE, _road_side, digits=False),
    Rule("en-road", "abbreviations", _HIGHWAY_SIDE, _road_side, digits=False),
    Rule("en-road", "abbreviations", _SIDE_OF_ROAD, lambda m: f"{_DIRECTIONS[m['side']]} ", digits=False),
    Rule(
        "en-abbreviation",
        "abbreviations",
        _WIND,
        lambda m: m["lead"] + _DIRECTIONS[m["side"]].lower(),
        digits=False,
    ),
    Rule("en-abbreviation", "abbreviations", _BEFORE_NUMBER, _before_number),
)
"""Before numbers become words."""

RULES = (
    Rule("en-title", "abbreviations", _TITLE, lambda m: f"{_TITLES[m[1]]} ", digits=False),
    Rule("en-title", "abbreviations", _SAINT, lambda m: "Saint ", digits=False),
    Rule("en-abbreviation", "abbreviations", _SUFFIX, _suffix, digits=False),
    Rule("en-abbreviation", "abbreviations", _DAY_OR_MONTH, _day_or_month, digits=False),
    Rule(
        "en-abbreviation",
        "abbreviations",
        _ABBREVIATION,
        lambda m: _ABBREVIATIONS[m[1].lower()],
        digits=False,
    ),
    Rule("en-abbreviation", "abbreviations", _CIRCA, lambda m: "circa ", digits=False),
    Rule(
        "en-abbreviation",
        "abbreviations",
        _ONE_UNIT,
        lambda m: m["one"] + singular(UNITS[m["unit"]]),
        digits=False,
    ),
    Rule("en-abbreviation", "abbreviations", _SPEED, lambda m: "miles per hour", digits=False),
    Rule("en-abbreviation", "abbreviations", _ETC, lambda m: f"et cetera{_final_point(m)}", digits=False),
)
