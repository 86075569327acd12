"""English number words, where a voice would not find them by itself: ordinals, years, hours."""

# fmt: off
_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)
# fmt: on
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"))
_IRREGULAR_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}


def cardinal(value: int) -> str:
    """A whole number below 10**12 in words: 121 → one hundred twenty-one."""
    if value < 20:
        return _ONES[value]
    if value < 100:
        tens, ones = divmod(value, 10)
        return _TENS[tens - 2] + (f"-{_ONES[ones]}" if ones else "")
    if value < 1000:
        hundreds, rest = divmod(value, 100)
        return f"{_ONES[hundreds]} hundred" + (f" {cardinal(rest)}" if rest else "")
    words = []
    for size, name in _SCALES:
        part, value = divmod(value, size)
        if part:
            words.append(f"{cardinal(part)} {name}")
    if value:
        words.append(cardinal(value))
    return " ".join(words)


def ordinal(value: int) -> str:
    """121 → one hundred twenty-first."""
    spoken = cardinal(value)
    cut = max(spoken.rfind(" "), spoken.rfind("-")) + 1
    head, last = spoken[:cut], spoken[cut:]
    if last in _IRREGULAR_ORDINALS:
        return head + _IRREGULAR_ORDINALS[last]
    return head + (last[:-1] + "ieth" if last.endswith("y") else last + "th")


def year(value: int) -> str:
    """A year from 1000 to 2999: 1999 → nineteen ninety-nine, 2005 → two thousand five."""
    century, rest = divmod(value, 100)
    if value % 1000 < 10:
        return cardinal(value)
    if rest == 0:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {'oh ' if rest < 10 else ''}{cardinal(rest)}"


def spell_digits(digits: str) -> str:
    """`415` → 4 1 5."""
    return " ".join(digits)
