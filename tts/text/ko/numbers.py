"""Numbers in Korean: Sino-Korean ones, and native ones for what is counted."""

from functools import lru_cache

from num2words import num2words

from tts.text.rules import is_spelled

_DIGITS = "영일이삼사오육칠팔구"
_ONES = ("", "한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉")
_TENS = ("", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔")
_MAX_NATIVE = 99
_MONTHS = {6: "유", 10: "시"}


@lru_cache(maxsize=4096)
def cardinal(value: int) -> str:
    """A whole number in Sino-Korean: 12000 → 만 이천."""
    return str(num2words(value, lang="ko"))


def native(value: int) -> str:
    """A whole number before what it counts: 3 → 세, 20 → 스무, 25 → 스물다섯; Sino-Korean from 100 on."""
    if not 0 < value <= _MAX_NATIVE:
        return cardinal(value)
    tens, ones = divmod(value, 10)
    return "스무" if value == 20 else _TENS[tens] + _ONES[ones]


def month(value: int) -> str:
    """The number of a month, which is irregular for June and October."""
    return _MONTHS.get(value) or cardinal(value)


def number(text: str) -> str:
    """A number as `tts.text.rules.NUMBER` matches it: `3.5` → 삼 점 오.

    With a leading zero, or with more than 12 digits and no separators, it is spelled digit by digit.
    """
    whole, _, fraction = text.partition(".")
    spoken = spell_digits(whole) if is_spelled(whole, fraction) else cardinal(int(whole.replace(",", "")))
    return f"{spoken} 점 {' '.join(_DIGITS[int(digit)] for digit in fraction)}" if fraction else spoken


def spell_digits(digits: str) -> str:
    """Digit by digit, with 공 for zero as in telephone numbers: `010` → 공일공."""
    return "".join("공" if digit == "0" else _DIGITS[int(digit)] for digit in digits)
