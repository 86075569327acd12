"""Powers and sums in Mandarin."""

import re

from tts.text.rules import NUMBER, RAISED, START, Rule, alternatives
from tts.text.zh.numbers import cardinal, number
from tts.text.zh.units import UNITS

_EXPONENT = r"(?:\^(?P<sign>-?)(?P<plain>[0-9]{1,4})|(?P<minus>⁻?)(?P<raised>[⁰¹²³⁴-⁹]{1,4}))"
_POWER = re.compile(
    rf"{START}(?P<base>{NUMBER}){_EXPONENT}(?: ?(?P<unit>{alternatives(UNITS)})(?![A-Za-z0-9²³]))?"
)
_LETTER_POWER = re.compile(rf"(?<=[A-Za-z)]){_EXPONENT}")
_SCIENTIFIC = re.compile(
    rf"{START}(?<![A-Za-z])(?P<base>{NUMBER})[eE](?P<sign>[-+]?)(?P<exponent>[0-9]{{1,3}})(?![0-9A-Za-z])"
)
_FACTORIAL = re.compile(rf"{START}(?P<number>[0-9]{{1,4}})!(?= =| ?[+×÷] ?[0-9]|的[值结])")
_ABSOLUTE = re.compile(r"(?<![\w|])\|(-?[0-9A-Za-z.]{1,12}(?:[-+][0-9A-Za-z.]{1,12})?)\|(?!\|)(?:的绝对值)?")
_SIZE = re.compile(
    r"(?:(?<=[0-9])|(?<=[0-9][A-Za-z])|(?<=[0-9][A-Za-z]{2})) ?[*×xX] ?(?=[0-9])"
    r"|(?<=[0-9])\*(?=[A-Za-z])|(?<=[0-9][瓶袋盒支片包箱件张米条])[*×xX](?=[0-9])"
)
_MINUS = re.compile(r"(?<=[0-9)]) ?- ?(?=[0-9]{1,12}(?:\.[0-9]{1,12})? ?=)")
_TERM_MINUS = re.compile(r"(?:(?<=[0-9][a-df-z])|(?<=[²³⁴⁵⁶])|(?<=\^[0-9])) ?- ?(?=[0-9a-z])")
_OPERATOR = re.compile(
    r"(?<=[0-9A-Za-z)]) ?([+÷=]) ?(?=[-(（]?[0-9])|(?<=[0-9A-Za-z)\u4e00-\u9fff]) ?(≈) ?(?=-?[0-9])"
)
_OPERATORS = {"+": "加", "÷": "除以", "=": "等于", "≈": "约等于"}


def _exponent(digits: str, *, negative: bool) -> str:
    """`2` → 平方, `3` → 三次方."""
    return "平方" if digits == "2" and not negative else f"{'负' if negative else ''}{cardinal(digits)}次方"


def _raised(match: re.Match[str]) -> str:
    digits = match["plain"] or match["raised"].translate(RAISED)
    return f"的{_exponent(digits, negative=bool(match['sign'] or match['minus']))}"


def _power(match: re.Match[str]) -> str:
    return number(match["base"]) + _raised(match) + (UNITS[match["unit"]] if match["unit"] else "")


def _scientific(match: re.Match[str]) -> str:
    return f"{number(match['base'])}乘十的{_exponent(match['exponent'], negative=match['sign'] == '-')}"


POWERS = (
    Rule("zh-arithmetic", "arithmetic", _ABSOLUTE, lambda m: f"{m[1]}的绝对值"),
    Rule("zh-arithmetic", "arithmetic", _FACTORIAL, lambda m: f"{cardinal(m['number'])}的阶乘"),
    Rule("zh-arithmetic", "arithmetic", _TERM_MINUS, lambda m: "减"),
    Rule("zh-size", "arithmetic", _SIZE, lambda m: "乘"),
    Rule("zh-power", "arithmetic", _SCIENTIFIC, _scientific),
    Rule("zh-power", "arithmetic", _POWER, _power),
)
"""Before units and ranges."""

RULES = (
    Rule("zh-power", "arithmetic", _LETTER_POWER, _raised, digits=False),
    Rule("zh-arithmetic", "arithmetic", _MINUS, lambda m: "减"),
    Rule("zh-arithmetic", "arithmetic", _OPERATOR, lambda m: _OPERATORS[m[1] or m[2]]),
)
"""After units."""
