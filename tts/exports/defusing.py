"""Text of strangers in CSV files, which spreadsheets take for formulas.

A program that opens a CSV file decides by the first characters of a cell whether it is a formula (OWASP, "CSV
Injection"). An apostrophe in front makes it text. Programs differ in what they skip before they look, and in which
character they take for the separator: beginnings count after blanks, quotes, marks and invisible characters too, and
so does what follows a semicolon, a tab or a line break inside a cell. `restored` takes exactly those apostrophes away
again.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_BREAKS = "\t\r\n"
"""Where a cell ends for some programs; at its beginning one is as bad as a formula."""

_PLAIN = re.compile(r"[0-9A-Za-z][^;\t\r\n]*")
"""Most text, told without looking at its characters one by one."""

_AFTER_END = re.compile("[;\t\r\n]")
_BLANK_CATEGORIES = frozenset({"Cc", "Cf", "Mn", "Me", "Zs", "Zl", "Zp"})
"""Controls, format characters, marks that go on top of another character, blanks (Unicode Standard, table 4-4)."""

_IGNORABLE = re.compile(
    "[\u115f\u1160\u2065\u3164\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]",
)
"""Default_Ignorable_Code_Point outside of those categories (Unicode Character Database, DerivedCoreProperties.txt)."""

_LOOKS_BLANK = frozenset("\u2800")
"""A braille pattern without dots."""

_QUOTES = frozenset("'\"`\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\uff02\uff07")
_STARTS = frozenset("=+-@\u2212")
"""What begins a formula, and the minus sign that input methods write."""


@lru_cache(maxsize=4096)
def defused(text: str) -> str:
    """`text` as a cell of CSV that no spreadsheet takes for a formula; most is returned as it is."""
    if _PLAIN.fullmatch(text):
        return text
    parts, done = [], 0
    for place in _beginnings(text):
        if _is_dangerous(text, place, at_front=place == 0):
            parts.append(text[done:place])
            done = place
    return "'".join([*parts, text[done:]])


def restored(cell: str) -> str:
    """What `defused` made `cell` of."""
    parts, done = [], 0
    for place in _beginnings(cell):
        if cell[place : place + 1] == "'" and _is_dangerous(cell, place + 1, at_front=place == 0):
            parts.append(cell[done:place])
            done = place + 1
    return "".join([*parts, cell[done:]])


def _beginnings(text: str) -> Iterator[int]:
    """Where a cell begins, for one program or another."""
    yield 0
    for end in _AFTER_END.finditer(text):
        yield end.end()


def _is_dangerous(text: str, place: int, *, at_front: bool) -> bool:
    """Whether what comes at `place`, after whatever is skipped, begins a formula."""
    while place < len(text) and _is_skipped(text[place]):
        place += 1
    first = text[place : place + 1]
    return _starts(first) or (at_front and first != "" and first in _BREAKS)


@lru_cache(maxsize=4096)
def _is_skipped(character: str) -> bool:
    if character in _BREAKS:
        return False
    return (
        unicodedata.category(character) in _BLANK_CATEGORIES
        or character in _QUOTES
        or character in _LOOKS_BLANK
        or _IGNORABLE.match(character) is not None
    )


@lru_cache(maxsize=4096)
def _starts(character: str) -> bool:
    """Full-width, small, raised and lowered forms count as what Unicode (NFKC) makes of them."""
    return unicodedata.normalize("NFKC", character)[:1] in _STARTS
