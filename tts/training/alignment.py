"""Gives the times of a teacher's phones to the espeak-ng phonemes of the same sentence.

The two front ends agree on most sounds but not on all (`the` before a vowel, flaps, syllabic consonants), so both
rows are aligned by dynamic programming (Needleman and Wunsch, A general method applicable to the search for
similarities, 1970): the same sound costs nothing, a related one a little, and leaving one out its weight.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray

from tts.training.teachers import SILENCE, Phone

MAX_COST_PER_PHONE = 0.16
"""Sentences that align worse are spoken differently by the two front ends, and teach nothing good."""

_NEVER = 9.0
_LOST_PHONE = 0.8
_LOST_SOUND = 0.8
_LOST_PAUSE = 0.1

_MARKS = frozenset(",.?!;:^")
_SILENT = frozenset("ˈˌː")
_EDGES = {" ": 0.35, "$": 0.2}
"""Places where a pause is possible but less likely than at a mark."""

# IPA as espeak-ng writes it: the CMU phones it may be, likeliest first. A pair of phones is joined by `+`.
_SOUNDS: dict[str, tuple[str, ...]] = {
    sound: tuple(phones.split())
    for sound, phones in {
        "æ": "ae ah eh",
        "a": "aa ae ah",
        "ɑː": "aa ao",
        "ɑ": "aa ao",
        "ɐ": "ax ah ey ae",
        "ə": "ax ah ih er eh",
        "ɚ": "er ax+r ah+r",
        "ɜː": "er ah+r",
        "ɜ": "er",
        "ʌ": "ah ax aa",
        "ɔ": "ao aa ow",
        "ɔː": "ao aa ow",
        "oː": "ao ow uh",
        "o": "ow ao",
        "oʊ": "ow ao",
        "ɛ": "eh ae ih",
        "e": "eh ey",
        "eɪ": "ey eh",
        "ɪ": "ih ax iy eh",
        "ᵻ": "ih ax iy",
        "i": "iy ih",
        "iː": "iy ih",
        "iə": "iy+ax iy+ah y+ax",
        "ʊ": "uh uw ax ao",
        "u": "uw",
        "uː": "uw uh",
        "aɪ": "ay",
        "aʊ": "aw",
        "ɔɪ": "oy",
        "aɪə": "ay+ax ay+er",
        "aɪɚ": "ay+er",
        "p": "p",
        "b": "b",
        "t": "t d",
        "d": "d t",
        "k": "k",
        "ɡ": "g",
        "tʃ": "ch t+sh t+y",
        "dʒ": "jh d+zh d+y",
        "f": "f",
        "v": "v f",
        "θ": "th dh",
        "ð": "dh th",
        "s": "s z",
        "z": "z s",
        "ʃ": "sh zh",
        "ʒ": "zh sh jh",
        "h": "hh",
        "m": "m",
        "n": "n ng",
        "n̩": "ax+n ih+n ah+n en n",
        "ŋ": "ng n",
        "l": "l",
        "l̩": "ax+l el l",
        "ɹ": "r er",
        "r": "r",
        "j": "y",
        "w": "w hh+w",
        "ɾ": "t d",
        "ʔ": "t",
        "x": "k hh",
        "ɡʒ": "g+zh",
    }.items()
}
_LONGEST_SOUND = 3
_VOWELS = frozenset(
    ("aa", "ae", "ah", "ao", "aw", "ax", "ay", "eh", "er", "ey", "ih", "iy", "ow", "oy", "uh", "uw")
)
_RANKED_COST = 0.06
_LIKE_VOWEL_COST = 0.4
_LIKE_CONSONANT_COST = 1.1
_UNLIKE_COST = 2.0


class _Step(IntEnum):
    """Takes so many phones for one sound; LOST_PHONE takes one for none."""

    LOST_SOUND = 0
    ONE = 1
    TWO = 2
    LOST_PHONE = 3


@dataclass(frozen=True, slots=True)
class Sound:
    """`length` symbols from `start` on that are spoken as one: a diphthong, an affricate, a long vowel."""

    name: str
    start: int
    length: int


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """`ends` (T,) says when each symbol ends, in seconds and never falling; `cost` is per phone of the teacher."""

    ends: NDArray[np.float64]
    cost: float

    @property
    def good(self) -> bool:
        return self.cost <= MAX_COST_PER_PHONE


def align(symbols: Sequence[str], phones: Sequence[Phone]) -> Alignment:
    """Share out the time of `phones` (at least one) among `symbols`, which run from `^` to `$`.

    Stress and length marks get no time of their own, spaces only where the teacher pauses.
    """
    sounds = list(_sounds(symbols))
    owners, cost = _owners(sounds, [phone.name for phone in phones])
    lengths = np.zeros(len(symbols))
    start = 0.0
    for phone, owner in zip(phones, owners, strict=True):
        _share(lengths, symbols, sounds[owner], phone.end - start)
        start = phone.end
    return Alignment(np.cumsum(lengths), cost / len(phones))


def _sounds(symbols: Sequence[str]) -> Iterator[Sound]:
    place = 0
    while place < len(symbols):
        length = next(
            (n for n in range(_LONGEST_SOUND, 1, -1) if "".join(symbols[place : place + n]) in _SOUNDS), 1
        )
        length = min(length, len(symbols) - place)
        yield Sound("".join(symbols[place : place + length]), place, length)
        place += length


def _share(lengths: NDArray[np.float64], symbols: Sequence[str], sound: Sound, seconds: float) -> None:
    places = [
        place
        for place in range(sound.start, sound.start + sound.length)
        if symbols[place] not in _SILENT and symbols[place] != "\u0329"
    ] or [sound.start]
    lengths[places] += seconds / len(places)


def _owners(sounds: Sequence[Sound], names: Sequence[str]) -> tuple[list[int], float]:
    """For every phone the index of its sound, and the cost of it all. A lost phone goes to the sound before it."""
    costs = [_LOST_PHONE * column for column in range(len(names) + 1)]
    steps = [[_Step.LOST_PHONE] * (len(names) + 1)]
    for sound in sounds:
        costs, row_steps = _row(costs, sound.name, names)
        steps.append(row_steps)
    return _walk_back(steps, len(names)), costs[-1]


def _row(above: Sequence[float], sound: str, names: Sequence[str]) -> tuple[list[float], list[_Step]]:
    """The table's next row: for every number of phones, the least cost once `sound` is spoken, and the last step."""
    lost = _cost_of_losing(sound)
    costs, steps = [above[0] + lost], [_Step.LOST_SOUND]
    for column, name in enumerate(names, start=1):
        cost, step = above[column - 1] + _cost(sound, name), _Step.ONE
        if column > 1:
            pair = above[column - 2] + _cost(sound, f"{names[column - 2]}+{name}")
            if pair < cost:
                cost, step = pair, _Step.TWO
        if above[column] + lost < cost:
            cost, step = above[column] + lost, _Step.LOST_SOUND
        if costs[-1] + _LOST_PHONE < cost:
            cost, step = costs[-1] + _LOST_PHONE, _Step.LOST_PHONE
        costs.append(cost)
        steps.append(step)
    return costs, steps


