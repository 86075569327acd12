"""Roman numerals from 1 to 99."""

import re

NUMERAL = "(?=[IVXL])(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
"""A pattern; it also matches a lone `I`, `V`, `X` or `L`, so it needs a context."""

_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_LETTER = re.compile("[IVXLC]")


def value(numeral: str) -> int:
    """`XIV` → 14."""
    total = last = 0
    for letter in reversed(_LETTER.findall(numeral)):
        worth = _VALUES[letter]
        total += worth if worth >= last else -worth
        last = max(last, worth)
    return total
