import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fixture_voices import fixture_config
from tts.engines.base import NoVoice
from tts.engines.onnx.piper_config import PhonemeType, PiperConfig, parse_piper_config
from tts.voices.catalog import CatalogEntry
from tts.voices.listing import ListedVoice, list_voices
from tts.voices.routing import VoiceIndex
from tts.voices.voice import VoiceState


def piper_config(language: str, speakers: int = 1) -> PiperConfig:
    return parse_piper_config(json.dumps(fixture_config(language=language, speakers=speakers)).encode())


def entry(stem: str, config: PiperConfig | None, state: VoiceState = VoiceState.READY) -> CatalogEntry:
    return CatalogEntry(stem, Path(f"{stem}.onnx"), state, config=config)


ENTRIES = (
    entry("amy", piper_config("en_US")),
    entry("lin", piper_config("zh_CN", 2)),
    entry("mei", piper_config("zh_CN")),
    entry("torn", None, VoiceState.CORRUPT),
)
VOICES = list_voices(ENTRIES, frozenset())


def choose(
    voices: tuple[ListedVoice, ...], language: str, speaker_id: int, voice_id: str | None
) -> ListedVoice:
    return VoiceIndex.of(voices).choose(language, speaker_id, voice_id)


def ids(voices: tuple[ListedVoice, ...]) -> list[str]:
    return [voice.info.id for voice in voices]


def test_every_speaker_of_every_model_is_a_voice() -> None:
    assert ids(VOICES) == ["amy", "lin:speaker0", "lin:speaker1", "mei", "torn"]
    assert [voice.info.languages for voice in VOICES] == [("en-US",), ("zh-CN",), ("zh-CN",), ("zh-CN",), ()]
    assert {voice.info.engine for voice in VOICES} == {"onnx"}


def test_standard_speakers_are_the_first_voices_of_each_language() -> None:
    assert [voice.info.speaker_id for voice in VOICES] == [0, 0, 1, 2, None]


def test_voices_beyond_the_standard_speakers_have_no_number() -> None:
    voices = list_voices([entry("many", piper_config("zh_CN", 6))], frozenset())
    assert [voice.info.speaker_id for voice in voices] == [0, 1, 2, 3, None, None]


@pytest.mark.parametrize(
    ("speaker_id", "voice"),
    [(0, "lin:speaker0"), (1, "lin:speaker1"), (2, "mei"), (3, "lin:speaker0"), (4, "lin:speaker0")],
)
def test_speaker_ids_go_round_the_voices_of_the_language(speaker_id: int, voice: str) -> None:
    assert choose(VOICES, "zh-TW", speaker_id, None).info.id == voice


def test_listed_standard_speaker_is_the_one_that_is_chosen() -> None:
    for voice in VOICES:
        if voice.info.speaker_id is not None:
            chosen = choose(VOICES, voice.info.languages[0], voice.info.speaker_id, None)
            assert chosen.info.id == voice.info.id


def test_a_language_without_voices_has_no_voice() -> None:
    with pytest.raises(NoVoice, match="no voice for fr"):
        choose(VOICES, "fr-FR", 0, None)


def test_a_voice_asked_for_wins_over_the_speaker_id() -> None:
    assert choose(VOICES, "zh-CN", 1, "mei").info.id == "mei"


def test_a_voice_asked_for_reads_english_as_well() -> None:
    assert choose(VOICES, "en-US", 0, "mei").info.id == "mei"


def test_a_voice_asked_for_is_refused_for_languages_it_cannot_read() -> None:
    with pytest.raises(NoVoice, match="voice amy does not read zh"):
        choose(VOICES, "zh-CN", 0, "amy")


def test_voices_of_the_text_type_read_their_own_language_only() -> None:
    config = replace(piper_config("zh_CN"), phoneme_type=PhonemeType.TEXT)
    with pytest.raises(NoVoice, match="does not read en"):
        choose(list_voices([entry("mei", config)], frozenset()), "en-US", 0, "mei")


def test_an_unknown_voice_is_refused_without_repeating_its_name() -> None:
    with pytest.raises(NoVoice) as caught:
        choose(VOICES, "zh-CN", 0, "secret")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("voice", ["torn", None])
def test_a_corrupt_voice_is_never_chosen(voice: str | None) -> None:
    voices = (
        VOICES
        if voice
        else list_voices([entry("torn", piper_config("zh_CN"), VoiceState.CORRUPT)], frozenset())
    )
    with pytest.raises(NoVoice):
        choose(voices, "zh-CN", 0, voice)


def test_a_loading_voice_keeps_its_place_but_does_not_speak_yet() -> None:
    entries = [entry("lin", piper_config("zh_CN"), VoiceState.LOADING), entry("mei", piper_config("zh_CN"))]
    voices = list_voices(entries, frozenset())
    assert choose(voices, "zh-CN", 1, None).info.id == "mei"
    with pytest.raises(NoVoice, match="voice lin is loading"):
        choose(voices, "zh-CN", 0, None)


def test_a_disabled_voice_gives_its_place_to_the_next() -> None:
    voices = list_voices(ENTRIES, frozenset({"lin:speaker0"}))
    assert voices[1].info.state is VoiceState.DISABLED
    assert [voice.info.speaker_id for voice in voices] == [0, None, 0, 1, None]
    assert choose(voices, "zh-CN", 0, None).info.id == "lin:speaker1"
    with pytest.raises(NoVoice, match="lin:speaker0 is disabled"):
        choose(voices, "zh-CN", 0, "lin:speaker0")


def test_speaker_names_that_cannot_be_ids_give_way_to_numbers() -> None:
    config = replace(piper_config("zh_CN", 2), speakers=("小明", "ok"))
    assert ids(list_voices([entry("lin", config)], frozenset())) == ["lin:0", "lin:1"]


def test_own_name_gender_and_licence_are_listed() -> None:
    config = replace(piper_config("zh_CN"), name="Lin", gender="female", licence="CC0-1.0")
    (voice,) = list_voices([entry("lin", config)], frozenset())
    assert (voice.info.name, voice.info.gender, voice.info.licence) == ("Lin", "female", "CC0-1.0")
