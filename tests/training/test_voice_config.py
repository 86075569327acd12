import json

import pytest

from tts.engines.onnx.piper_config import PhonemeType, PiperConfig, parse_piper_config
from tts.training.symbols import SymbolTable
from tts.training.utterance import SAMPLE_RATE
from tts.training.voice_config import COPYLEFT, PERMISSIVE, SPEAKERS, voice_config

TABLE = SymbolTable.of(["^nihao5.$"])


def parsed(languages: list[str], speakers: int = 4) -> PiperConfig:
    return parse_piper_config(json.dumps(voice_config("voice", TABLE, languages, speakers)).encode())


def test_the_platform_reads_the_configuration() -> None:
    config = parsed(["en-US"])
    assert (config.sample_rate, config.language, config.espeak_voice) == (SAMPLE_RATE, "en-US", "en-us")
    assert config.phoneme_type is PhonemeType.ESPEAK
    assert config.speakers == ("female-clear", "female-warm", "male-calm", "male-lively")
    assert [config.phoneme_id_map[symbol][0] for symbol in "_^$"] == [0, 1, 2]
    assert config.num_symbols == len(TABLE)


def test_a_voice_that_knows_mandarin_is_mandarin_first_and_under_the_gpl() -> None:
    config = parsed(["en-US", "zh-CN"])
    assert (config.language, config.espeak_voice, config.licence) == ("zh-CN", "cmn", COPYLEFT)
    values = voice_config("voice", TABLE, ["en-US", "zh-CN"], 4)["voxgate"]
    assert isinstance(values, dict)
    assert values["languages"] == ["zh-CN", "en-US"]
    assert values["starter"] is True


def test_english_alone_is_permissive() -> None:
    assert parsed(["en-US"]).licence == PERMISSIVE
    assert "GPL" not in PERMISSIVE


def test_every_speaker_stands_for_a_standard_one() -> None:
    assert [speaker.standard for speaker in SPEAKERS] == [0, 1, 2, 3]
    assert [speaker.gender for speaker in SPEAKERS] == ["female", "female", "male", "male"]


def test_fewer_speakers_keep_their_names() -> None:
    assert parsed(["en-US"], 2).speakers == ("female-clear", "female-warm")


def test_too_many_speakers_are_refused() -> None:
    with pytest.raises(ValueError, match="4 speakers have names"):
        voice_config("voice", TABLE, ["en-US"], 5)


@pytest.mark.parametrize("languages", [[], ["fr-FR"], ["en-US", "fr-FR"]])
def test_other_languages_are_refused(languages: list[str]) -> None:
    with pytest.raises(ValueError, match="no configuration"):
        voice_config("voice", TABLE, languages, 4)
