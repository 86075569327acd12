"""English sentences to learn from, made from the project's own patterns and words, the same for the same seed.

A pattern names sections of the vocabulary. Every section is dealt like a pack of cards, so that rare words turn up
as often as common ones and all of them before any twice.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise

import numpy as np

from tts.training.word_lists import (
    DATA,
    digit_words,
    held_out_sentences,
    number_words,
    plural,
    vocabulary,
    with_articles,
)

SHARED_WORDS = 4
"""A training sentence with this many words in a row of a test sentence is dropped."""

SHARES: Mapping[str, float] = {
    "statement": 0.30,
    "question": 0.14,
    "technical": 0.13,
    "mixture": 0.09,
    "numbers": 0.08,
    "phrase": 0.08,
    "exclamation": 0.06,
    "list": 0.04,
    "word": 0.04,
    "letters": 0.02,
    "compound": 0.02,
}
"""Parts of the sentences by section of `data/templates_en.txt`."""

_SLOT = re.compile(r"\{(\w+)(?:\.(\w))?\}")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_HOURS = 12
_UNMARKED_SHARE = 0.08


class _Deck:
    """Deals entries in a random order, and again in another once all are dealt."""

    def __init__(self, entries: Sequence[str], random: np.random.Generator) -> None:
        self._entries = entries
        self._random = random
        self._rest: list[str] = []

    def deal(self) -> str:
        if not self._rest:
            self._rest = [self._entries[index] for index in self._random.permutation(len(self._entries))]
        return self._rest.pop()


class SentenceMaker:
    """Fills patterns with words. The same seed makes the same sentences."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._words = {section: _Deck(words, self._random) for section, words in vocabulary().items()}
        self._patterns = {section: _Deck(lines, self._random) for section, lines in _patterns().items()}
        self._numbers: Mapping[str, Callable[[], str]] = {
            "count": lambda: number_words(self._integer(2, 99)),
            "amount": self._amount,
            "letters": self._letters,
            "clock": self._clock,
            "year": self._year,
            "digits": self._digits,
        }

    def sentence(self) -> str:
        """One sentence of a kind drawn by `SHARES`; a few end without a mark, as titles and labels do."""
        kinds = list(SHARES)
        kind = kinds[int(self._random.choice(len(kinds), p=np.array(list(SHARES.values()))))]
        text = _SLOT.sub(self._fill, self._patterns[kind].deal())
        text = with_articles(text[0].upper() + text[1:])
        if self._random.random() < _UNMARKED_SHARE:
            text = text.rstrip(".")
        return text

    def _fill(self, slot: re.Match[str]) -> str:
        section, form = slot[1], slot[2]
        if section in self._numbers:
            return self._numbers[section]()
        word = self._words[section].deal()
        if form is None:
            return word
        return plural(word) if form == "s" else word.split("/")[int(form)]

    def _integer(self, least: int, most: int) -> int:
        return int(self._random.integers(least, most + 1))

    def _amount(self) -> str:
        digits = self._integer(1, 6)
        number = self._integer(10 ** (digits - 1), 10**digits - 1)
        # Round numbers are what people say most.
        return number_words(number if self._random.random() < 0.5 else number - number % 10 ** (digits - 1))

    def _letters(self) -> str:
        return " ".join(_LETTERS[self._integer(0, 25)] for _ in range(self._integer(2, 4)))

    def _clock(self) -> str:
        hour = number_words(self._integer(1, _HOURS))
        minute = self._integer(1, 59)
        forms = (
            f"{hour} o'clock",
            f"half past {hour}",
            f"a quarter to {hour}",
            f"{hour} {number_words(minute) if minute > 9 else f'oh {number_words(minute)}'}",
            f"{hour} in the {('morning', 'evening', 'afternoon')[minute % 3]}",
        )
        return forms[self._integer(0, len(forms) - 1)]

    def _year(self) -> str:
        rest = self._integer(10, 99)
        return f"{number_words(self._integer(15, 20))} {number_words(rest)}"

    def _digits(self) -> str:
        whole = str(self._integer(0, 99_999))
        fraction = f".{self._integer(0, 99)}" if self._random.random() < 0.4 else ""
        return digit_words(whole + fraction)


def training_sentences(seed: int, count: int) -> list[str]:
    """`count` different sentences, none of which shares `SHARED_WORDS` words in a row with a test sentence.

    A longer list from the same seed begins with the shorter one.
    """
    maker = SentenceMaker(seed)
    reserved = {gram for sentence in held_out_sentences() for gram in word_grams(sentence)}
    made: dict[str, None] = {}
    while len(made) < count:
        text = maker.sentence()
        if not reserved.intersection(word_grams(text)):
            made[text] = None
    return list(made)


def word_grams(sentence: str) -> Iterator[tuple[str, ...]]:
    """Every run of `SHARED_WORDS` words, in lower case and without marks."""
    words = re.findall(r"[a-z']+", sentence.casefold())
    for start in range(len(words) - SHARED_WORDS + 1):
        yield tuple(words[start : start + SHARED_WORDS])


def random_words(seed: int, count: int) -> list[str]:
    """`count` words drawn evenly from the whole vocabulary, to measure coverage against."""
    words = sorted(
        {form for entries in vocabulary().values() for word in entries for form in word.split("/")}
    )
    return [words[index] for index in np.random.default_rng(seed).integers(0, len(words), count)]


def pair_coverage(
    sentences: Iterable[Sequence[str]], reference: Iterable[Sequence[str]]
) -> tuple[float, float]:
    """Share of the pairs of neighboring symbols in `reference` that occur in `sentences`.

    Both are rows of phonemes. Returns the share of different pairs and the share of all occurrences.
    """
    known = set(_pairs(sentences))
    wanted = list(_pairs(reference))
    different = set(wanted)
    return len(different & known) / len(different), sum(pair in known for pair in wanted) / len(wanted)


def _pairs(rows: Iterable[Sequence[str]]) -> Iterator[tuple[str, str]]:
    for row in rows:
        yield from pairwise(row)


@cache
def _patterns() -> Mapping[str, Sequence[str]]:
    sections: dict[str, list[str]] = {}
    for line in (DATA / "templates_en.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            sections[line.strip("[]")] = lines = []
        elif line and not line.startswith("#"):
            lines.append(line)
    return sections
