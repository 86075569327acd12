"""Limits on unbroken text that keep espeak-ng alive.

espeak-ng 1.52.0 aborts the process ("buffer overflow detected") on 160 plain characters, `"s'" * 80`, in
every voice, and on some unbroken words of 1 000 characters; shorter words never did in fuzzing. The limits
hold for every text, normalised or not.
"""

import re

MAX_DIGITS = 32
"""Digits in a row; the rest follows after a space."""

MAX_WORD = 40
"""Characters in a row without white space or East Asian characters and marks; the rest follows a space."""

MAX_APOSTROPHES = 2
"""Apostrophes inside one word (`rock'n'roll`); further ones are dropped."""

_BREAKS = (
    r"\s\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff0f\uff1a-\uff20\U00020000-\U0003ffff"
)
_LONG_DIGITS = re.compile(rf"[0-9]{{{MAX_DIGITS}}}(?=[0-9])")
_LONG_WORD = re.compile(rf"[^{_BREAKS}]{{{MAX_WORD}}}(?=[^{_BREAKS}])")
_WORD = re.compile(rf"[^{_BREAKS}]+")
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc\u02b9\u2032\u055a`]")


def break_digits(text: str) -> str:
    """A space after every 32 digits in a row."""
    return _LONG_DIGITS.sub(r"\g<0> ", text)


def limit_apostrophes(text: str) -> str:
    """No more than two apostrophes in a word."""
    return _WORD.sub(_drop_apostrophes, text)


def break_words(text: str) -> str:
    """A space after every 40 characters of an unbroken word."""
    return _LONG_WORD.sub(r"\g<0> ", text)


def _drop_apostrophes(match: re.Match[str]) -> str:
    word = match[0]
    marks = list(_APOSTROPHES.finditer(word))
    if len(marks) <= MAX_APOSTROPHES:
        return word
    kept = marks[MAX_APOSTROPHES - 1].end()
    return word[:kept] + _APOSTROPHES.sub("", word[kept:])
