"""The vocabulary of the training sentences, and the few rules of English they need."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"

_HEADING = re.compile(r"\[(\w+)\]$")
_VOWEL_LETTER = re.compile(r"[aeiou]", re.IGNORECASE)
# The letter and the sound disagree.
_CONSONANT_SOUND = re.compile(r"(uni|us[aeu]|use|eu|one\b|once\b)", re.IGNORECASE)
_VOWEL_SOUND = re.compile(r"(hour|honest|heir)", re.IGNORECASE)
_ARTICLE = re.compile(r"\b([Aa]) (?=(\w+))")

_ONES = (
    *(
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
    ),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = ((1_000_000, "million"), (1_000, "thousand"), (100, "hundred"))


@cache
def vocabulary() -> Mapping[str, Sequence[str]]:
    """Sections of `data/words_en.txt` with their entries in order, each once, with spaces for `_`."""
    sections: dict[str, dict[str, None]] = {}
    entries: dict[str, None] = {}
    for line in (DATA / "words_en.txt").read_text(encoding="utf-8").splitlines():
        if heading := _HEADING.match(line):
            entries = sections.setdefault(heading[1], {})
        elif not line.startswith("#"):
            entries.update(dict.fromkeys(word.replace("_", " ") for word in line.split()))
    return {section: tuple(words) for section, words in sections.items()}


def held_out_sentences() -> list[str]:
    """The 100 test sentences, which no training sentence may resemble."""
    return (DATA / "test_sentences_en.txt").read_text(encoding="utf-8").splitlines()


def plural(noun: str) -> str:
    """The regular plural; irregular nouns come out wrong, and are spoken all the same."""
    if re.search(r"(s|x|z|ch|sh)$", noun):
        return noun + "es"
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    return noun + "s"


def with_articles(sentence: str) -> str:
    """`sentence` with `an` for every `a` that stands before a vowel sound."""
    return _ARTICLE.sub(lambda match: match[1] + ("n " if _sounds_like_vowel(match[2]) else " "), sentence)


def number_words(number: int) -> str:
    """A number from 0 to 999 999 999 in words, American style: `two hundred five`."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        return _TENS[number // 10] + (f" {_ONES[number % 10]}" if number % 10 else "")
    scale, name = next(pair for pair in _SCALES if number >= pair[0])
    rest = f" {number_words(number % scale)}" if number % scale else ""
    return f"{number_words(number // scale)} {name}{rest}"


def digit_words(digits: str) -> str:
    """Digits one by one, with `point` for a full stop."""
    return " ".join("point" if digit == "." else _ONES[int(digit)] for digit in digits)


def _sounds_like_vowel(word: str) -> bool:
    if _VOWEL_LETTER.match(word):
        return not _CONSONANT_SOUND.match(word)
    return bool(_VOWEL_SOUND.match(word))
