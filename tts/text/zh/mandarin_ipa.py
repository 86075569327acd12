"""Pinyin syllables in IPA, for voices that were trained on it.

espeak-ng's own IPA of Mandarin writes the first and the fourth tone alike and spells out 熊 and 穷 in English, so it
cannot serve here. Segments follow Lee and Zee, Standard Chinese (Beijing), Journal of the IPA 33, 2003, with apical
vowels as Sinologists write them and the diphthongs as espeak-ng writes them in English; tones are the marks of Zhuyin.
"""

from dataclasses import dataclass
from types import MappingProxyType

from tts.text.zh.pinyin import NEUTRAL, Syllable, Unit, read_mandarin
from tts.text.zh.readings import extend_dictionary

_ER = Syllable("er", NEUTRAL)

TONE_MARKS = MappingProxyType({1: "ˉ", 2: "ˊ", 3: "ˇ", 4: "ˋ", 5: "˙"})

_ONSETS = {
    "zh": "ʈʂ", "ch": "ʈʂʰ", "sh": "ʂ", "b": "p", "p": "pʰ", "m": "m", "f": "f", "d": "t", "t": "tʰ", "n": "n",
    "l": "l", "g": "k", "k": "kʰ", "h": "x", "j": "tɕ", "q": "tɕʰ", "x": "ɕ", "r": "ʐ", "z": "ts", "c": "tsʰ",
    "s": "s", "y": "j", "w": "w", "": "",
}  # fmt: skip
_RIMES = {
    "a": "a", "o": "o", "e": "ɤ", "ê": "ɛ", "ai": "aɪ", "ei": "eɪ", "ao": "aʊ", "ou": "oʊ", "er": "ɚ",
    "i": "i", "ia": "ia", "io": "io", "ie": "iɛ", "iao": "iaʊ", "iu": "ioʊ", "u": "u", "ua": "ua", "uo": "uo",
    "uai": "uaɪ", "ui": "ueɪ", "v": "y", "ve": "yɛ", "an": "an", "en": "ən", "in": "in", "un": "uən", "vn": "yn",
    "ian": "iɛn", "uan": "uan", "van": "yɛn", "ang": "ɑŋ", "eng": "əŋ", "ing": "iŋ", "ong": "ʊŋ", "iang": "iɑŋ",
    "uang": "uɑŋ", "ueng": "uəŋ", "iong": "iʊŋ",
}  # fmt: skip
# Rimes that pinyin spells otherwise after these onsets.
_AFTER_Y = {"e": "ɛ", "an": "ɛn", "u": "y", "uan": "yɛn", "ue": "yɛ", "un": "yn"}
_AFTER_W = {"o": "o", "u": "u"}
_AFTER_PALATAL = {"u": "v", "ue": "ve", "uan": "van", "un": "vn"}
_APICAL = {"zh": "ʅ", "ch": "ʅ", "sh": "ʅ", "r": "ʅ", "z": "ɿ", "c": "ɿ", "s": "ɿ"}
_NASALS = "nŋ"


_MARKS = MappingProxyType(
    {
        **{mark: mark for mark in ".?!"},
        **{mark: f"{mark} " for mark in ",:;"},
        **dict(zip("。？！…", ".?!.", strict=True)),
        **dict(zip("，、—：；", (", ", ", ", ", ", ": ", "; "), strict=True)),
    }
)


@dataclass(frozen=True, slots=True)
class SyllableIpa:
    """A syllable in IPA code points: `onset` (may be empty), `vowels`, `coda` (`n`, `ŋ` or empty) and tone `mark`."""

    onset: str
    vowels: str
    coda: str
    mark: str

    def __str__(self) -> str:
        return self.onset + self.vowels + self.coda + self.mark


def mandarin_phonemes(text: str) -> str:
    """IPA of a Mandarin text: syllables without spaces, each with its tone mark, and `, . ? ! ; :` for either width.

    Every other character is left out, so runs in other languages must be cut out before.
    """
    parts = (
        str(syllable_ipa(unit)) if isinstance(unit, Syllable) else _MARKS.get(unit, "")
        for unit in spoken_units(text)
    )
    return "".join(parts)


def spoken_units(text: str) -> list[Unit]:
    """The syllables of `text` as they are spoken, every other character between them as it is.

    A syllable that 儿 colours is followed by one of its own for it.
    """
    extend_dictionary()
    units: list[Unit] = []
    for unit in read_mandarin(text, sandhi=True):
        if isinstance(unit, Syllable) and unit.erhua:
            units += [Syllable(unit.spelled, unit.tone), _ER]
        else:
            units.append(unit)
    return units


def syllable_ipa(syllable: Syllable) -> SyllableIpa:
    """Raises `ValueError` for letters that are no Mandarin syllable."""
    mark = TONE_MARKS[syllable.tone]
    initial, final = _split(syllable.spelled)
    rime = _rime(initial, final)
    coda = rime[-1] if rime[-1] in _NASALS else ""
    return SyllableIpa(_ONSETS[initial], rime.removesuffix(coda), coda, mark)


def _split(spelled: str) -> tuple[str, str]:
    for length in (2, 1, 0):
        if spelled[:length] in _ONSETS and len(spelled) > length:
            return spelled[:length], spelled[length:]
    raise ValueError(f"{spelled} is no pinyin syllable")


def _rime(initial: str, final: str) -> str:
    if final == "i" and initial in _APICAL:
        return _APICAL[initial]
    if initial == "y" and final in _AFTER_Y:
        return _AFTER_Y[final]
    if initial in ("j", "q", "x"):
        final = _AFTER_PALATAL.get(final, final)
    elif final == "ue":
        final = "ve"
    try:
        return _RIMES[final]
    except KeyError:
        raise ValueError(f"{initial}{final} is no pinyin syllable") from None
