"""Years and decades in American English."""

import re

from tts.text.en.numbers import cardinal, spell_digits, year
from tts.text.rules import START, Rule

_NOT_COUNTED = r"(?! [a-z]{1,12}s\b)"
_END = r"(?![0-9A-Za-z/%$°²³:]|[.,:-][0-9])"
_YEAR = "(?:1[6-9]|20)[0-9]{2}"
_IN_YEAR = re.compile(
    rf"\b(?P<word>[Ii]n|[Ss]ince|[Uu]ntil|year) (?P<year>[12][0-9]{{3}}){_END}(?!-[0-9]){_NOT_COUNTED}"
    r"|(?P<start>(?:\A|[.!?] )(?:By|Before|After|Around)) (?P<early>[12][0-9]{3})(?=,)"
)
_RANGE = re.compile(
    rf"{START}(?<![-A-Za-z$€£#])(?P<first>{_YEAR})(?: ?[-–—] ?| to )(?P<second>{_YEAR}){_END}{_NOT_COUNTED}"
)
_SHORT = re.compile(
    r"\b(?P<lead>(?:(?:[Cc]lass|[Ss]ummer|[Ww]inter|[Ss]pring|[Ff]all) of|[Ii]n|[Ss]ince|Q[1-4]|FY) )"
    r"['‘’](?P<year>[0-9]{2})\b"
)
_BARE = re.compile(
    rf"(?:{START}(?<![-A-Za-z$€£#/])|(?P<fiscal>(?<=\bFY)))(?P<year>(?:1[89]|20)[0-9]{{2}})"
    rf"{_END}(?!-[a-z]| ?[×*+÷=^]){_NOT_COUNTED}"
)
_DECADE = re.compile(rf"{START}(?P<year>[12][0-9][0-9]0)['’]?s\b")
_SHORT_DECADE = re.compile(
    r"(?P<before>(?<![0-9A-Za-z])['‘’]"
    r"|\b(?:[Tt]he|[Hh]is|[Hh]er|[Tt]heir|[Mm]y|[Oo]ur|[Yy]our|[Ee]arly|[Mm]id|[Ll]ate)[ -])"
    r"(?P<tens>[2-9])0['’]?s\b(?! (?:timeout|limit|delay|mark|interval|window|clip|pause|countdown|timer))"
)


def _decade(match: re.Match[str]) -> str:
    """`1990s` → nineteen nineties, `2000s` → two thousands."""
    spoken = year(int(match["year"]))
    return f"{spoken[:-1]}ies" if spoken.endswith("y") else f"{spoken}s"


def _short_decade(match: re.Match[str]) -> str:
    before = match["before"]
    return ("" if before in "'‘’" else before) + cardinal(int(match["tens"]) * 10)[:-1] + "ies"


def _short(match: re.Match[str]) -> str:
    digits = match["year"]
    return match["lead"] + (f"oh {spell_digits(digits[1])}" if digits[0] == "0" else cardinal(int(digits)))


def _in_year(match: re.Match[str]) -> str:
    return f"{match['word'] or match['start']} {year(int(match['year'] or match['early']))}"


def _bare(match: re.Match[str]) -> str:
    return (" " if match["fiscal"] is not None else "") + year(int(match["year"]))


RULES = (
    Rule("en-decade", "dates", _DECADE, _decade),
    Rule("en-decade", "dates", _SHORT_DECADE, _short_decade),
    Rule("en-year-range", "dates", _RANGE, lambda m: f"{year(int(m['first']))} to {year(int(m['second']))}"),
    Rule("en-year", "dates", _SHORT, _short),
    Rule("en-year", "dates", _IN_YEAR, _in_year),
)

BARE = Rule("en-year", "dates", _BARE, _bare)
"""A number that looks like a year and that nothing else has claimed."""
