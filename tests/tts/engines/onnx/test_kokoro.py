from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from tests.family_voices import kokoro
from tests.family_voices.loaded import NoPhonemizer, SpelledPhonemizer, load_folder, written_and_loaded
from tests.family_voices.tones import FLOAT, INT32, INT64, write_model
from tests.tts.engines.onnx.test_vits import said
from tests.tts.engines.onnx.voices import soon
from tts.engines.base import CancelToken, EngineError, Samples
from tts.engines.onnx.kokoro_styles import MAX_TOKENS, read_styles
from tts.engines.onnx.kokoro_tokens import KokoroVersion, version_of
from tts.engines.onnx.sequence_model import SequenceModel, Utterance
from tts.engines.onnx.tokens import TokenTable
from tts.text.types import Run
from tts.voices.problems import VoiceCorrupt, VoiceIncompatible

WRITERS = (kokoro.write_npz_voice, kokoro.write_raw_voice, kokoro.write_split_voice)


@pytest.fixture
def model(tmp_path: Path) -> SequenceModel:
    return written_and_loaded(tmp_path / "voice", kokoro.write_npz_voice)


def spoken(model: SequenceModel, ids: tuple[int, ...], *, speaker: int = 0, speed: float = 1.0) -> Samples:
    return model.speak(Utterance(ids), speaker=speaker, speed=speed, deadline=soon(), cancel=CancelToken())


@pytest.mark.parametrize("write", WRITERS)
def test_each_form_of_styles_names_the_same_speakers(tmp_path: Path, write: Callable[[Path], None]) -> None:
    model = written_and_loaded(tmp_path / "voice", write)
    speakers = model.description.speakers
    assert [speaker.name for speaker in speakers] == list(kokoro.SPEAKERS)
    assert [speaker.gender for speaker in speakers] == ["female", "male", "female", "male"]
    assert [speaker.languages for speaker in speakers] == [("en-US",), ("en-GB",), ("zh-CN",), ("zh-CN",)]
    assert model.description.also_reads == ("en", "zh")
    assert model.description.sample_rate == kokoro.SAMPLE_RATE


@pytest.mark.parametrize("count", [1, 2, 77, 250])
@pytest.mark.parametrize("speaker", [0, 3])
def test_a_run_equals_onnxruntime_alone_with_the_style_for_its_length(
    tmp_path: Path, model: SequenceModel, count: int, speaker: int
) -> None:
    ids = tuple(43 + number % 80 for number in range(count))
    session = onnxruntime.InferenceSession(tmp_path / "voice" / "kokoro-v1.0.onnx")
    feeds = {
        "tokens": np.array([[0, *ids, 0]], dtype=np.int64),
        "style": kokoro.styles(4)[speaker, count - 1 : count],
        "speed": np.array([1.25], dtype=np.float32),
    }
    expected = session.run(None, feeds)[0]
    assert spoken(model, ids, speaker=speaker, speed=1.25).tobytes() == expected.tobytes()


@pytest.mark.parametrize(("rows", "first"), [(510, 1), (511, 0)])
def test_styles_begin_with_the_fewest_tokens_their_version_has(tmp_path: Path, rows: int, first: int) -> None:
    path = tmp_path / "voices.bin"
    path.write_bytes(kokoro.styles(1, rows).tobytes())
    styles = read_styles([path], ["a"])
    for tokens in (first, first + 1, 100, MAX_TOKENS):
        assert styles.of(0, tokens)[0, 0] == pytest.approx(kokoro.gain(0, tokens - first))
    assert styles.of(0, 0).shape == styles.of(0, 10_000).shape == (1, 256)


