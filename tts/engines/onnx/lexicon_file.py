"""`lexicon.txt` of k2 projects: a word and its tokens on each line, MeloTTS' with as many tones after them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tts.engines.onnx.tokens import TokenTable, lines_of
from tts.voices.problems import VoiceCorrupt

MAX_WORD_CHARACTERS = 20
"""The longest phrases of published lexicons; longer ones would only slow the search down."""

_LATIN_WORD = re.compile(r"[a-z][a-z'’]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Word:
    """The ids of a word's tokens and, where the lexicon has tones, one for each."""

    ids: tuple[int, ...]
    tones: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Pronunciations by word in lower case, and the length of the longest word that begins with a character.

    Lines are kept as text until their word is looked up: all at once they would take several times the memory.
    """

    lines: Mapping[str, str]
    longest: Mapping[str, int]
    tokens: TokenTable
    has_tones: bool = False

    def words(self, text: str) -> Iterator[str]:
        """`text` in lower case cut into words: Latin ones at their ends, all else into the longest phrases that the
        lexicon knows, single characters where it knows none."""
        lowered = text.lower()
        place = 0
        while place < len(lowered):
            latin = _LATIN_WORD.match(lowered, place)
            word = latin[0] if latin else self._phrase(lowered, place)
            yield word
            place += len(word)

    def look_up(self, word: str) -> Word | None:
        """None for a word that is not in the lexicon, or has a token the voice does not know or an odd tone."""
        line = self.lines.get(word)
        if line is None:
            return None
        parts = line.split()
        count = len(parts) // 2 if self.has_tones else len(parts)
        ids = self.tokens.known(parts[:count])
        if len(ids) < count:
            return None
        if not all(tone.isascii() and tone.isdigit() for tone in parts[count:]):
            return None
        return Word(tuple(ids), tuple(map(int, parts[count:])))

    def spell(self, word: str) -> list[Word]:
        """`word`, or its characters one by one where the lexicon does not have it; unknown ones are left out."""
        whole = self.look_up(word)
        if whole is not None:
            return [whole]
        return [found for character in word if (found := self.look_up(character))] if len(word) > 1 else []

    def _phrase(self, text: str, place: int) -> str:
        for length in range(min(self.longest.get(text[place], 1), len(text) - place), 1, -1):
            candidate = text[place : place + length]
            if candidate in self.lines:
                return candidate
        return text[place]


def read_lexicon(paths: Sequence[Path], tokens: TokenTable, *, has_tones: bool = False) -> Lexicon:
    """Of a word that comes twice the first line counts. Raises `VoiceCorrupt` for a line whose tones do not match."""
    lines: dict[str, str] = {}
    longest: dict[str, int] = {}
    for path in paths:
        for number, line in lines_of(path):
            word, _, rest = line.strip().partition(" ")
            if has_tones and not _ends_in_tones(rest):
                raise VoiceCorrupt(f"{path.name}, line {number}: expected as many tones as tokens")
            word = word.lower()
            if rest and word not in lines:
                lines[word] = rest
                longest[word[0]] = max(longest.get(word[0], 1), min(len(word), MAX_WORD_CHARACTERS))
    if not lines:
        raise VoiceCorrupt("the lexicon holds no word")
    return Lexicon(lines, longest, tokens, has_tones)


def _ends_in_tones(rest: str) -> bool:
    return len(rest.split()) % 2 == 0 and rest[-1:].isdigit()
