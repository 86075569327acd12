"""Heights and lengths in feet and inches, in English."""

import re

from tts.text.en.numbers import cardinal
from tts.text.rules import START, Rule

_INCHES = "1[01]|[0-9]"
_HEIGHT = re.compile(
    rf"{START}(?:(?P<feet>[1-9][0-9]?)['’′] ?(?P<inches>{_INCHES})(?:[\"”]|['’′]{{1,2}})"
    rf"|(?P<tall>[4-7])['’′](?P<more>{_INCHES}))(?![0-9A-Za-z])"
)
_LENGTH = re.compile(
    rf"{START}(?P<size>[0-9]{{1,4}})(?P<mark>['’′\"”])(?=[ -](?:tall|high|long|wide|deep|thick|across)\b)"
)


def _height(match: re.Match[str]) -> str:
    feet, inches = int(match["feet"] or match["tall"]), int(match["inches"] or match["more"])
    return f"{cardinal(feet)} foot" + (f" {cardinal(inches)}" if inches else "")


def _length(match: re.Match[str]) -> str:
    one, many = ("foot", "feet") if match["mark"] in "'’′" else ("inch", "inches")
    return f"{match['size']} {one if match['size'] == '1' else many}"


RULES = (
    Rule("en-height", _HEIGHT, _height),
    Rule("en-length", _LENGTH, _length),
)
