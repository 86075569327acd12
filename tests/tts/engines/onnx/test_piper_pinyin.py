from pathlib import Path

import pytest

from tests.family_voices.loaded import NoPhonemizer
from tests.family_voices.piper_pinyin import pinyin_sounds, write_pinyin_voice
from tests.tts.engines.onnx.voices import soon
from tts.engines.base import CancelToken, EngineError
from tts.engines.onnx.graph_cache import GraphCache
from tts.engines.onnx.phoneme_ids import phoneme_ids
from tts.engines.onnx.piper import MAX_PINYIN_PHONEMES, PiperModel, load_piper
from tts.engines.onnx.piper_config import PiperConfig, parse_piper_config
from tts.engines.onnx.piper_pinyin import pinyin_phonemes
from tts.text.types import Run
from tts.voices.problems import VoiceIncompatible


@pytest.fixture
def config(tmp_path: Path) -> PiperConfig:
    return parse_piper_config(write_pinyin_voice(tmp_path, "voice")[1].read_bytes())


@pytest.fixture
def model(tmp_path: Path) -> PiperModel:
    path, config_path = write_pinyin_voice(tmp_path, "voice")
    config = parse_piper_config(config_path.read_bytes())
    return load_piper(path, config, GraphCache(tmp_path / "cache"), cancel=CancelToken())


@pytest.mark.parametrize(
    ("text", "phonemes"),
    [
        ("你好，世界。", "n i 3 h ao 3 ， sh i 4 j ie 4 。"),
        ("安静", "Ø an 1 j ing 4"),
        ("鱼儿", "y u 2 Ø er 5"),
        ("女儿略", "n v 3 Ø er 2 l ve 4"),
        ("一定不是", "y i 1 d ing 4 b u 4 sh i 4"),
        ("用iPhone吧", "y ong 4 b a 5"),
        ("银行行长", "y in 2 h ang 2 h ang 2 zh ang 3"),
        ("“好”（吧）", "h ao 3 b a 5"),
        (" 好 ， 吧 ", "h ao 3 ， b a 5"),
    ],
)
def test_syllables_come_apart_as_piper_takes_them_apart(
    config: PiperConfig, text: str, phonemes: str
) -> None:
    assert pinyin_phonemes(text, config) == phonemes.split()


def test_white_space_is_a_pause_between_two_syllables(config: PiperConfig) -> None:
    assert pinyin_phonemes("好 吧", config) == ["h", "ao", "3", " ", "b", "a", "5"]


def test_pads_stand_after_tones_and_marks_only(config: PiperConfig) -> None:
    ids = phoneme_ids(pinyin_phonemes("你好。", config), config)
    assert ids == [1, 10, 39, 66, 0, 14, 32, 66, 0, 69, 0, 2]


def test_syllables_the_voice_lacks_a_part_of_are_left_out_whole(config: PiperConfig) -> None:
    table = {symbol: ids for symbol, ids in config.phoneme_id_map.items() if symbol != "ao"}
    lacking = PiperConfig(**{**_fields(config), "phoneme_id_map": table})  # type: ignore[arg-type]  # its own fields
    assert pinyin_phonemes("你好", lacking) == ["n", "i", "3"]


def _fields(config: PiperConfig) -> dict[str, object]:
    return {name: getattr(config, name) for name in config.__slots__}


def test_text_is_spoken_without_espeak(model: PiperModel) -> None:
    samples = model.say(
        [Run("zh-CN", "你好，"), Run("zh-CN", "世界。")],
        phonemizer=NoPhonemizer(),
        speaker=0,
        speed=1.0,
        deadline=soon(),
        cancel=CancelToken(),
    )
    phonemes = pinyin_phonemes("你好，世界。", model.config)
    assert len(samples) == pinyin_sounds().samples(phoneme_ids(phonemes, model.config))


def test_text_without_mandarin_is_an_error_without_the_text(model: PiperModel) -> None:
    with pytest.raises(EngineError, match="no phoneme of the text is known to the voice"):
        model.say(
            [Run("en-US", "secret")],
            phonemizer=NoPhonemizer(),
            speaker=0,
            speed=1.0,
            deadline=soon(),
            cancel=CancelToken(),
        )


def test_long_text_is_cut_between_syllables(model: PiperModel) -> None:
    phonemes = pinyin_phonemes("我们今天去公园玩" * 20, model.config)
    pieces = list(model._pieces(phonemes))
    assert len(pieces) > 3
    assert all(piece[-1] in "12345" and len(piece) <= MAX_PINYIN_PHONEMES for piece in pieces)
    assert [phoneme for piece in pieces for phoneme in piece] == phonemes


def test_a_table_without_the_sounds_of_mandarin_is_incompatible(tmp_path: Path) -> None:
    table = {"_": [0], "^": [1], "$": [2], "a": [3]}
    path, config_path = write_pinyin_voice(tmp_path, "voice", phoneme_id_map=table)
    with pytest.raises(VoiceIncompatible, match="phoneme_id_map holds no 'n'"):
        load_piper(
            path, parse_piper_config(config_path.read_bytes()), GraphCache(tmp_path), cancel=CancelToken()
        )


@pytest.mark.parametrize("language", [{}, {"code": "zh_CN"}])
def test_pinyin_voices_speak_mandarin_and_read_nothing_else(tmp_path: Path, language: dict[str, str]) -> None:
    _, path = write_pinyin_voice(tmp_path, "voice", language=language, espeak={})
    description = parse_piper_config(path.read_bytes()).description
    assert (description.languages, description.also_reads) == (("zh-CN",), ())
