import pytest

from tests.tts.engines.espeak.texts import soon
from tts.engines.base import NoVoice, SpeechTask
from tts.engines.espeak.process import EspeakProcess
from tts.engines.espeak.voices import (
    FALLBACK_VOICES,
    LANGUAGES,
    TIMBRES,
    espeak_voice_of,
    timbre_of,
    words_per_minute,
)

SENTENCES = {
    "zh-CN": "今天天气很好。",
    "zh-HK": "今日天氣好好。",
    "yue": "今日天氣好好。",
    "en-US": "The weather is nice today.",
    "en-GB": "The weather is nice today.",
    "ko-KR": "오늘 날씨가 정말 좋습니다.",
    "ja-JP": "きょうはとてもいいてんきです。",
    "ar-SA": "الطقس جميل اليوم.",
    "cs-CZ": "Dnes je hezké počasí.",
    "de-DE": "Heute ist schönes Wetter.",
    "es-ES": "Hoy hace buen tiempo.",
    "es-MX": "Hoy hace buen tiempo.",
    "fr-FR": "Il fait beau aujourd'hui.",
    "hi-IN": "आज मौसम अच्छा है।",
    "id-ID": "Hari ini cuacanya bagus.",
    "it-IT": "Oggi fa bel tempo.",
    "nl-NL": "Het is vandaag mooi weer.",
    "pl-PL": "Dzisiaj jest ładna pogoda.",
    "pt-BR": "Hoje o tempo está bom.",
    "pt-PT": "Hoje o tempo está bom.",
    "ru-RU": "Сегодня хорошая погода.",
    "sv-SE": "Det är fint väder idag.",
    "tr-TR": "Bugün hava çok güzel.",
    "uk-UA": "Сьогодні гарна погода.",
    "vi-VN": "Hôm nay thời tiết đẹp.",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_is_read_without_switching_to_another(
    shared_process: EspeakProcess, language: str
) -> None:
    text, voice = SENTENCES[language], LANGUAGES[language]
    phonemes = "".join(
        clause.phonemes for clause in shared_process.phonemize(text, voice=voice, deadline=soon())
    )
    assert len(phonemes) > 10
    assert "(" not in phonemes


@pytest.mark.parametrize(
    ("language", "voice"),
    [
        ("zh-CN", "cmn"),
        ("zh", "cmn"),
        ("ZH-cn", "cmn"),
        ("cmn", "cmn"),
        ("zh-Hant-TW", "cmn"),
        ("zh-HK", "yue"),
        ("en", "en-us"),
        ("en-AU", "en-us"),
        ("en-GB", "en-gb-x-rp"),
        ("es-AR", "es"),
        ("pt", "pt-br"),
    ],
)
def test_language_falls_back_to_its_primary_subtag(language: str, voice: str) -> None:
    assert espeak_voice_of(language) == voice


@pytest.mark.parametrize("language", ["xx", "tlh-AA", ""])
def test_unknown_language_is_refused(language: str) -> None:
    with pytest.raises(NoVoice):
        espeak_voice_of(language)


@pytest.mark.parametrize(
    ("speaker_id", "voice", "expected"),
    [
        (0, None, "espeak-female-clear"),
        (1, None, "espeak-female-warm"),
        (2, None, "espeak-male-calm"),
        (3, None, "espeak-male-lively"),
        (6, None, "espeak-male-calm"),
        (0, "espeak-male-lively", "espeak-male-lively"),
        (1, "some-onnx-voice", "espeak-female-warm"),
    ],
)
def test_voice_is_chosen_by_id_then_by_speaker(speaker_id: int, voice: str | None, expected: str) -> None:
    assert timbre_of(SpeechTask((), speaker_id, voice)).id == expected


def test_disabled_speaker_is_stood_in_for_by_the_same_gender() -> None:
    for timbre in TIMBRES:
        other = timbre_of(SpeechTask((), timbre.speaker_id), frozenset({timbre.id}))
        assert other is not timbre
        assert other.gender == timbre.gender


def test_disabled_voice_asked_for_by_id_is_refused() -> None:
    with pytest.raises(NoVoice):
        timbre_of(SpeechTask((), voice="espeak-male-calm"), frozenset({"espeak-male-calm"}))


def test_nothing_speaks_when_every_voice_is_disabled() -> None:
    with pytest.raises(NoVoice):
        timbre_of(SpeechTask(()), frozenset(timbre.id for timbre in TIMBRES))


@pytest.mark.parametrize(("speed", "rate"), [(0.25, 80), (0.5, 88), (1.0, 175), (2.0, 350), (4.0, 450)])
def test_speed_is_a_factor_of_the_normal_rate_within_limits(speed: float, rate: int) -> None:
    assert words_per_minute(speed) == rate


def test_fallback_voices_stand_for_the_four_standard_speakers() -> None:
    assert [voice.speaker_id for voice in FALLBACK_VOICES] == [0, 1, 2, 3]
    assert [voice.gender for voice in FALLBACK_VOICES] == ["female", "female", "male", "male"]
    assert {voice.licence for voice in FALLBACK_VOICES} == {"GPL-3.0-or-later"}
