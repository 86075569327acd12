"""What the names of Kokoro's speakers say: `zf_xiaoxiao` is a woman who speaks Mandarin."""

from tts.voices.description import Speaker

_LANGUAGES = {
    "a": "en-US",
    "b": "en-GB",
    "e": "es-ES",
    "f": "fr-FR",
    "h": "hi-IN",
    "i": "it-IT",
    "j": "ja-JP",
    "p": "pt-BR",
    "z": "zh-CN",
}
_GENDERS = {"f": "female", "m": "male"}


def language_of_name(name: str) -> str:
    """BCP 47 tag by the first letter; American English, which all speakers were trained beside, for other names."""
    return _LANGUAGES.get(name[:1], "en-US") if _follows_scheme(name) else "en-US"


def speaker_of_name(name: str) -> Speaker:
    """The speaker with the gender and the language that the two letters before the underscore stand for."""
    gender = _GENDERS.get(name[1:2], "") if _follows_scheme(name) else ""
    return Speaker(name, gender, languages=(language_of_name(name),))


def _follows_scheme(name: str) -> bool:
    return len(name.partition("_")[0]) == 2
