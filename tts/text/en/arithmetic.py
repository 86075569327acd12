"""Powers and sums in English."""

import re

from tts.text.en.numbers import cardinal, number
from tts.text.en.units import UNITS
from tts.text.rules import NUMBER, RAISED, START, Rule, alternatives

_EXPONENT = r"(?:\^(?P<sign>-?)(?P<plain>[0-9]{1,4})|(?P<minus>⁻?)(?P<raised>[⁰¹²³⁴-⁹]{1,4}))"
_UNIT = rf"(?: ?(?P<unit>{alternatives(UNITS)})(?![A-Za-z0-9²³]))?"
_POWER = re.compile(rf"{START}(?P<base>{NUMBER}){_EXPONENT}{_UNIT}")
_LETTER_POWER = re.compile(rf"(?<=[A-Za-z)]){_EXPONENT}")
_SCIENTIFIC = re.compile(
    rf"{START}(?<![A-Za-z])(?P<base>{NUMBER})[eE](?P<sign>[-+]?)(?P<exponent>[0-9]{{1,3}})(?![0-9A-Za-z])"
)
_FACTORIAL = re.compile(rf"{START}(?P<number>[0-9]{{1,4}})!(?= =| ?[+×÷] ?[0-9])")
_MINUS = re.compile(r"(?<=[0-9)]) ?- ?(?=[0-9]{1,12}(?:\.[0-9]{1,12})? ?=)")
_TIMES = re.compile(r"(?<=[0-9]) ?[×*] ?(?=[0-9])")
_SUM = re.compile(r"(?<=[0-9]) ?x ?(?=[0-9]{1,9}(?:\.[0-9]{1,9})? ?=)")
_SIZE = re.compile(
    r"(?<=[0-9]) ?x ?(?=[0-9])|(?<=[0-9]) ?[×*] ?(?=[0-9]{1,5}(?:\.[0-9]{1,3})? ?(?:[cm]?m|in|ft|px)\b)"
)
_TERM_MINUS = re.compile(r"(?:(?<=[0-9][a-df-z])|(?<=[²³⁴⁵⁶])|(?<=\^[0-9])) ?- ?(?=[0-9a-z])")
_OPERATOR = re.compile(r"(?<=[0-9)A-Za-z]) ?([+÷=≈]) ?(?=[-(]?[0-9])")
_OPERATORS = {"+": "plus", "÷": "divided by", "=": "equals", "≈": "is about"}
_NAMED = {"2": "squared", "3": "cubed"}


def _raised(match: re.Match[str]) -> str:
    """` squared`, ` to the power of minus three`."""
    exponent = match["plain"] or match["raised"].translate(RAISED)
    negative = "minus " if match["sign"] or match["minus"] else ""
    if exponent in _NAMED and not negative:
        return f" {_NAMED[exponent]}"
    return f" to the power of {negative}{cardinal(int(exponent))}"


def _power(match: re.Match[str]) -> str:
    unit = f" {UNITS[match['unit']]}" if match["unit"] else ""
    return number(match["base"]) + _raised(match) + unit


def _scientific(match: re.Match[str]) -> str:
    sign = "minus " if match["sign"] == "-" else ""
    return f"{number(match['base'])} times ten to the power of {sign}{cardinal(int(match['exponent']))}"


POWERS = (
    Rule("en-arithmetic", "arithmetic", _FACTORIAL, lambda m: f"{cardinal(int(m['number']))} factorial"),
    Rule("en-arithmetic", "arithmetic", _SUM, lambda m: " times "),
    Rule("en-size", "arithmetic", _SIZE, lambda m: " by "),
    Rule("en-arithmetic", "arithmetic", _TIMES, lambda m: " times "),
    Rule("en-arithmetic", "arithmetic", _TERM_MINUS, lambda m: " minus "),
    Rule("en-power", "arithmetic", _POWER, _power),
    Rule("en-power", "arithmetic", _SCIENTIFIC, _scientific),
)
"""Before units, which would take the sign of an exponent for a number's."""

RULES = (
    Rule("en-power", "arithmetic", _LETTER_POWER, _raised, digits=False),
    Rule("en-arithmetic", "arithmetic", _MINUS, lambda m: " minus "),
    Rule("en-arithmetic", "arithmetic", _OPERATOR, lambda m: f" {_OPERATORS[m[1]]} "),
)
