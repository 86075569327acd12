"""Versions, telephone numbers, ordinals, fractions, ranges and signs in English."""

import re

from tts.text.en.numbers import cardinal, ordinal, spell_digits
from tts.text.rules import NUMBER, SIGN, START, Rule

_IP = re.compile(rf"{START}((?:[0-9]{{1,3}}\.){{3}}[0-9]{{1,3}})(?![0-9]|[.,:][0-9])")
_VERSION = re.compile(
    rf"(?<![A-Za-z])(?P<v>[vV])(?P<first>[0-9]{{1,4}}(?:\.[0-9]{{1,8}}){{0,5}})(?![0-9])"
    rf"|{START}(?P<plain>[0-9]{{1,4}}(?:\.[0-9]{{1,8}}){{2,5}})(?![0-9])"
)
_TELEPHONE = re.compile(
    rf"{START}(?<![A-Za-z-])(?:\+?(?P<country>[0-9]{{1,3}})[- .])?"
    r"\(?(?P<area>[0-9]{3})(?:\) ?|[-. ])(?P<first>[0-9]{3})[-.](?P<second>[0-9]{4})(?![0-9]|[.,-][0-9])"
)
_ORDINAL = re.compile(rf"{START}([0-9]{{1,3}}(?:,[0-9]{{3}})?|[0-9]{{4,6}})(?:st|nd|rd|th)\b")
_FRACTION = re.compile(
    rf"{START}(?<!/)(?:(?P<whole>[0-9]{{1,4}}) )?(?P<top>[1-9][0-9]?)"
    r"/(?P<bottom>[1-9][0-9]{0,2})(?![0-9/]|[.,][0-9])"
)
_MIXED = re.compile(rf"{START}(?P<whole>[0-9]{{1,6}})? ?(?P<fraction>[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞])")
_RANGE = re.compile(
    rf"{START}(?<![-A-Za-z])({NUMBER})(?: ?[~–—] ?|-| - )({NUMBER})(?![0-9A-Za-z]|[-/.:][0-9]| ?=)"
)
_RATIO = re.compile(rf"{START}(?<!:)([0-9]{{1,4}}):([0-9]{{1,4}})(?![0-9:])")
_POWER = re.compile(
    rf"{START}({NUMBER})(?:\^(?P<sign>-?)(?P<plain>[0-9]{{1,4}})|(?P<minus>⁻?)(?P<raised>[⁰¹²³⁴-⁹]{{1,4}}))"
)
_MINUS = re.compile(r"(?<=[0-9)]) ?- ?(?=[0-9]{1,12}(?:\.[0-9]{1,12})? ?=)")
_TIMES = re.compile(r"(?<=[0-9]) ?[x×*] ?(?=[0-9])")
_OPERATOR = re.compile(r"(?<=[0-9)]) ?([+÷=≈]) ?(?=[-(]?[0-9])")
_NUMBER_SIGN = re.compile(r"(?:#|(?<![A-Za-z])[Nn]o\. ?)(?=[0-9])")
_SIGNED = re.compile(rf"({SIGN})(?=[0-9])")
_JOINED = re.compile(r"(?<=[A-Za-z]{2})-(?=[0-9])")
_GROUPED = re.compile(rf"{START}[0-9]{{1,3}}(?:,[0-9]{{3}}){{1,8}}(?![0-9])")

_BOTTOMS = {2: ("half", "halves"), 4: ("quarter", "quarters")}
_VULGAR = {
    "½": (1, 2),
    "⅓": (1, 3),
    "⅔": (2, 3),
    "¼": (1, 4),
    "¾": (3, 4),
    "⅕": (1, 5),
    "⅖": (2, 5),
    "⅗": (3, 5),
    "⅘": (4, 5),
    "⅙": (1, 6),
    "⅚": (5, 6),
    "⅛": (1, 8),
    "⅜": (3, 8),
    "⅝": (5, 8),
    "⅞": (7, 8),
}
_MAX_NAMED_BOTTOM = 20
_OPERATORS = {
    "+": "plus",
    "÷": "divided by",
    "=": "equals",
    "≈": "is about",
}
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


def _version(match: re.Match[str]) -> str:
    spoken = (match["first"] or match["plain"]).replace(".", " point ")
    return f"version {spoken}" if match["v"] else spoken


def _telephone(match: re.Match[str]) -> str:
    country = f"plus {spell_digits(match['country'])}, " if match["country"] else ""
    groups = (match["area"], match["first"], match["second"])
    return country + ", ".join(map(spell_digits, groups))


def _ordinal(match: re.Match[str]) -> str:
    return ordinal(int(match[1].replace(",", "")))


def _fraction_words(top: int, bottom: int) -> str:
    if bottom == 1 or bottom > _MAX_NAMED_BOTTOM or top >= bottom:
        return f"{top} over {bottom}"
    one, many = _BOTTOMS.get(bottom, (ordinal(bottom), f"{ordinal(bottom)}s"))
    return f"{cardinal(top)} {one if top == 1 else many}"


def _fraction(match: re.Match[str]) -> str:
    spoken = _fraction_words(int(match["top"]), int(match["bottom"]))
    return f"{match['whole']} and {spoken}" if match["whole"] else spoken


def _mixed(match: re.Match[str]) -> str:
    spoken = _fraction_words(*_VULGAR[match["fraction"]])
    return f"{match['whole']} and {spoken}" if match["whole"] else spoken


def _power(match: re.Match[str]) -> str:
    exponent = match["plain"] or match["raised"].translate(_RAISED)
    negative = bool(match["sign"] or match["minus"])
    named = {"2": "squared", "3": "cubed"}.get(exponent)
    if named and not negative:
        return f"{match[1]} {named}"
    return f"{match[1]} to the power of {'minus ' if negative else ''}{exponent}"


def _sign(match: re.Match[str]) -> str:
    return {"-": "minus ", "+": "plus ", "±": "plus or minus "}[match[1]]


EARLY = (
    Rule("en-ip-address", _IP, lambda m: m[1].replace(".", " point ")),
    Rule("en-telephone-number", _TELEPHONE, _telephone),
)
"""Before dates, times and quantities."""

VERSION = Rule("en-version", _VERSION, _version)

LATE = (
    Rule("en-ordinal", _ORDINAL, _ordinal),
    Rule("en-power", _POWER, _power),
    Rule("en-fraction", _MIXED, _mixed, digits=False),
    Rule("en-fraction", _FRACTION, _fraction),
    Rule("en-ratio", _RATIO, lambda m: f"{m[1]} to {m[2]}"),
    Rule("en-range", _RANGE, lambda m: f"{m[1]} to {m[2]}"),
    Rule("en-arithmetic", _MINUS, lambda m: " minus "),
    Rule("en-arithmetic", _TIMES, lambda m: " times "),
    Rule("en-arithmetic", _OPERATOR, lambda m: f" {_OPERATORS[m[1]]} "),
    Rule("en-number-sign", _NUMBER_SIGN, lambda m: "number "),
    Rule("en-sign", _SIGNED, _sign),
    Rule("en-model-name", _JOINED, lambda m: " "),
    Rule("en-grouped-number", _GROUPED, lambda m: m[0].replace(",", "")),
)
"""After quantities. What is left are plain numbers, which voices read."""
