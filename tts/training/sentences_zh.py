"""Mandarin sentences to train on: real ones from templates, and made-up words that cover the syllables.

    python -m tts.training.sentences_zh [--seed 7]

prints how often syllables occur. Words, templates and test sentences are the project's own (`data/zh_*.txt`,
`data/test_sentences_zh.txt`); the list of syllables comes from pypinyin's readings of the 3 755 characters of GB 2312
level 1.
"""

import argparse
import random
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from pypinyin import Style, pinyin

from tts.text.zh.mandarin_ipa import spoken_units
from tts.text.zh.pinyin import NEUTRAL, Syllable

DATA = Path(__file__).parent / "data"
MARKS = ",.?!;:"

TEMPLATE_SENTENCES = 1500
LEAST_PER_SYLLABLE = 4
SHARED_CHARACTERS = 4
"""A training sentence may not share as many characters in a row with a test sentence."""

_SLOT = re.compile(r"\{(\w+)\}")
_NEUTRAL = "de le ma ne ba a ya zi tou men ge zhe guo me shang li bian mian dao shi hou you fu"


@dataclass(frozen=True, slots=True)
class Word:
    """One or more syllables that are spoken together, and their spelling (characters, or pinyin if made up)."""

    text: str
    syllables: tuple[Syllable, ...]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words up to a punctuation mark, one of `MARKS`."""

    words: tuple[Word, ...]
    mark: str

    @property
    def syllables(self) -> list[Syllable]:
        return [syllable for word in self.words for syllable in word.syllables]


@dataclass(frozen=True, slots=True)
class MandarinSentence:
    phrases: tuple[Phrase, ...]

    @property
    def text(self) -> str:
        return " ".join("".join(word.text for word in phrase.words) + phrase.mark for phrase in self.phrases)

    @property
    def syllables(self) -> list[Syllable]:
        return [syllable for phrase in self.phrases for syllable in phrase.syllables]


def training_sentences(seed: int = 7) -> list[MandarinSentence]:
    """Some 2 500 sentences, the same for the same seed, in an order that mixes both kinds."""
    chance = random.Random(seed)  # noqa: S311 - not a secret
    real = [read_sentence(tokens) for tokens in _template_sentences(chance)]
    sentences = [*real, *_made_up_sentences(chance)]
    chance.shuffle(sentences)
    return sentences


def read_sentence(tokens: Sequence[str]) -> MandarinSentence:
    """A sentence from words and marks. Sandhi crosses words, since the platform reads texts without word breaks."""
    phrases: list[Phrase] = []
    words: list[str] = []
    for token in [*tokens, "."]:
        if token not in MARKS:
            words.append(token)
        elif words:
            phrases.append(_read_phrase(words, token))
            words = []
    return MandarinSentence(tuple(phrases))


def split_words(text: str) -> list[str]:
    """Stretches of characters and single marks of a text without word breaks."""
    return re.findall(rf"[{re.escape(MARKS)}]|[^{re.escape(MARKS)}\s]+", text)


def syllable_inventory() -> list[Syllable]:
    """Every syllable with every tone that a common character has."""
    found = {
        Syllable(reading[:-1].replace("ü", "v"), int(reading[-1]))
        for character in _common_characters()
        for readings in pinyin(
            character, style=Style.TONE3, heteronym=True, neutral_tone_with_five=True, errors="ignore"
        )
        for reading in readings
        if len(reading) > 2 or reading[0] in "aeo"
    }
    real = (syllable for syllable in found if syllable.tone != NEUTRAL and "ê" not in syllable.spelled)
    return sorted(real, key=spelled)


def spelled(syllable: Syllable) -> str:
    """Pinyin with a tone number: `lv4`."""
    return f"{syllable.spelled}{syllable.tone}"


def coverage(sentences: Iterable[MandarinSentence]) -> Counter[str]:
    """How often each syllable with its tone occurs."""
    return Counter(spelled(syllable) for sentence in sentences for syllable in sentence.syllables)


def test_sentences() -> list[str]:
    return _lines(DATA / "test_sentences_zh.txt")


def _read_phrase(words: Sequence[str], mark: str) -> Phrase:
    syllables = [unit for unit in spoken_units("".join(words)) if isinstance(unit, Syllable)]
    if len(syllables) != sum(map(len, words)):
        raise ValueError("a word is not all syllables of one character each")
    rest = iter(syllables)
    return Phrase(tuple(Word(word, tuple(next(rest) for _ in word)) for word in words), mark)


def _template_sentences(chance: random.Random) -> Iterator[list[str]]:
    templates, vocabulary = _lines(DATA / "zh_templates.txt"), _vocabulary()
    seen: set[str] = set()
    yield from ([word] for word in vocabulary["name"] + vocabulary["idiom"])
    while len(seen) < TEMPLATE_SENTENCES:
        template = (
            templates[len(seen) % len(templates)] if chance.random() < 0.5 else chance.choice(templates)
        )
        tokens = _SLOT.sub(lambda slot: chance.choice(vocabulary[slot[1]]), template).split()
        text = "".join(tokens)
        if text in seen:
            continue
        seen.add(text)
        if not _shares_with_tests(text):
            yield tokens


def _made_up_sentences(chance: random.Random) -> Iterator[MandarinSentence]:
    syllables = syllable_inventory() * LEAST_PER_SYLLABLE
    syllables += [Syllable(base, NEUTRAL) for base in _NEUTRAL.split()] * 8
    chance.shuffle(syllables)
    while syllables:
        phrases = []
        for _ in range(chance.choice((1, 1, 1, 2, 2, 3))):
            length = chance.randint(2, 8)
            taken, syllables = syllables[:length], syllables[length:]
            if taken:
                phrases.append(_made_up_phrase(taken, chance))
        phrases[-1] = replace(phrases[-1], mark=chance.choice("....?!"))
        yield MandarinSentence(tuple(phrases))


def _made_up_phrase(syllables: list[Syllable], chance: random.Random) -> Phrase:
    # No word begins with a neutral tone: it leans on what comes before it.
    ordered = sorted(syllables, key=lambda syllable: syllable.tone == NEUTRAL)[:1]
    rest = [syllable for syllable in syllables if syllable is not ordered[0]]
    spoken = _rising_before_low([*ordered, *rest])
    words: list[Word] = []
    while spoken:
        length = chance.choice((1, 2, 2, 2, 3))
        part, spoken = spoken[:length], spoken[length:]
        words.append(Word("".join(map(spelled, part)), tuple(part)))
    return Phrase(tuple(words), chance.choice(",,,;:"))


def _rising_before_low(syllables: Sequence[Syllable]) -> list[Syllable]:
    following = [*(syllable.tone for syllable in syllables[1:]), 0]
    return [
        replace(syllable, tone=2) if syllable.tone == after == 3 else syllable
        for syllable, after in zip(syllables, following, strict=True)
    ]


def _shares_with_tests(text: str) -> bool:
    return not _parts(text).isdisjoint(_test_parts())


@cache
def _test_parts() -> frozenset[str]:
    return frozenset(part for sentence in test_sentences() for part in _parts(sentence))


def _parts(text: str) -> set[str]:
    letters = "".join(character for character in text if character.isalpha())
    return {
        letters[place : place + SHARED_CHARACTERS] for place in range(len(letters) - SHARED_CHARACTERS + 1)
    }


def _vocabulary() -> dict[str, list[str]]:
    entries = (line.split(":", 1) for line in _lines(DATA / "zh_words.txt"))
    return {kind: words.split() for kind, words in entries}


def _common_characters() -> Iterator[str]:
    for first in range(0xB0, 0xD8):
        for second in range(0xA1, 0xFF):
            yield bytes((first, second)).decode("gb2312", errors="ignore")


def _lines(path: Path) -> list[str]:
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="sentences_zh", description="Coverage of the Mandarin sentences.")
    parser.add_argument("--seed", type=int, default=7)
    sentences = training_sentences(parser.parse_args(arguments).seed)
    counts = coverage(sentences)
    wanted = [spelled(syllable) for syllable in syllable_inventory()]
    rare = sorted(counts[syllable] for syllable in wanted)
    marks = Counter(phrase.mark for sentence in sentences for phrase in sentence.phrases)
    sys.stdout.write(
        f"{len(sentences)} sentences, {sum(counts.values())} syllables; {len(wanted)} syllables with tone, "
        f"{sum(count > 0 for count in rare)} occur, the rarest {rare[0]} times, the median {rare[len(rare) // 2]}; "
        f"marks {dict(marks)}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
