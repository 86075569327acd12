"""Which phones of espeak-ng belong to which Mandarin syllable, and the symbols and tones of a sentence in frames."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tts.text.zh.mandarin_ipa import SyllableIpa, syllable_ipa
from tts.text.zh.pinyin import Syllable
from tts.training.espeak_timing import Phone, TimingError
from tts.training.frames import TAIL_FRAMES
from tts.training.sentences_zh import MandarinSentence, Word, spelled
from tts.training.tone_contour import TimedTone
from tts.training.utterance import HOP

_VOWELS = frozenset("AaoeiuyE@&")
_ESPEAK_IONG = {"j": "tS;j", "q": "tS;hj", "x": "S;j"}
_ESPEAK_TONES = {1: "55", 2: "35", 3: "214", 4: "51", 5: "11"}
_ONSET_SHARES = {1: (1.0,), 2: (0.45, 0.55), 3: (0.3, 0.4, 0.3)}
_RISING_SHARES = {2: (0.35, 0.65), 3: (0.25, 0.4, 0.35)}
_FALLING_SHARES = (0.55, 0.45)


@dataclass(frozen=True, slots=True)
class TimedSyllable:
    """Where a syllable's parts begin and end, in samples: onset from `start`, then vowels, coda, `end`."""

    start: int
    vowels: int
    coda: int
    end: int


def espeak_text(sentence: MandarinSentence) -> str:
    """What makes espeak-ng say the sentence's syllables: pinyin with tone numbers, words apart."""
    return " ".join(
        " ".join(_espeak_word(word) for word in phrase.words) + phrase.mark for phrase in sentence.phrases
    )


def _espeak_word(word: Word) -> str:
    return "".join(_espeak_syllable(syllable) for syllable in word.syllables).strip()


def _espeak_syllable(syllable: Syllable) -> str:
    # espeak-ng 1.52 has no rule for these and spells them in English.
    if syllable.spelled.endswith("iong"):
        return f" [[{_ESPEAK_IONG[syllable.spelled[0]]}'ong{_ESPEAK_TONES[syllable.tone]}]] "
    return spelled(syllable)


def align(syllables: Sequence[Syllable], phones: Sequence[Phone]) -> list[TimedSyllable]:
    """The phones of each syllable. Raises `TimingError` when espeak-ng said something else."""
    spoken = _Spoken([phone for phone in phones if not phone.name.startswith("_") and phone.name])
    timed = []
    for syllable in syllables:
        ipa = syllable_ipa(syllable)
        first = spoken.take()
        start = first.start
        if _is_vowel(first):
            vowels = start
            last = first
        else:
            last = spoken.take()
            # A glide that espeak-ng counts apart belongs to the rime.
            vowels = last.start if ipa.onset else start
            while not _is_vowel(last):
                last = spoken.take()
        coda = last.end
        if ipa.coda and "ong" not in last.name:
            last = spoken.take(("n", "N"))
            coda = last.start
        elif ipa.coda:
            coda = last.start + round(0.6 * (last.end - last.start))
        timed.append(TimedSyllable(start, vowels, coda, last.end))
    if spoken.left():
        raise TimingError("espeak-ng said more phones than the syllables have")
    return timed


class _Spoken:
    def __init__(self, phones: Sequence[Phone]) -> None:
        self._phones = phones
        self._place = 0

    def take(self, expected: tuple[str, ...] = ()) -> Phone:
        if not self.left() or (expected and self._phones[self._place].name not in expected):
            raise TimingError("espeak-ng left out a phone")
        self._place += 1
        return self._phones[self._place - 1]

    def left(self) -> bool:
        return self._place < len(self._phones)


def _is_vowel(phone: Phone) -> bool:
    return phone.name.lstrip("',%=")[:1] in _VOWELS


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """Symbols with the frame at which each ends, and tones on the same frames."""

    symbols: tuple[str, ...]
    ends: NDArray[np.int64]
    tones: tuple[TimedTone, ...]


def timeline(sentence: MandarinSentence, timed: Sequence[TimedSyllable], offset: int) -> Timeline:
    """Frames count from `offset` samples before the first. A tone mark has none of its own, nor has a space."""
    symbols: list[str] = ["^"]
    ends: list[int] = [timed[0].start + offset]
    tones: list[TimedTone] = []
    following = [*(syllable.start for syllable in timed[1:]), timed[-1].end + TAIL_FRAMES * HOP]
    index = 0
    for phrase in sentence.phrases:
        for place, syllable in enumerate(phrase.syllables):
            ipa, times = syllable_ipa(syllable), timed[index]
            closes = phrase.mark if place == len(phrase.syllables) - 1 else ""
            end = times.end if closes else following[index]
            _append_syllable(symbols, ends, ipa, times, end, offset)
            start, rime, stop = (_frame(sample, offset) for sample in (times.start, times.vowels, times.end))
            tones.append(TimedTone(syllable.tone, start, rime, stop, closes))
            index += 1
        symbols.append(phrase.mark)
        ends.append(following[index - 1] + offset)
        if phrase.mark in ",;:" and phrase is not sentence.phrases[-1]:
            symbols.append(" ")
            ends.append(ends[-1])
    symbols.append("$")
    ends.append(ends[-1])
    frames = np.array([_frame(end, 0) for end in ends])
    return Timeline(tuple(symbols), frames, tuple(tones))


def _append_syllable(
    symbols: list[str], ends: list[int], ipa: SyllableIpa, times: TimedSyllable, end: int, offset: int
) -> None:
    parts = (
        (ipa.onset, times.start, times.vowels),
        (ipa.vowels, times.vowels, times.coda if ipa.coda else end),
        (ipa.coda, times.coda, end),
    )
    for part, (text, start, finish) in enumerate(parts):
        if text:
            shares = _shares(text, vowels=part == 1)
            symbols.extend(text)
            ends.extend(offset + start + round(share * (finish - start)) for share in np.cumsum(shares))
    symbols.append(ipa.mark)
    ends.append(ends[-1])


def _shares(text: str, *, vowels: bool) -> tuple[float, ...]:
    if not vowels or len(text) == 1:
        return _ONSET_SHARES[len(text)]
    if len(text) == 2 and text[0] in "aeo" and text[1] in "ɪʊ":
        return _FALLING_SHARES
    return _RISING_SHARES[len(text)]


def _frame(sample: int, offset: int) -> int:
    return round((sample + offset) / HOP)
