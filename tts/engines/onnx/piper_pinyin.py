"""Mandarin text to the phonemes of Piper voices of the type `pinyin`: initial, final and tone of each syllable.

Method of piper1-gpl's Chinese phonemizer, with pypinyin in place of g2pW, whose model has to be downloaded: tones are
those of the dictionary, y and w are initials, `Ø` stands for none, ü is `v`.
"""

from collections.abc import Sequence

from tts.engines.onnx.piper_config import BOS, EOS, PAD, PiperConfig
from tts.text.zh.pinyin import NEUTRAL, Syllable, Unit, read_mandarin

ZERO_INITIAL = "Ø"
TONES = frozenset("12345")
MARKS = frozenset("。？！.?!—…、，：；,:; ")

GROUP_ENDS = TONES | MARKS
"""Phonemes after which a pad follows."""

# Longest first, so that `zh` is not taken for `z`.
_INITIALS = ("zh", "ch", "sh", *"bpmfdtnlgkhjqxrzcsyw")


def pinyin_phonemes(text: str, config: PiperConfig) -> list[str]:
    """The phonemes of `text` that the voice knows, in order; what is neither Mandarin nor a mark is left out.

    Syllables of which a part is unknown to the voice are left out whole. White space is a short pause between two
    syllables and nothing elsewhere.
    """
    known = config.phoneme_id_map
    phonemes: list[str] = []
    for unit in read_mandarin(text, sandhi=False):
        group = _group(unit)
        if not group or not all(phoneme in known for phoneme in group):
            continue
        if group == [" "] and (not phonemes or phonemes[-1] in MARKS):
            continue
        if phonemes and phonemes[-1] == " " and group[0] in MARKS:
            phonemes.pop()
        phonemes.extend(group)
    while phonemes and phonemes[-1] == " ":
        phonemes.pop()
    return phonemes


def pinyin_ids(phonemes: Sequence[str], config: PiperConfig) -> list[int]:
    """`phonemes`, all known to the voice, between its begin and end symbols, a pad after each tone and mark only."""
    table = config.phoneme_id_map
    ids = [*table[BOS]]
    for phoneme in phonemes:
        ids.extend(table[phoneme])
        if phoneme in GROUP_ENDS:
            ids.extend(table[PAD])
    ids.extend(table[EOS])
    return ids


def _group(unit: Unit) -> list[str]:
    if isinstance(unit, str):
        mark = " " if unit.isspace() else unit
        return [mark] if mark in MARKS else []
    if unit.erhua:
        return [*_parts(Syllable(unit.spelled, unit.tone)), *_parts(Syllable("er", NEUTRAL))]
    return _parts(unit)


def _parts(syllable: Syllable) -> list[str]:
    spelled = syllable.spelled
    initial = next((initial for initial in _INITIALS if spelled.startswith(initial)), "")
    return [initial or ZERO_INITIAL, spelled[len(initial) :], str(syllable.tone)]
