"""Unicode helpers that stay linear on hostile input."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_SURROGATE = re.compile("[\ud800-\udfff]")
_UNCOUNTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

# UAX 15 ("Stream-Safe Text Format") allows 30 marks after a base. Normalising sorts them, which is quadratic
# in the length of the run: 20 000 marks took 0.25 s.
_MAX_MARKS_SORTED = 30
_MAX_MARKS_SPOKEN = 8

# One character that NFKC spells out as more than this (the Arabic phrase U+FDFA: 18) stays as it is.
_MAX_EXPANSION = 8

# Stands for every picture until its neighbours are known.
_PICTURE = "\ufffc"
_SUBSCRIPT_BEFORE_DIGIT = re.compile("(?<=[₀-₉])(?=[0-9])")
_PICTURES = re.compile(_PICTURE)
_LONE_POSTAL_MARK = re.compile("[〒〶](?! ?[0-9０-９]{3})")
_PICTURES_BETWEEN_WORDS = re.compile(f"(?<=[0-9A-Za-z]){_PICTURE}+(?=[0-9A-Za-z])")

_REPLACED = {
    "\r": "\n",
    "\x0b": "\n",
    "\x0c": "\n",
    "\x85": "\n",
    "\u2028": "\n",
    "\u2029": "\n",
    "\n": "\n",
    "\t": " ",
    "\u2010": "-",
    "\u2011": "-",
    "\u2212": "-",
    "\ufe63": "-",
    "\uff0d": "-",
    "\u301c": "~",
    "\uff5e": "~",
    "\u2044": "/",
    "\u2215": "/",
    "\u2236": ":",
    "\uffe5": "¥",
    "\u2005": " ",
    "㎡": "m²",
    "㎥": "m³",
    "㎢": "km²",
    "㎠": "cm²",
    "㎤": "cm³",
    "㎣": "mm³",
    "㎟": "mm²",
    "№": "No.",
    "™": "",
    "℠": "",
    "©": "",
    "®": "",
    "´": "'",
    "\u02bc": "'",
}

# Kept although NFKC would rewrite them: clause marks tell Chinese from English, the rest has its own reading.
_KEPT = frozenset("，！？；：（）…°℃℉²³¹⁰⁴⁵⁶⁷⁸⁹⁻½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞△〒")


def drop_surrogates(text: str) -> str:
    """`text` without lone surrogates, so that it can be encoded."""
    return _SURROGATE.sub("", text)


def show_surrogates(text: str) -> str:
    """`text` with every lone surrogate shown as U+FFFD."""
    return _SURROGATE.sub("\ufffd", text)


def drop_uncounted(text: str) -> str:
    """`text` without lone surrogates and control characters other than tab and line feed."""
    return _UNCOUNTED.sub("", text)


def to_nfc(text: str) -> str:
    """NFC in linear time: runs of more than 30 combining marks are normalised in pieces."""
    if text.isascii():
        return text
    return "".join(unicodedata.normalize("NFC", piece) for piece in _stream_safe(text))


def _stream_safe(text: str) -> Iterator[str]:
    start = marks = 0
    for index, character in enumerate(text):
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > _MAX_MARKS_SORTED:
            yield text[start:index]
            start, marks = index, 1
    yield text[start:]


def limit_marks(text: str) -> str:
    """`text` with at most eight combining marks in a row."""
    if text.isascii():
        return text
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MAX_MARKS_SPOKEN:
            kept.append(character)
    return "".join(kept)


def fold(text: str) -> str:
    """NFKC character by character, with exceptions, and without what no voice can say.

    Dropped are control, format, private-use, surrogate and unassigned characters (Cc, Cf, Co, Cs, Cn),
    enclosing marks, variation selectors, emoji and other pictures (So without a letter or digit inside); between
    two ASCII words a space takes a picture's place. Line breaks of every kind become a line feed, other white
    space a space. Full-width clause marks, degree signs, superscripts and fractions stay, because rules read
    them.
    """
    if text.isascii():
        return text.translate(_ASCII)
    text = _SUBSCRIPT_BEFORE_DIGIT.sub(" ", text.replace("\r\n", "\n"))
    text = _LONE_POSTAL_MARK.sub(_PICTURE, text)
    folded = "".join(map(_fold_character, text))
    return _PICTURES.sub("", _PICTURES_BETWEEN_WORDS.sub(" ", folded))


@lru_cache(maxsize=8192)
def _fold_character(character: str) -> str:
    replaced = _REPLACED.get(character)
    if replaced is not None:
        return replaced
    if character in _KEPT or " " <= character <= "~":
        return character
    category = unicodedata.category(character)
    if category[0] == "Z":
        return " "
    if category[0] == "C" or category == "Me" or _is_variation_selector(character):
        return ""
    folded = _compatible(character)
    if category in ("So", "Sk") and not any(map(str.isalnum, folded)):
        return _PICTURE
    return folded


def _compatible(character: str) -> str:
    # NFKC turns Hangul letters on their own into conjoining ones, which no longer stand alone.
    if "\u3131" <= character <= "\u318e":
        return character
    folded = unicodedata.normalize("NFKC", character)
    if len(folded) > _MAX_EXPANSION:
        return character
    if unicodedata.decomposition(character).startswith("<circle>"):
        return f" {folded} "
    return "".join(_REPLACED.get(part, part) for part in folded)


def _is_variation_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


_ASCII = {code: _fold_character(chr(code)) for code in range(128)}
