"""The fallback's four voices and the languages they speak."""

from dataclasses import dataclass
from types import MappingProxyType

from tts.engines.base import NoVoice, SpeechTask
from tts.engines.espeak.wire import SAMPLE_RATE
from tts.voices.language import language_family
from tts.voices.voice import VoiceInfo, VoiceState

NORMAL_RATE = 175
RATE_LIMITS = (80, 450)

LANGUAGES = MappingProxyType(
    {
        "zh-CN": "cmn",
        "zh-HK": "yue",
        "yue": "yue",
        "en-US": "en-us",
        "en-GB": "en-gb-x-rp",
        "ko-KR": "ko",
        "ja-JP": "ja",
        "ar-SA": "ar",
        "cs-CZ": "cs",
        "de-DE": "de",
        "es-ES": "es",
        "es-MX": "es-419",
        "fr-FR": "fr",
        "hi-IN": "hi",
        "id-ID": "id",
        "it-IT": "it",
        "nl-NL": "nl",
        "pl-PL": "pl",
        "pt-BR": "pt-br",
        "pt-PT": "pt",
        "ru-RU": "ru",
        "sv-SE": "sv",
        "tr-TR": "tr",
        "uk-UA": "uk",
        "vi-VN": "vi",
    }
)
"""BCP 47 tag to espeak-ng voice. Japanese reads kana only: espeak-ng names a kanji instead of reading it."""

_BY_TAG = {tag.lower(): voice for tag, voice in LANGUAGES.items()}
# The first region of a language in the table stands for those that are not.
_BY_FAMILY = {language_family(tag): voice for tag, voice in reversed(tuple(LANGUAGES.items()))}


@dataclass(frozen=True, slots=True)
class Timbre:
    """One of the fallback's voices: a formant variant of espeak-ng with a pitch and a pitch range (0-99).

    Chosen among the 100-odd variants by tests/tts/engines/espeak/test_intelligibility.py: understood by a recogniser in
    English and Mandarin, and apart from the other three in pitch and spectrum.
    """

    id: str
    name: str
    gender: str
    speaker_id: int
    variant: str
    pitch: int
    pitch_range: int


TIMBRES = (
    Timbre("espeak-female-clear", "espeak-ng female, clear", "female", 0, "f5", 55, 60),
    Timbre("espeak-female-warm", "espeak-ng female, warm", "female", 1, "f3", 50, 35),
    Timbre("espeak-male-calm", "espeak-ng male, calm", "male", 2, "benjamin", 55, 30),
    Timbre("espeak-male-lively", "espeak-ng male, lively", "male", 3, "Reed", 55, 70),
)

FALLBACK_VOICES: tuple[VoiceInfo, ...] = tuple(
    VoiceInfo(
        id=timbre.id,
        name=timbre.name,
        languages=tuple(LANGUAGES),
        gender=timbre.gender,
        engine="espeak",
        sample_rate=SAMPLE_RATE,
        licence="GPL-3.0-or-later",
        speaker_id=timbre.speaker_id,
        state=VoiceState.READY,
    )
    for timbre in TIMBRES
)


def timbre_of(task: SpeechTask, disabled: frozenset[str] = frozenset()) -> Timbre:
    """The voice a task asks for by id; a task without one, or with another engine's, gets `speaker_id` modulo 4.

    A speaker whose timbre is in `disabled` gets one that is not, of the same gender if there is any. Raises `NoVoice`
    when the voice asked for by id, or every timbre, is disabled.
    """
    named = next((timbre for timbre in TIMBRES if timbre.id == task.voice), None)
    wanted = named or TIMBRES[task.speaker_id % len(TIMBRES)]
    candidates = [
        timbre for timbre in TIMBRES if timbre.id not in disabled and (named is None or timbre is named)
    ]
    if not candidates:
        raise NoVoice("the fallback voice is switched off")
    return min(candidates, key=lambda timbre: (timbre is not wanted, timbre.gender != wanted.gender))


def can_speak(task: SpeechTask, disabled: frozenset[str]) -> bool:
    """Whether `timbre_of` has a voice for `task`."""
    try:
        timbre_of(task, disabled)
    except NoVoice:
        return False
    return True


def knows_language(language: str) -> bool:
    """Whether there is a voice for a BCP 47 tag."""
    return _voice_of(language) is not None


def espeak_voice_of(language: str) -> str:
    """espeak-ng's voice for a BCP 47 tag: that of the tag, else that of its primary subtag.

    Raises `NoVoice` for a language that is not in `LANGUAGES`: reading it as another one would be noise.
    """
    voice = _voice_of(language)
    if voice is None:
        raise NoVoice(f"espeak-ng is not set up for the language {language}")
    return voice


def _voice_of(language: str) -> str | None:
    return _BY_TAG.get(language.lower()) or _BY_FAMILY.get(language_family(language))


def words_per_minute(speed: float) -> int:
    """espeak-ng's rate for a speed factor, within what it supports."""
    slowest, fastest = RATE_LIMITS
    return min(fastest, max(slowest, round(NORMAL_RATE * speed)))
