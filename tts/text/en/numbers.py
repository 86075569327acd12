"""Numbers in American English words."""

from functools import lru_cache

from num2words import num2words

from tts.text.rules import is_spelled

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SIGNS = {"": "", "-": "minus ", "+": "plus ", "±": "plus or minus "}
"""What is said for a sign before a number."""

_MAX_PAIRED_DIGITS = 4


@lru_cache(maxsize=4096)
def cardinal(value: int) -> str:
    """A whole number in words: 121 → one hundred twenty-one."""
    return _american(num2words(value))


@lru_cache(maxsize=1024)
def ordinal(value: int) -> str:
    """121 → one hundred twenty-first."""
    return _american(num2words(value, to="ordinal"))


def number(text: str) -> str:
    """A number as `tts.text.rules.NUMBER` matches it: `1,200.50` → one thousand two hundred point five zero.

    With a leading zero, or with more than 12 digits and no separators, it is spelled digit by digit.
    """
    whole, _, fraction = text.partition(".")
    spoken = spell_digits(whole) if is_spelled(whole, fraction) else cardinal(int(whole.replace(",", "")))
    return f"{spoken} point {spell_digits(fraction)}" if fraction else spoken


def year(value: int) -> str:
    """A year from 1000 to 2999: 1999 → nineteen ninety-nine, 2005 → two thousand five."""
    return cardinal(value) if value % 1000 < 10 else paired(str(value))


def paired(digits: str) -> str:
    """The digits of a name, two by two: `747` → seven forty-seven, `4090` → forty ninety, `301` → three oh one.

    Whole hundreds and thousands are read as such; more than four digits, and those after a zero, one by one.
    """
    if (digits[0] == "0" and len(digits) > 1) or len(digits) > _MAX_PAIRED_DIGITS:
        return spell_digits(digits)
    if len(digits) <= 2 or digits.endswith("000"):
        return cardinal(int(digits))
    first, rest = cardinal(int(digits[:-2])), int(digits[-2:])
    if rest == 0:
        return f"{first} hundred"
    return f"{first} {'oh ' if rest < 10 else ''}{cardinal(rest)}"


def spell_digits(digits: str) -> str:
    """Digit by digit: `415` → four one five."""
    return " ".join(_DIGITS[int(digit)] for digit in digits)


def _american(spoken: str) -> str:
    """Without the `and` and the commas of British number words."""
    return spoken.replace(" and ", " ").replace(",", "")