def test_long_text_is_spoken_in_several_runs_cut_at_words(model: SequenceModel) -> None:
    run = Run("en-US", "hello you " * 60)
    utterance = model.front_end.utterance([run], speaker=0, phonemizer=SpelledPhonemizer(), deadline=soon())
    pieces = list(utterance.pieces(model.most))
    assert len(pieces) > 2
    assert all(len(piece.ids) <= MAX_TOKENS for piece in pieces)
    assert {piece.ids[-1] for piece in pieces[:-1]} == {16}
    total = kokoro.sounds().samples(utterance.ids)
    assert len(said(model, run, phonemizer=SpelledPhonemizer())) == total


@pytest.mark.parametrize("speed_type", [INT64, INT32])
@pytest.mark.parametrize("speed", [0.5, 1.0, 1.25])
def test_whole_speeds_are_left_to_the_graph_and_others_made_by_stretching(
    tmp_path: Path, speed_type: int, speed: float
) -> None:
    folder = tmp_path / "voice"
    kokoro.write_npz_voice(folder, speed=speed_type)
    model = load_folder(folder)
    ids = (50, 60, 70)
    assert len(spoken(model, ids, speed=speed)) == round(kokoro.sounds().samples(ids) / speed)


@pytest.mark.parametrize(
    ("speaker", "language", "asked"),
    [
        (0, "en-US", ["en-us"]),
        (0, "en-GB", ["en-us"]),
        (1, "en-US", ["en-gb-x-rp"]),
        (2, "en-US", ["en-us"]),
        (0, "fr-FR", ["fr"]),
        (2, "zh-CN", []),
    ],
)
def test_english_has_the_accent_of_the_speaker_and_mandarin_needs_no_espeak(
    model: SequenceModel, speaker: int, language: str, asked: list[str]
) -> None:
    phonemizer = SpelledPhonemizer()
    text = "你好" if language == "zh-CN" else "hello"
    said(model, Run(language, text), speaker=speaker, phonemizer=phonemizer)
    assert phonemizer.voices == asked


def test_runs_are_words_apart(model: SequenceModel) -> None:
    utterance = model.front_end.utterance(
        [Run("zh-CN", "用"), Run("en-US", "taɪm"), Run("zh-CN", "吧。")],
        speaker=2,
        phonemizer=SpelledPhonemizer(),
        deadline=soon(),
    )
    tokens = getattr(model.front_end, "tokens")  # noqa: B009 - the protocol does not promise it
    assert list(utterance.ids) == [tokens[symbol] for symbol in "jʊ↘ŋ tIm pa."]


def test_version_1_1_reads_mandarin_in_zhuyin_with_its_own_table(tmp_path: Path) -> None:
    model = written_and_loaded(tmp_path / "voice", kokoro.write_raw_voice)
    utterance = model.front_end.utterance(
        [Run("zh-CN", "你好，世界。")], speaker=2, phonemizer=NoPhonemizer(), deadline=soon()
    )
    expected = "ㄋㄧ2ㄏㄠ3, ㄕ十4ㄐㄝ4."
    assert list(utterance.ids) == [kokoro.TOKENS_1_1[symbol] for symbol in expected]


def test_version_0_19_speaks_english_in_the_ipa_of_espeak(tmp_path: Path) -> None:
    model = written_and_loaded(tmp_path / "voice", kokoro.write_legacy_voice)
    assert model.description.languages == ("en-US", "en-GB")
    utterance = model.front_end.utterance(
        [Run("en-US", "", phonemes="tˈaɪm, rˈʌn")], speaker=0, phonemizer=NoPhonemizer(), deadline=soon()
    )
    tokens = getattr(model.front_end, "tokens")  # noqa: B009 - the protocol does not promise it
    assert list(utterance.ids) == [tokens[symbol] for symbol in "tˈaɪm, ɹˈʌn"]
    assert (tokens["a"], tokens["ˈ"]) == (43, 156)


def test_version_0_19_cannot_be_said_to_speak_mandarin(tmp_path: Path) -> None:
    folder = tmp_path / "voice"
    kokoro.write_legacy_voice(folder)
    with pytest.raises(VoiceIncompatible, match=r"0\.19 does not speak Mandarin"):
        load_folder(folder, languages=["zh-CN"])


