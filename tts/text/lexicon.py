"""Pronunciation dictionaries: what is said for certain written forms, whatever the rules would make of them.

Matching looks, wherever a written form may begin, for one of each length that begins with the same character, the
longest first. That is at most a hundred look-ups for each character of the text, however many entries there are.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tts.text.belt import break_digits, break_words, limit_apostrophes
from tts.text.clean import clean, is_speakable
from tts.text.insets import Inset, Insets
from tts.text.language import LANGUAGE_TAG, canonical_language, primary_subtag

MAX_ENTRIES = 5000
MAX_WRITTEN = 100
MAX_SPOKEN = 200
"""Characters of a written form, and of what is said for it."""

ADDED_AT_LEAST = 1000
ADDED_PER_CHARACTER = 2
"""What substitutions may add to one text, in characters: see `max_added`."""

# Letters and digits that a word may go on with. Scripts without spaces between words are left out: there every place
# may be the end of one. Korean is with them, because its particles follow without a space.
_JOINED = re.compile(
    r"(?![\u0e01-\u0edf\u1000-\u109f\u1780-\u17d3\u3005\u3007\u3041-\u318e\u31f0-\u31ff\u3400-\u9fff"
    r"\ua960-\ua97c\uac00-\ud7fb\uf900-\ufaff\U00020000-\U0003ffff])\w"
)

IPA_SYMBOLS = frozenset(
    "abcdefhijklmnopqrstuvwxyz"
    "æçðøħŋœɐɑɒɓɔɕɖɗɘəɚɛɜɝɞɟɠɡɢɣɤɥɦɧɨɪɫɬɭɮɯɰɱɲɳɴɵɶɸɹɺɻɽɾʀʁʂʃʄʈʉʊʋʌʍʎʏʐʑʒʔʕʘʙʛʜʝʟʡʢǀǁǂǃᵻⱱβθχ"
    "ˈˌːˑ˞ʰʲʷˠˤˡⁿ˥˦˧˨˩12345 .|‖-‿͡\u0303\u0324\u0325\u0329\u032a\u032f\u0330\u0334\u0339\u031a\u031c\u031d"
    "\u031e\u031f\u0320\u0327\u0308\u030a\u032c\u033a\u033b"
)
"""Letters, length, stress, tone and the marks of the International Phonetic Alphabet as espeak-ng writes it (Mandarin
tones as digits too), in NFD."""


_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Categories of control characters, surrogates and separators of lines, none of which a database or a line takes."""


def max_added(characters: int) -> int:
    """The characters that substitutions may add to a text of so many; matches beyond stay as written.

    What is said is paid for by what is written and costs a worker's time, so a text may not grow without limit. A few
    entries of any length always fit, and every word may become three of its length.
    """
    return max(ADDED_AT_LEAST, ADDED_PER_CHARACTER * characters)


class Match(StrEnum):
    """`exact`: these characters, wherever they stand. `word`: not inside a longer word."""

    EXACT = "exact"
    WORD = "word"


class Kind(StrEnum):
    """`substitution`: other text, said exactly so. `phonemes`: IPA."""

    SUBSTITUTION = "substitution"
    PHONEMES = "phonemes"


@dataclass(frozen=True, slots=True)
class LexiconEntry:
    """One written form and what is said for it.

    `language` (BCP 47) limits it to text in that language, empty for any. `exact` ones mind case, whatever
    `case_sensitive` says.
    """

    written: str
    spoken: str
    kind: Kind = Kind.SUBSTITUTION
    match: Match = Match.WORD
    case_sensitive: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """An entry as texts are compared with it."""

    written: str
    inset: Inset
    whole_word: bool
    minds_case: bool
    language: str

    def fits(self, text: str, start: int, end: int, language_at: Callable[[int], str]) -> bool:
        if self.minds_case and text[start:end] != self.written:
            return False
        if self.whole_word and not (_ends_word(text, start) and _ends_word(text, end)):
            return False
        return not self.language or primary_subtag(language_at(start)) == self.language


class Lexicon:
    """A version of a dictionary, ready to be applied; immutable and safe to share between threads.

    Entries that `entry_problems` would refuse are left out.
    """

    def __init__(self, version: int, entries: Sequence[LexiconEntry]) -> None:
        self.version = version
        self._candidates: dict[str, list[_Candidate]] = {}
        for candidate in map(_candidate, filter(_is_known, entries)):
            if not candidate.written or not is_speakable(candidate.inset.text):
                continue
            self._candidates.setdefault(_folded(candidate.written), []).append(candidate)
        for candidates in self._candidates.values():
            # Of several that fit, the one that asks for more is meant.
            candidates.sort(key=lambda one: (one.language == "", not one.minds_case))
        self._lengths = _lengths(self._candidates)
        self._starts = re.compile(f"[{re.escape(''.join(self._lengths))}]" if self._lengths else "(?!)")

    def __bool__(self) -> bool:
        return bool(self._candidates)

    def apply(self, text: str, insets: Insets, language_at: Callable[[int], str]) -> str:
        """`text` with an inset for each written form found, from left to right, the longest first.

        They add `max_added` characters at most. `language_at` tells the language (BCP 47) of the text at an index; it
        is only asked for entries that have one.
        """
        folded = _folded(text)
        parts: list[str] = []
        done, added, most = 0, 0, max_added(len(text))
        start = self._starts.search(folded)
        while start is not None:
            found = self._longest(text, folded, start.start(), language_at)
            at = start.start() + 1
            if found is not None:
                end, inset = found
                growth = len(inset.text) - (end - start.start())
                if added + growth <= most:
                    added += growth
                    parts += (text[done : start.start()], insets.add(inset))
                    done = at = end
            start = self._starts.search(folded, at)
        return "".join(parts) + text[done:]

    def _longest(
        self, text: str, folded: str, start: int, language_at: Callable[[int], str]
    ) -> tuple[int, Inset] | None:
        for length in self._lengths[folded[start]]:
            end = start + length
            if end > len(text):
                continue
            for candidate in self._candidates.get(folded[start:end], ()):
                if candidate.fits(text, start, end, language_at):
                    return end, candidate.inset
        return None