def _walk_back(steps: Sequence[Sequence[_Step]], phones: int) -> list[int]:
    owners = [0] * phones
    row, column = len(steps) - 1, phones
    while row or column:
        step = steps[row][column]
        if step is _Step.LOST_PHONE:
            column -= 1
            owners[column] = max(row - 1, 0)
            continue
        for _ in range(step):
            column -= 1
            owners[column] = row - 1
        row -= 1
    return owners


@cache
def _cost(sound: str, phone: str) -> float:
    if phone == SILENCE:
        return 0.0 if sound in _MARKS else _EDGES.get(sound, _NEVER)
    known = _SOUNDS.get(sound)
    if known is None:
        return _NEVER
    if phone in known:
        return known.index(phone) * _RANKED_COST if "+" not in phone else 0.0
    if "+" in phone:
        return _NEVER
    vowel, vowel_meant = phone in _VOWELS, not _VOWELS.isdisjoint(known)
    if vowel != vowel_meant:
        return _UNLIKE_COST
    return _LIKE_VOWEL_COST if vowel else _LIKE_CONSONANT_COST


@cache
def _cost_of_losing(sound: str) -> float:
    if sound in _MARKS:
        return _LOST_PAUSE
    return _LOST_SOUND if sound in _SOUNDS else 0.0
