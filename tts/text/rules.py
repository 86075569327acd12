"""The form of a normalisation rule, and the number patterns that rules share.

Patterns must stay linear on hostile text: every repetition is bounded or possessive, and each starts at a
literal or behind a look-behind that allows one try per number.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

NUMBER = r"(?>(?:[0-9]{1,3}(?:,[0-9]{3}){1,8}(?![0-9])|[0-9]{1,32})(?:\.[0-9]{1,32})?)"
"""A whole or decimal number, with or without thousands separators."""

START = r"(?<![0-9])(?<![0-9][.,])"
"""Not in the middle of a number."""

SIGN = r"(?<![0-9A-Za-z)\]%℃²³])[-+±]"
"""A sign, as opposed to a hyphen or a dash of a range."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Rewrites every match of `pattern`. `name` is what the preview shows.

    A rule with `digits` is only tried on text that holds an ASCII digit.
    """

    name: str
    pattern: re.Pattern[str]
    replace: Callable[[re.Match[str]], str]
    digits: bool = True

    def apply(self, text: str) -> str:
        return self.pattern.sub(self.replace, text)


def alternatives(words: Iterable[str]) -> str:
    """A pattern for any of `words`, the longest first."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