class EntryProblem(StrEnum):
    """What is wrong with a field of an entry."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    LINE_BREAK = "line_break"
    CONTROL_CHARACTER = "control_character"
    UNSPEAKABLE = "unspeakable"
    UNKNOWN_SYMBOL = "unknown_symbol"
    UNKNOWN_LANGUAGE = "unknown_language"


def entry_problems(entry: LexiconEntry) -> dict[str, EntryProblem]:
    """What is wrong with an entry, by the name of the field; empty for one that can be used."""
    problems = _written_problems(entry) | _spoken_problems(entry)
    if entry.language and not LANGUAGE_TAG.fullmatch(entry.language):
        problems["language"] = EntryProblem.UNKNOWN_LANGUAGE
    return problems


def unknown_symbols(phonemes: str) -> list[str]:
    """The characters that are no IPA symbol known here, in NFD, sorted."""
    return sorted(set(_phonemes(phonemes)) - IPA_SYMBOLS)


def _written_problems(entry: LexiconEntry) -> dict[str, EntryProblem]:
    written = clean(entry.written)
    if not written:
        return {"written": EntryProblem.EMPTY}
    if len(entry.written) > MAX_WRITTEN or len(written) > MAX_WRITTEN:
        return {"written": EntryProblem.TOO_LONG}
    if "\n" in written:
        return {"written": EntryProblem.LINE_BREAK}
    if entry.kind is Kind.PHONEMES and not is_speakable(written):
        # Voices that take no IPA read the written form.
        return {"written": EntryProblem.UNSPEAKABLE}
    return {}


def _spoken_problems(entry: LexiconEntry) -> dict[str, EntryProblem]:
    if len(entry.spoken) > MAX_SPOKEN:
        return {"spoken": EntryProblem.TOO_LONG}
    if any(unicodedata.category(character) in _UNPRINTABLE for character in entry.spoken.strip()):
        return {"spoken": EntryProblem.CONTROL_CHARACTER}
    if entry.kind is Kind.PHONEMES and unknown_symbols(entry.spoken):
        return {"spoken": EntryProblem.UNKNOWN_SYMBOL}
    if entry.kind is Kind.PHONEMES:
        has_sound = any(unicodedata.category(symbol) in ("Ll", "Lo") for symbol in entry.spoken)
    else:
        has_sound = is_speakable(clean(entry.spoken))
    return {} if has_sound else {"spoken": EntryProblem.UNSPEAKABLE}


def _is_known(entry: LexiconEntry) -> bool:
    """Whether a voice can be given it: symbols of no IPA may be commands of a synthesizer."""
    return entry.kind is not Kind.PHONEMES or not unknown_symbols(entry.spoken)


def _candidate(entry: LexiconEntry) -> _Candidate:
    written = clean(entry.written)
    return _Candidate(
        written,
        _inset(entry, written),
        whole_word=entry.match is Match.WORD,
        minds_case=entry.match is Match.EXACT or entry.case_sensitive,
        language=primary_subtag(canonical_language(entry.language)) if entry.language else "",
    )


def _lengths(forms: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """The lengths of the forms that begin with each character, the longest first."""
    found: dict[str, set[int]] = {}
    for form in forms:
        found.setdefault(form[0], set()).add(len(form))
    return {first: tuple(sorted(lengths, reverse=True)) for first, lengths in found.items()}


def _inset(entry: LexiconEntry, written: str) -> Inset:
    if entry.kind is Kind.PHONEMES:
        return Inset(_belted(written), _phonemes(entry.spoken), entry.language)
    return Inset(_belted(clean(entry.spoken)))


def _phonemes(text: str) -> str:
    """`text` in NFD without the slashes or brackets that IPA is commonly put between."""
    text = text.strip()
    if len(text) > 1 and text[0] + text[-1] in ("//", "[]"):
        text = text[1:-1]
    return " ".join(unicodedata.normalize("NFD", text).split())


def _belted(text: str) -> str:
    return break_words(break_digits(limit_apostrophes(" ".join(text.split()))))


def _folded(text: str) -> str:
    """`text` in lower case, except for characters that would become several."""
    return text.lower() if text.isascii() else "".join(map(_lower, text))


def _lower(character: str) -> str:
    lower = character.lower()
    return lower if len(lower) == 1 else character


def _ends_word(text: str, index: int) -> bool:
    """Whether no word of `text` goes on across `index`."""
    if not 0 < index < len(text) or not _JOINED.match(text, index - 1):
        return True
    return not (_JOINED.match(text, index) or unicodedata.combining(text[index]))
