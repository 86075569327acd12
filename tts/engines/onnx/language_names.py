"""The ways model files name languages, as BCP 47 tags."""

from tts.voices.language import tag_of_espeak_voice

_NAMES = {
    "chinese": "zh-CN",
    "mandarin": "zh-CN",
    "cantonese": "yue",
    "english": "en-US",
    "german": "de-DE",
    "french": "fr-FR",
    "spanish": "es-ES",
    "italian": "it-IT",
    "portuguese": "pt-BR",
    "russian": "ru-RU",
    "japanese": "ja-JP",
    "korean": "ko-KR",
    "persian": "fa-IR",
    "polish": "pl-PL",
    "dutch": "nl-NL",
    "ukrainian": "uk-UA",
    "czech": "cs-CZ",
    "swedish": "sv-SE",
    "turkish": "tr-TR",
    "vietnamese": "vi-VN",
    "thai": "th-TH",
    "hindi": "hi-IN",
    "arabic": "ar",
    "indonesian": "id-ID",
}

# ISO 639-3 codes, as MMS has them, of languages that have a shorter tag.
_THREE_LETTERS = {
    "cmn": "zh-CN",
    "eng": "en",
    "deu": "de",
    "fra": "fr",
    "spa": "es",
    "ita": "it",
    "por": "pt",
    "rus": "ru",
    "jpn": "ja",
    "kor": "ko",
    "fas": "fa",
    "pol": "pl",
    "nld": "nl",
    "ukr": "uk",
    "ces": "cs",
    "swe": "sv",
    "tur": "tr",
    "vie": "vi",
    "tha": "th",
    "hin": "hi",
    "ara": "ar",
    "ind": "id",
    "ben": "bn",
    "ell": "el",
    "ron": "ro",
    "hun": "hu",
    "fin": "fi",
    "swh": "sw",
    "tam": "ta",
    "tel": "te",
    "urd": "ur",
}


def tag_of_language_name(name: str) -> str | None:
    """`Chinese`, `eng`, `en-us` or `zh_CN` to a BCP 47 tag; None for `unknown` and what names no language."""
    found = name.strip().lower()
    if found in ("", "unknown"):
        return None
    known = _NAMES.get(found) or _THREE_LETTERS.get(found)
    if known is not None:
        return known
    code = found.replace("_", "-")
    return tag_of_espeak_voice(code) if 2 <= len(code.partition("-")[0]) <= 3 else None
