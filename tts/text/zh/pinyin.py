"""Mandarin text to syllables in Pinyin, for voices that take syllables instead of IPA.

Readings come from pypinyin, whose dictionary of phrases settles most characters with several; tone sandhi follows
Duanmu, The Phonology of Standard Chinese (2007), chapters 11 and 12.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from tts.text.zh.readings import extend_dictionary

NEUTRAL = 5

INITIALS = (
    *("zh", "ch", "sh"),
    *("b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h"),
    *("j", "q", "x", "r", "z", "c", "s"),
)

# Interjections without a vowel, by the syllable that comes nearest.
_VOWELLESS = {"n": "en", "ng": "en", "m": "mu", "hm": "hen", "hng": "heng", "ê": "ei"}

_READING = re.compile(r"([a-zê]+)([1-5])")

# 一 keeps its first tone inside and at the end of numbers, and where it counts up instead of counting things.
_BEFORE_FIRST = frozenset("第期周十百千万亿点零〇一二三四五六七八九两")
_AFTER_FIRST = frozenset("月号日楼点零〇一二三四五六七八九十")

# 儿 is a syllable of its own after the first group (女儿, 婴儿) and before the second (儿童, 儿子).
_BEFORE_FULL_ER = frozenset("女幼婴孤少男胎患宠健生产育托弃小妻孙侄")
_AFTER_FULL_ER = frozenset("童子女科媳孙歌戏茶麻")


@dataclass(frozen=True, slots=True)
class Syllable:
    """One syllable: `spelled` in ordinary Pinyin with `v` for ü and without tone (`ni`, `lve`, `yuan`), `tone` 1-4
    or `NEUTRAL`. `erhua` where the 儿 after it colours its final instead of following it."""

    spelled: str
    tone: int
    erhua: bool = False

    @property
    def initial(self) -> str:
        """One of `INITIALS`, or empty: y and w are ways to spell a final that begins a syllable."""
        return _strict(self.spelled)[0]

    @property
    def final(self) -> str:
        """The final in full: `iou` for liu, `uei` for hui, `van` for yuan."""
        return _strict(self.spelled)[1]


Unit = Syllable | str
"""A syllable, or a character that is none."""


def read_mandarin(text: str, *, sandhi: bool) -> list[Unit]:
    """The syllables of `text` in order, every other character between them as it is.

    `sandhi` gives the tones that are spoken (ni2 hao3, yi2 ge4); without it every syllable has the tone of its
    dictionary entry, as voices expect that were trained on g2pW's output.
    """
    units = _syllables(text)
    characters = list(text)
    units = _merge_er(units, characters)
    if sandhi:
        spoken = _third_tones(_bu(_yi(units, characters), characters))
    else:
        spoken = [_citation(unit, character) for unit, character in zip(units, characters, strict=True)]
    return [unit for unit in spoken if unit != ""]


def _syllables(text: str) -> list[Unit]:
    """One unit for each character of `text`."""
    # 60 MB of dictionaries that only workers with such a voice should have to hold.
    from pypinyin import Style, lazy_pinyin

    # Before the first reading, since the dictionaries are the process's: a text must always be read alike.
    extend_dictionary()
    units: list[Unit] = []
    for found in lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True):
        if text.startswith(found, len(units)):
            # A stretch without a reading comes back as it is.
            units.extend(found)
        elif syllable := _READING.fullmatch(found):
            units.append(Syllable(_VOWELLESS.get(syllable[1], syllable[1]), int(syllable[2])))
        else:
            # So does a rare character whose reading the dictionary lacks, but with a tone added.
            units.append(text[len(units)])
    return units


def _merge_er(units: Sequence[Unit], characters: Sequence[str]) -> list[Unit]:
    """Units with each 儿 that has no syllable of its own empty, and the syllable before it coloured."""
    merged = list(units)
    for place in range(1, len(merged)):
        before = merged[place - 1]
        if characters[place] != "儿" or not isinstance(before, Syllable) or characters[place - 1] == "儿":
            continue
        follows = characters[place + 1 : place + 2]
        if characters[place - 1] in _BEFORE_FULL_ER or (follows and follows[0] in _AFTER_FULL_ER):
            continue
        merged[place - 1], merged[place] = replace(before, erhua=True), ""
    return merged


def _citation(unit: Unit, character: str) -> Unit:
    """pypinyin's phrases give 一 and 不 the tones they are spoken with."""
    if isinstance(unit, Syllable) and character == "一" and unit.spelled == "yi":
        return replace(unit, tone=1)
    if isinstance(unit, Syllable) and character == "不" and unit.spelled == "bu":
        return replace(unit, tone=4)
    return unit


def _yi(units: Sequence[Unit], characters: Sequence[str]) -> list[Unit]:
    changed = list(units)
    for place, unit in enumerate(units):
        if characters[place] != "一" or not isinstance(unit, Syllable):
            continue
        before = characters[place - 1] if place else ""
        after = characters[place + 1] if place + 1 < len(characters) else ""
        following = units[place + 1] if after else ""
        if before in _BEFORE_FIRST or after in _AFTER_FIRST or not isinstance(following, Syllable):
            tone = 1
        elif before and before == after:
            tone = NEUTRAL
        else:
            tone = 2 if following.tone == 4 or after == "个" else 4
        changed[place] = replace(unit, tone=tone)
    return changed


def _bu(units: Sequence[Unit], characters: Sequence[str]) -> list[Unit]:
    changed = list(units)
    for place, unit in enumerate(units):
        if characters[place] == "不" and isinstance(unit, Syllable):
            following = units[place + 1] if place + 1 < len(units) else ""
            falls = isinstance(following, Syllable) and following.tone == 4
            changed[place] = replace(unit, tone=2 if falls else 4)
    return changed


def _third_tones(units: Sequence[Unit]) -> list[Unit]:
    """Of neighbouring third tones all but the last of each foot rise; feet are pairs, the last may be a triple."""
    changed = list(units)
    start = 0
    while start < len(changed):
        end = start
        while end < len(changed) and _is_low(changed[end]):
            end += 1
        for place in range(start, end - 1):
            ends_foot = (place - start) % 2 == 1 and place + 2 < end
            unit = changed[place]
            if not ends_foot and isinstance(unit, Syllable):
                changed[place] = replace(unit, tone=2)
        start = end + 1
    return changed


def _is_low(unit: Unit) -> bool:
    return isinstance(unit, Syllable) and unit.tone == 3


@lru_cache(maxsize=2048)
def _strict(spelled: str) -> tuple[str, str]:
    from pypinyin.contrib.tone_convert import to_finals, to_initials

    return to_initials(spelled, strict=True), to_finals(spelled, strict=True, v_to_u=False)
