"""The form of a normalisation rule, and the number patterns that rules share.

Patterns must stay linear on hostile text: every repetition is bounded or possessive, and each starts at a
literal or behind a look-behind that allows one try per number.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import factorial

NUMBER = r"(?>(?:[0-9]{1,3}(?:,[0-9]{3}){1,8}(?![0-9])|[0-9]{1,32})(?:\.[0-9]{1,32})?)"
"""A whole or decimal number, with or without thousands separators."""

_MAX_UNGROUPED_DIGITS = 12
_MAX_FACTORIAL = 20

START = r"(?<![0-9])(?<![0-9][.,])"
"""Not in the middle of a number."""

SIGN = r"(?<![0-9A-Za-z)\]%℃²³])[-+±]"
"""A sign, as opposed to a hyphen or a dash of a range."""

RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
"""Superscript digits to plain ones."""

# fmt: off
VULGAR_FRACTIONS = {
    "½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅖": (2, 5), "⅗": (3, 5),
    "⅘": (4, 5), "⅙": (1, 6), "⅚": (5, 6), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8), "⅞": (7, 8),
}
# fmt: on
"""Fractions of one character: their numerator and denominator."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Rewrites every match of `pattern`. `name` is what the preview shows, `feature` what operators switch off.

    A rule with `digits` is only tried on text that holds an ASCII digit.
    """

    name: str
    feature: str
    pattern: re.Pattern[str]
    replace: Callable[[re.Match[str]], str]
    digits: bool = True

    def apply(self, text: str) -> str:
        return self.pattern.sub(self.replace, text)


def is_factorial(number: str, result: str) -> bool:
    """Whether `5!=120` means the factorial of 5, and not that 5 differs from 120 as programmers write it."""
    return int(number) <= _MAX_FACTORIAL and factorial(int(number)) == int(result)


def is_spelled(whole: str, fraction: str) -> bool:
    """Whether a number is read digit by digit: without separators, with more than 12 digits or a leading zero."""
    if not whole.isdigit():
        return False
    return len(whole) > _MAX_UNGROUPED_DIGITS or (len(whole) > 1 and whole[0] == "0" and not fraction)


def alternatives(words: Iterable[str]) -> str:
    """A pattern for any of `words`, the longest first."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