@pytest.mark.parametrize(
    ("tokens", "version"),
    [("aㄓ\uab67", KokoroVersion.V1_1), ("a\uab67", KokoroVersion.V1_0), ("a$", KokoroVersion.LEGACY)],
)
def test_symbols_tell_the_version(tokens: str, version: KokoroVersion) -> None:
    assert version_of(TokenTable({symbol: place for place, symbol in enumerate(tokens)})) is version


def test_version_1_1_without_its_table_is_incompatible(tmp_path: Path) -> None:
    folder = tmp_path / "voice"
    kokoro.write_npz_voice(folder, ["zf_001", "zm_010"])
    with pytest.raises(VoiceIncompatible, match=r"Kokoro 1\.1 needs its table of tokens"):
        load_folder(folder)


@pytest.mark.parametrize("ids", [(), (-1,), (178,)])
def test_ids_outside_the_table_are_refused(model: SequenceModel, ids: tuple[int, ...]) -> None:
    with pytest.raises(EngineError):
        spoken(model, ids)


@pytest.mark.parametrize("speed", [0.01, float("nan")])
def test_absurd_speeds_are_refused(model: SequenceModel, speed: float) -> None:
    with pytest.raises(EngineError, match="length scale"):
        spoken(model, (50,), speed=speed)


def test_speakers_without_styles_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "voice"
    kokoro.write_npz_voice(folder)
    with pytest.raises(VoiceIncompatible, match="holds no style of speaker 'af_sky'"):
        load_folder(folder, speakers=[{"name": "af_sky"}])


@pytest.mark.parametrize(
    ("data", "error", "problem"),
    [
        (b"\0" * 7, VoiceCorrupt, "float32"),
        (b"\0" * 4096, VoiceIncompatible, "another kind"),
        (np.full((510, 256), np.nan, dtype=np.float32).tobytes(), VoiceCorrupt, "not finite"),
        (b"PK\x03\x04" + b"\0" * 100, VoiceIncompatible, "another kind"),
    ],
)
def test_other_styles_are_refused(tmp_path: Path, data: bytes, error: type[Exception], problem: str) -> None:
    path = tmp_path / "voices.bin"
    path.write_bytes(data)
    with pytest.raises(error, match=problem):
        read_styles([path], ["a"])


def test_styles_of_objects_are_never_unpickled(tmp_path: Path) -> None:
    with (tmp_path / "voices.npz").open("wb") as file:
        np.savez(file, a=np.array([{"a": 1}], dtype=object))
    with pytest.raises(VoiceCorrupt, match="ValueError"):
        read_styles([tmp_path / "voices.npz"], ["a"])


def test_styles_that_unpack_to_too_much_stay_packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "voices.npz").open("wb") as file:
        np.savez_compressed(file, a=np.zeros((511, 256), dtype=np.float32))
    monkeypatch.setattr("tts.engines.onnx.kokoro_styles.MAX_STYLE_BYTES", 100_000)
    with pytest.raises(VoiceCorrupt, match="unpacks to more than"):
        read_styles([tmp_path / "voices.npz"], ["a"])


def test_a_graph_that_takes_more_than_kokoro_is_incompatible(tmp_path: Path) -> None:
    folder = tmp_path / "voice"
    kokoro.write_npz_voice(folder)
    model = kokoro.kokoro_model(speed=FLOAT)
    model.graph.input[1].type.tensor_type.elem_type = FLOAT
    extra = model.graph.input.add()
    extra.CopyFrom(model.graph.input[2])
    extra.name = "random_phases"
    write_model(folder / "kokoro-v1.0.onnx", model)
    with pytest.raises(VoiceIncompatible, match=r"not a Kokoro graph: its inputs are .*random_phases"):
        load_folder(folder)
