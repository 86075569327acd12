"""Reading something out the way `<say-as>` asks for.

The values are those that Amazon Polly, Azure and Google Cloud have in common, `digits`, `number` and `currency`
included, which two of them know. Mandarin and English are spelled out here; what has a form in writing (dates, times,
money, units) is put into that form and read by the language's own rules, and other languages' numbers are left to
their rules and voices.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence

from tts.text.clean import clean, is_speakable
from tts.text.en import numbers as en
from tts.text.en.symbols import ADDRESS_SYMBOLS as EN_SYMBOLS
from tts.text.language import primary_subtag
from tts.text.zh import numbers as zh
from tts.text.zh.symbols import ADDRESS_SYMBOLS as ZH_SYMBOLS

MAX_CHARACTERS = 100
"""Of what one `<say-as>` may hold."""

DATE_FORMATS = ("ymd", "mdy", "dmy", "ym", "my", "md", "dm", "y", "m", "d")
TIME_FORMATS = ("hms12", "hms24")

_ALIASES = {"spell-out": "characters", "number": "cardinal"}
_FORMS = {
    "characters": (re.compile(".+", re.DOTALL), "letters or digits"),
    "digits": (re.compile(r"(?=.*[0-9])[0-9 ,./:-]+"), "digits"),
    "telephone": (re.compile(r"(?=.*[0-9])\+?[0-9 ()./-]+"), "a telephone number such as +86 138 0013 8000"),
    "cardinal": (
        re.compile(r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3}){1,8}|[0-9]{1,32})(?:\.[0-9]{1,32})?"),
        "a number such as -1,234.5",
    ),
    "ordinal": (re.compile(r"([0-9]{1,12})(?:st|nd|rd|th)?", re.IGNORECASE), "a whole number such as 3"),
    "fraction": (re.compile(r"(?:[0-9]{1,6} )?[0-9]{1,6} ?/ ?[0-9]{1,6}"), "a fraction such as 3/4"),
    "date": (re.compile(r"[0-9]{1,8}(?:[./ -]{1,2}[0-9]{1,4}){0,2}"), "a date in digits such as 2026-02-03"),
    "time": (
        re.compile(
            r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})? ?(?:[ap]\.?m\.?)?|[0-9]{1,2} ?[ap]\.?m\.?", re.IGNORECASE
        ),
        "a time such as 14:30",
    ),
    "currency": (re.compile(r"(?=.*[0-9]).+"), "an amount such as $12.50"),
    "unit": (re.compile(r"(?=.*[0-9]).+"), "a measurement such as 5 kg"),
}
READINGS = (*_FORMS, *_ALIASES)

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_NUMBERS = re.compile("[0-9]+")
# Two digits of a year are in this century up to here, as in POSIX's strptime.
_LAST_SHORT_YEAR = 68

Read = Callable[[str], str]
"""A language's own rules."""


def reading_problem(written: str, interpret_as: str, form: str) -> str:
    """What is wrong with a `<say-as>`, empty when it can be read out. Quotes neither the text nor the attributes."""
    kind = _ALIASES.get(interpret_as, interpret_as)
    content = clean(written)
    if len(content) > MAX_CHARACTERS:
        return f"holds more than {MAX_CHARACTERS} characters"
    pattern, example = _FORMS[kind]
    if not is_speakable(content) or not pattern.fullmatch(content):
        return f"must hold {example} for this interpret-as"
    formats = {"date": DATE_FORMATS, "time": TIME_FORMATS}.get(kind, ())
    if form and form not in formats:
        return (
            f"takes the formats {', '.join(formats)}" if formats else "takes no format for this interpret-as"
        )
    if kind == "date" and _date(content, form) is None:
        return "must hold a date that exists, in the order its format gives (ymd without one)"
    if kind == "fraction" and int(_NUMBERS.findall(content)[-1]) == 0:
        return f"must hold {example} for this interpret-as"
    return ""


def read_out(written: str, reading: str, language: str, rules: Read) -> str:
    """`written` in words of `language`; `reading` is `interpret-as`, with `:format` behind it where there is one.

    Takes what `reading_problem` has nothing against.
    """
    interpret_as, _, form = reading.partition(":")
    kind = _ALIASES.get(interpret_as, interpret_as)
    content = clean(written)
    spoken = _READERS.get((kind, primary_subtag(language)))
    if spoken is not None:
        return spoken(content)
    match kind:
        case "characters":
            return " ".join(content.replace(" ", ""))
        case "digits" | "telephone":
            return ", ".join(" ".join(group) for group in _NUMBERS.findall(content))
        case "date":
            return rules(_written_date(_date(content, form) or {}, primary_subtag(language)))
        case _:
            return rules(content)


