"""A voice of every family in one directory, spoken with by the engine as it runs in a worker."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.family_voices import kokoro, matcha, mms, vits
from tests.family_voices.loaded import write_manifest
from tests.family_voices.piper_pinyin import write_pinyin_voice
from tests.fixture_voices import write_fixture_voice
from tts.engines.base import CancelToken, Deadline, Speech, SpeechTask
from tts.engines.checks import check_samples
from tts.engines.espeak.phonemes import EspeakPhonemizer
from tts.engines.espeak.process import EspeakProcess
from tts.engines.onnx.engine import OnnxEngine
from tts.text.types import Run, Sentence
from tts.voices.library import VoiceLibrary
from tts.voices.voice import VoiceState

CHINESE = Sentence("你好，世界。", "zh-CN", 0.35)
ENGLISH = Sentence("Hello, world.", "en-US", 0.0)
MIXED = Sentence(
    "你好，hello 世界。",
    "zh-CN",
    0.0,
    (Run("zh-CN", "你好，"), Run("en-US", "hello "), Run("zh-CN", "世界。")),
)

FOLDERS: dict[str, Callable[[Path], None]] = {
    "vits-zh": vits.write_lexicon_voice,
    "vits-mms": vits.write_character_voice,
    "vits-coqui": lambda folder: vits.write_espeak_voice(folder, "coqui"),
    "melo": vits.write_melo_voice,
    "matcha-zh": matcha.write_baker_voice,
    "matcha-en": matcha.write_english_voice,
    "matcha-zh-en": matcha.write_bilingual_voice,
    "kokoro-v1.0": kokoro.write_npz_voice,
    "kokoro-v1.1": kokoro.write_raw_voice,
    "kokoro-v0.19": kokoro.write_legacy_voice,
    "mms": mms.write_mms_voice,
}
SPEAKS_CHINESE = (
    ("piper-pinyin", 22050),
    ("vits-zh:2", 16000),
    ("melo", 44100),
    ("matcha-zh", 22050),
    ("matcha-zh-en", 16000),
    ("kokoro-v1.0:zf_xiaoxiao", 24000),
    ("kokoro-v1.1:zm_yunxi", 24000),
)
SPEAKS_ENGLISH = (
    ("vits-mms", 16000),
    ("vits-coqui", 22050),
    ("matcha-en", 22050),
    ("matcha-zh-en", 16000),
    ("kokoro-v1.0:bm_george", 24000),
    ("kokoro-v1.1:af_heart", 24000),
    ("kokoro-v0.19:af_bella", 24000),
    ("mms", 16000),
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnnxEngine]:
    root = tmp_path_factory.mktemp("families")
    for name, write in FOLDERS.items():
        write(root / "voices" / name)
        write_manifest(root / "voices" / name)
    write_pinyin_voice(root / "voices", "piper-pinyin")
    write_fixture_voice(root / "voices", "piper-en", language="en_US", espeak_voice="en-us")
    library = VoiceLibrary(
        root / "voices",
        cache_directory=root / "cache",
        allow_fixture=True,
        now=lambda: time.time() + 60.0,
    )
    library.scan()
    espeak = EspeakProcess()
    engine = OnnxEngine(library, EspeakPhonemizer(espeak), on_close=espeak.close)
    yield engine
    engine.close()


def spoken(engine: OnnxEngine, sentence: Sentence, voice: str, speed: float = 1.0) -> Speech:
    task = SpeechTask((sentence,), voice=voice, speed=speed)
    (piece,) = engine.speak(task, deadline=Deadline.after(20.0), cancel=CancelToken())
    return piece


def test_every_voice_is_ready(engine: OnnxEngine) -> None:
    problems = {voice.id: voice.problem for voice in engine.voices() if voice.state is not VoiceState.READY}
    assert problems == {}
    stems = {voice.id.partition(":")[0] for voice in engine.voices()}
    assert stems == {*FOLDERS, "piper-pinyin", "piper-en"}


@pytest.mark.parametrize(("voice", "sample_rate"), SPEAKS_CHINESE)
def test_chinese_is_spoken(engine: OnnxEngine, voice: str, sample_rate: int) -> None:
    piece = spoken(engine, CHINESE, voice)
    assert (piece.voice, piece.sample_rate) == (voice, sample_rate)
    check_samples(piece.samples, piece.sample_rate)
    assert np.array_equal(piece.samples, spoken(engine, CHINESE, voice).samples)


@pytest.mark.parametrize(("voice", "sample_rate"), SPEAKS_ENGLISH)
def test_english_is_spoken(engine: OnnxEngine, voice: str, sample_rate: int) -> None:
    piece = spoken(engine, ENGLISH, voice)
    assert (piece.voice, piece.sample_rate) == (voice, sample_rate)
    check_samples(piece.samples, piece.sample_rate)
    assert np.array_equal(piece.samples, spoken(engine, ENGLISH, voice).samples)


@pytest.mark.parametrize("speed", [0.5, 2.0])
@pytest.mark.parametrize("voice", [voice for voice, _ in (*SPEAKS_CHINESE, *SPEAKS_ENGLISH)])
def test_every_family_changes_its_rate(engine: OnnxEngine, voice: str, speed: float) -> None:
    sentence = CHINESE if voice in dict(SPEAKS_CHINESE) else ENGLISH
    usual, changed = spoken(engine, sentence, voice), spoken(engine, sentence, voice, speed)
    assert changed.seconds == pytest.approx(usual.seconds / speed, rel=0.15)


@pytest.mark.parametrize("voice", ["melo", "matcha-zh-en"])
def test_bilingual_voices_speak_a_mixed_sentence_in_one_go(engine: OnnxEngine, voice: str) -> None:
    assert spoken(engine, MIXED, voice).voice == voice


def test_a_mandarin_voice_leaves_english_to_another(engine: OnnxEngine) -> None:
    first, _, second = spoken(engine, MIXED, "vits-zh:0").voice.partition(",")
    assert first == "vits-zh:0"
    assert second != ""


def test_a_folder_that_loses_a_file_is_gone_and_comes_back(tmp_path: Path) -> None:
    folder = tmp_path / "voices" / "melo"
    vits.write_melo_voice(folder)
    write_manifest(folder)
    now = [time.time() + 60.0]
    library = VoiceLibrary(
        tmp_path / "voices", cache_directory=tmp_path / "cache", allow_fixture=True, now=lambda: now[0]
    )
    library.scan()
    assert [voice.state for voice in library.list()] == [VoiceState.READY]
    (folder / "lexicon.txt").rename(folder / "elsewhere")
    library.scan()
    (voice,) = library.list()
    assert (voice.state, voice.problem) == (VoiceState.MISSING, "lexicon.txt is not there")
    (folder / "elsewhere").rename(folder / "lexicon.txt")
    os.utime(folder / "lexicon.txt", (1_000_000_000, 1_000_000_000))
    now[0] += 60.0
    library.scan()
    assert [voice.state for voice in library.list()] == [VoiceState.READY]
    library.close()
