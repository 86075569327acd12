"""Phonemes to the ids a Piper voice takes: `^ _ p _ p _ … $`, or for Pinyin `^ initial final tone _ … $`."""

import unicodedata
from collections.abc import Collection, Iterator, Sequence

from tts.engines.onnx.piper_config import BOS, EOS, PAD, PhonemeType, PiperConfig
from tts.engines.onnx.piper_pinyin import pinyin_ids

_PUNCTUATION = frozenset(".!?;:,…。！？；：，、")


def phonemes_of(text: str, config: PiperConfig) -> list[str]:
    """The phonemes of `text` (IPA, or plain text for voices of that type) that the voice knows, in order.

    Like Piper: NFD code points, vowel clusters taken as one, `phoneme_map` applied, unknown ones left out. A letter
    that the voice knows only in lower case is taken as that.
    """
    phonemes: list[str] = []
    for found in _clustered(unicodedata.normalize("NFD", text), config):
        for phoneme in config.phoneme_map.get(found, (found,)):
            known = phoneme if phoneme in config.phoneme_id_map else phoneme.casefold()
            if known in config.phoneme_id_map and known not in (PAD, BOS, EOS):
                phonemes.append(known)
    return phonemes


def phoneme_ids(phonemes: Sequence[str], config: PiperConfig) -> list[int]:
    """`phonemes`, all known to the voice, between its begin and end symbols with a pad after each (of Pinyin: after
    each syllable and mark)."""
    if config.phoneme_type is PhonemeType.PINYIN:
        return pinyin_ids(phonemes, config)
    table = config.phoneme_id_map
    ids = [*table[BOS], *table[PAD]]
    for phoneme in phonemes:
        ids.extend(table[phoneme])
        ids.extend(table[PAD])
    ids.extend(table[EOS])
    return ids


def split_phonemes(
    phonemes: Sequence[str], most: int, *, ends: Collection[str] = ()
) -> Iterator[Sequence[str]]:
    """`phonemes` in pieces of at most `most`: cut after the last punctuation mark that fits, else after the
    last space, else anywhere but before a combining mark; where `ends` are given, only after one of those."""
    rest = phonemes
    while len(rest) > most:
        cut = _cut(rest, most, ends)
        yield rest[:cut]
        rest = rest[cut:]
    if rest:
        yield rest


def _cut(phonemes: Sequence[str], most: int, ends: Collection[str]) -> int:
    places = range(most, 0, -1)
    marks = (place for place in places if phonemes[place - 1] in _PUNCTUATION)
    spaces = (place for place in places if phonemes[place - 1] == " ")
    elsewhere = (place for place in places if _may_cut(phonemes, place, ends))
    # A mark right at the start would cut off next to nothing and keep the long part.
    for found in (next(marks, 0), next(spaces, 0)):
        if found > most // 3:
            return found
    return next(elsewhere, most)


def _may_cut(phonemes: Sequence[str], place: int, ends: Collection[str]) -> bool:
    if ends:
        return phonemes[place - 1] in ends
    return not unicodedata.combining(phonemes[place][0])


def _clustered(text: str, config: PiperConfig) -> Iterator[str]:
    place = 0
    while place < len(text):
        cluster = next(
            (c for c in config.vowel_clusters if text.startswith("".join(c), place)), (text[place],)
        )
        phoneme = "".join(cluster)
        yield phoneme
        place += max(1, len(phoneme))
