"""Ordinals, ratios, ranges and plain numbers in English."""

import re

from tts.text.en.numbers import SIGNS, cardinal, number, ordinal, spell_digits
from tts.text.labels import SIZE_RANGE
from tts.text.rules import NUMBER, SIGN, START, Rule

_ORDINAL = re.compile(rf"{START}([0-9]{{1,3}}(?:,[0-9]{{3}})?|[0-9]{{4,6}})(?:st|nd|rd|th)\b")
_RANGE = re.compile(
    rf"{START}(?<![-A-Za-z])({NUMBER})(?: ?[~–—] ?|-| - )({NUMBER})(?![0-9A-Za-z]|[-/.:][0-9]| ?=)"
)
_LABEL_RANGE = re.compile(r"(?<![A-Za-z])(?P<label>[A-Z])(?P<first>[0-9]{1,3}) ?[-–—] ?(?=(?P=label)[0-9])")
_RATIO = re.compile(rf"{START}(?<!:)([0-9]{{1,4}}):([0-9]{{1,4}})(?::([0-9]{{1,4}}))?(?![0-9:])")
_NUMBER_SIGN = re.compile(r"(?:#|(?<![A-Za-z])(?P<no>[Nn]o\. ?))(?=[0-9])")
_BARE_DECIMAL = re.compile(r"(?<![\w.,)])\.([0-9]{1,6})(?![0-9A-Za-z]|\.[0-9])")
_COMPOUND = re.compile(r"(?<=[0-9])-(?=[a-z]{3,})")
# Whatever stands before: in `1,2,3` nothing else reads the second number.
_NUMBER = re.compile(rf"(?<![0-9])(?P<sign>{SIGN})?(?P<number>{NUMBER})(?P<plus>\+(?= [a-z]|\Z))?")


def _label_range(match: re.Match[str]) -> str:
    return f"{match['label']} {cardinal(int(match['first']))} to "


def _range(match: re.Match[str]) -> str:
    joint = " " if match[1] == match[2] else " to "
    return f"{number(match[1])}{joint}{number(match[2])}"


def _number(match: re.Match[str]) -> str:
    """Words, with a space to letters that touch them."""
    text = match.string
    before = " " if text[max(0, match.start() - 1) : match.start()].isalpha() else ""
    after = " " if text[match.end() : match.end() + 1].isalpha() else ""
    plus = " plus" if match["plus"] else ""
    return f"{before}{SIGNS[match['sign'] or '']}{number(match['number'])}{plus}{after}"


RULES = (
    Rule("en-ordinal", "ordinals", _ORDINAL, lambda m: ordinal(int(m[1].replace(",", "")))),
    Rule("en-ratio", "scores", _RATIO, lambda m: " to ".join(number(part) for part in m.groups() if part)),
    Rule("en-range", "ranges", SIZE_RANGE, lambda m: f"{m['first']} to ", digits=False),
    Rule("en-range", "ranges", _LABEL_RANGE, _label_range),
    Rule("en-range", "ranges", _RANGE, _range),
    Rule("en-number", "numbers", _BARE_DECIMAL, lambda m: f"point {spell_digits(m[1])}"),
    Rule("en-number-sign", "symbols", _NUMBER_SIGN, lambda m: "number "),
    Rule("en-number", "numbers", _COMPOUND, lambda m: " "),
)
"""After quantities and dates."""

NUMBER_RULE = Rule("en-number", "numbers", _NUMBER, _number)
"""The last one: whatever number is left."""
