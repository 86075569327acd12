"""Heights and lengths in feet and inches, in English."""

import re

from tts.text.en.numbers import cardinal, number
from tts.text.en.units import DETERMINER, NOUN
from tts.text.rules import START, Rule

_INCHES = "1[01]|[0-9]"
_HEIGHT = re.compile(
    rf"{START}(?:(?P<feet>[1-9][0-9]?)['’′] ?(?P<inches>{_INCHES})(?:[\"”]|['’′]{{1,2}})"
    rf"|(?P<tall>[4-7])['’′](?P<more>{_INCHES}))(?![0-9A-Za-z])"
)
_THINGS = "monitor|screen|display|TV|tablet|laptop|pizza|wheels?"
_LENGTH = re.compile(
    rf"{START}(?P<size>[0-9]{{1,4}})(?P<mark>['’′\"”])"
    rf"(?=[ -](?:tall|high|long|wide|deep|thick|across|(?P<thing>{_THINGS}))\b)"
)
_INCHES_ALONE = re.compile(
    rf"(?P<one>{DETERMINER})?{START}(?:(?P<first>[0-9]{{1,3}}) ?[-–] ?)?(?P<size>[0-9]{{1,3}}(?:\.[0-9]{{1,2}})?)"
    rf"(?P<mark>[\"″])(?![0-9A-Za-z]){NOUN}?"
)


def _height(match: re.Match[str]) -> str:
    feet, inches = int(match["feet"] or match["tall"]), int(match["inches"] or match["more"])
    return f"{cardinal(feet)} foot" + (f" {cardinal(inches)}" if inches else "")


def _length(match: re.Match[str]) -> str:
    one, many = ("foot", "feet") if match["mark"] in "'’′" else ("inch", "inches")
    return f"{number(match['size'])} {one if match['size'] == '1' or match['thing'] else many}"


def _inches(match: re.Match[str]) -> str:
    """`4-6"`; a mark that closes a quotation stays one."""
    if match["mark"] == '"' and match.string.count('"') % 2 == 0:
        return match[0]
    first = f"{number(match['first'])} to " if match["first"] else ""
    is_attribute = match["one"] and match["noun"] is not None
    unit = "inch" if match["size"] == "1" or is_attribute else "inches"
    return f"{match['one'] or ''}{first}{number(match['size'])} {unit}"


RULES = (
    Rule("en-height", "units", _HEIGHT, _height),
    Rule("en-length", "units", _LENGTH, _length),
    Rule("en-length", "units", _INCHES_ALONE, _inches),
)