def _date(content: str, form: str) -> dict[str, int] | None:
    """The parts of a date by `y`, `m` and `d`."""
    order = form or "ymd"
    groups = _NUMBERS.findall(content)
    if order == "ymd" and len(groups) == 1 and len(content) == 8:
        groups = [content[:4], content[4:6], content[6:]]
    if len(groups) != len(order):
        return None
    parts = {name: int(group) for name, group in zip(order, groups, strict=True)}
    if "y" in parts and len(groups[order.index("y")]) <= 2:
        parts["y"] += 2000 if parts["y"] <= _LAST_SHORT_YEAR else 1900
    exists = 1 <= parts.get("m", 1) <= 12 and 1 <= parts.get("d", 1) <= 31 and parts.get("y", 1) <= 9999
    return parts if exists else None


def _written_date(parts: dict[str, int], language: str) -> str:
    """A date in the form that the rules of `language` know."""
    year, month, day = parts.get("y"), parts.get("m"), parts.get("d")
    units = {"zh": "年月日", "ja": "年月日", "ko": "년월일"}.get(language)
    if units:
        space = " " if language == "ko" else ""
        named = zip((year, month, day), units, strict=True)
        return space.join(f"{number}{unit}" for number, unit in named if number is not None)
    if language == "en":
        return _english_date(year, month, day)
    return "-".join(f"{number:02d}" for number in (year, month, day) if number is not None)


def _english_date(year: int | None, month: int | None, day: int | None) -> str:
    words = [_MONTHS[month - 1]] if month else []
    if day:
        words.append(en.ordinal(day))
    spoken = " ".join(words)
    if not year:
        return spoken
    return f"{spoken}{',' if day else ''} {_english_year(year)}".strip()


def _english_year(year: int) -> str:
    return en.year(year) if 1000 <= year <= 2999 else en.cardinal(year)


def _zh_characters(content: str) -> str:
    return _spell(content, zh.spell_digits, ZH_SYMBOLS)


def _en_characters(content: str) -> str:
    return _spell(content, en.spell_digits, EN_SYMBOLS)


def _spell(content: str, spell_digit: Read, symbols: dict[str, str]) -> str:
    named = (_named(character, spell_digit, symbols) for character in content)
    return " ".join(name for name in named if name)


def _named(character: str, spell_digit: Read, symbols: dict[str, str]) -> str:
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return spell_digit(str(digit))
    return symbols.get(character, character.upper() if character.isalnum() else "")


def _zh_groups(spell: Read) -> Read:
    return lambda content: "，".join(map(spell, _NUMBERS.findall(content)))


def _zh_telephone(content: str) -> str:
    return ("加" if content.startswith("+") else "") + _zh_groups(zh.spell_telephone)(content)


def _zh_cardinal(content: str) -> str:
    sign = "负" if content.startswith("-") else ""
    whole, point, fraction = content.lstrip("+-").partition(".")
    # A quantity, so that leading zeros make no code of it.
    return sign + zh.number((whole.replace(",", "").lstrip("0") or "0") + point + fraction)


def _zh_ordinal(content: str) -> str:
    return "第" + zh.cardinal(_NUMBERS.findall(content)[0])


def _en_groups(content: str) -> str:
    return ", ".join(map(en.spell_digits, _NUMBERS.findall(content)))


def _en_telephone(content: str) -> str:
    return ("plus " if content.startswith("+") else "") + _en_groups(content)


def _en_cardinal(content: str) -> str:
    sign = "minus " if content.startswith("-") else ""
    whole, point, fraction = content.lstrip("+-").partition(".")
    # A quantity, so that leading zeros make no code of it.
    return sign + en.number((whole.replace(",", "").lstrip("0") or "0") + point + fraction)


def _en_ordinal(content: str) -> str:
    return en.ordinal(int(_NUMBERS.findall(content)[0]))


_READERS: dict[tuple[str, str], Read] = {
    ("characters", "zh"): _zh_characters,
    ("digits", "zh"): _zh_groups(zh.spell_digits),
    ("telephone", "zh"): _zh_telephone,
    ("cardinal", "zh"): _zh_cardinal,
    ("ordinal", "zh"): _zh_ordinal,
    ("characters", "en"): _en_characters,
    ("digits", "en"): _en_groups,
    ("telephone", "en"): _en_telephone,
    ("cardinal", "en"): _en_cardinal,
    ("ordinal", "en"): _en_ordinal,
}


def accepted(names: Sequence[str] = READINGS) -> str:
    """The values of `interpret-as`, for messages."""
    return ", ".join(sorted(names))
