"""Heights and lengths in feet and inches, in English."""

import re

from tts.text.en.numbers import cardinal, number
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


def _height(match: re.Match[str]) -> str:
    feet, inches = int(match["feet"] or match["tall"]), int(match["inches"] or match["more"])
    return f"{cardinal(feet)} foot" + (f" {cardinal(inches)}" if inches else "")


def _length(match: re.Match[str]) -> str:
    one, many = ("foot", "feet") if match["mark"] in "'’′" else ("inch", "inches")
    return f"{number(match['size'])} {one if match['size'] == '1' or match['thing'] else many}"


RULES = (
    Rule("en-height", "units", _HEIGHT, _height),
    Rule("en-length", "units", _LENGTH, _length),
)
