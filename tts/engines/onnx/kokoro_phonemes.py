"""IPA of espeak-ng to the symbols that Kokoro was trained on.

Correspondences of hexgrad/misaki, espeak.py. Kokoro's English comes from misaki's own dictionary, with espeak-ng for
words that are not in it; here all words are read by espeak-ng, whose IPA is spelled the same way. misaki asks espeak-ng
for ties, which tell a diphthong from two vowels that happen to meet; without them the pair is always taken as one.
"""

import re

_SYLLABIC = "\u0329"
_NASAL = "\u0303"

_AFFRICATES = {"tʃ": "ʧ", "dʒ": "ʤ"}
_DIPHTHONGS = {"aɪ": "I", "aʊ": "W", "eɪ": "A", "ɔɪ": "Y"}

_ENGLISH = (
    *_AFFRICATES.items(),
    *_DIPHTHONGS.items(),
    ("ʲo", "jo"),
    ("ʲə", "jə"),
    ("ʲ", ""),
    ("ɚ", "əɹ"),
    ("ɝ", "ɜɹ"),
    ("r", "ɹ"),
    ("x", "k"),
    ("ç", "k"),
    ("ɐ", "ə"),
    ("ɬ", "l"),
    ("g", "ɡ"),
    (_NASAL, ""),
)
_AMERICAN = (
    ("oʊ", "O"),
    ("ɜːɹ", "ɜɹ"),
    ("ɜː", "ɜɹ"),
    ("ɪə", "iə"),
    ("ː", ""),
    ("e", "A"),
    ("o", "ɔ"),
    ("ɾ", "T"),
)
_BRITISH = (("eə", "ɛː"), ("iə", "ɪə"), ("əʊ", "Q"), ("e", "A"), ("o", "ɔ"), ("ɾ", "T"))
_OTHER = (
    *_AFFRICATES.items(),
    ("dz", "ʣ"),
    ("ts", "ʦ"),
    *_DIPHTHONGS.items(),
    ("oʊ", "O"),
    ("əʊ", "Q"),
    ("-", ""),
)
_LEGACY = (("ʲ", "j"), ("r", "ɹ"), ("x", "k"), ("ɬ", "l"))

# Without ties a syllabic l shows only in where it stands: after a consonant, before none that could begin a syllable.
_FINAL_L = re.compile(r"(?<=[bdfkmnpstvzɡŋθðʃʒʧʤTk])əl(?=[\s.,!?:;sz]|$)")
_SYLLABIC_CONSONANT = re.compile(rf"(\S){_SYLLABIC}")


def english_symbols(ipa: str, *, british: bool) -> str:
    """Symbols of version 1.0 and later for English IPA in NFC."""
    symbols = ipa.replace(f"ʔˌn{_SYLLABIC}", "ʔn").replace(f"ʔn{_SYLLABIC}", "ʔn")
    symbols = _replaced(symbols, _ENGLISH)
    symbols = _SYLLABIC_CONSONANT.sub(r"ᵊ\1", symbols)
    symbols = _replaced(symbols, _BRITISH if british else _AMERICAN)
    return _FINAL_L.sub("ᵊl", symbols).replace("ʔ", "t")


def other_symbols(ipa: str) -> str:
    """Symbols of version 1.0 and later for IPA, in NFC, of languages other than English and Mandarin."""
    return _replaced(ipa, _OTHER)


def legacy_symbols(ipa: str) -> str:
    """Symbols of version 0.19 for English IPA in NFC."""
    return _replaced(ipa, _LEGACY)


def _replaced(text: str, pairs: "tuple[tuple[str, str], ...]") -> str:
    for old, new in pairs:
        text = text.replace(old, new)
    return text
