import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from onnx import TensorProto, helper

from tests.family_voices import kokoro, matcha, mms, vits
from tests.family_voices.loaded import Values, recognized
from tests.family_voices.tones import write_model
from tests.fixture_voices import write_fixture_voice
from tts.engines.onnx.language_names import tag_of_language_name
from tts.engines.onnx.recognize import recognize
from tts.voices.description import Family
from tts.voices.manifest import parse_manifest
from tts.voices.problems import VoiceCorrupt, VoiceIncompatible


@pytest.mark.parametrize(
    ("write", "family", "languages", "files"),
    [
        (
            vits.write_lexicon_voice,
            Family.VITS,
            ["zh-CN"],
            {"model": "model.onnx", "tokens": "tokens.txt", "lexicon": ["lexicon.txt"]},
        ),
        (vits.write_character_voice, Family.VITS, ["en"], {"model": "model.onnx", "tokens": "tokens.txt"}),
        (
            vits.write_melo_voice,
            Family.MELO,
            ["zh-CN", "en-US"],
            {"model": "model.onnx", "tokens": "tokens.txt", "lexicon": ["lexicon.txt"]},
        ),
        (
            matcha.write_bilingual_voice,
            Family.MATCHA,
            ["zh-CN", "en-US"],
            {
                "model": "model-steps-3.onnx",
                "tokens": "tokens.txt",
                "lexicon": ["lexicon.txt"],
                "vocoder": "vocos.onnx",
            },
        ),
        (matcha.write_original_voice, Family.MATCHA, ["en-US"], {"model": "matcha.onnx"}),
        (
            kokoro.write_npz_voice,
            Family.KOKORO,
            ["en-US", "en-GB", "zh-CN"],
            {"model": "kokoro-v1.0.onnx", "voices": "voices-v1.0.bin"},
        ),
        (
            kokoro.write_raw_voice,
            Family.KOKORO,
            ["en-US", "en-GB", "zh-CN"],
            {"model": "model.onnx", "voices": "voices.bin", "tokens": "tokens.txt"},
        ),
        (mms.write_mms_voice, Family.MMS, ["en"], {"model": "model.onnx", "vocab": "vocab.json"}),
    ],
)
def test_a_voice_is_known_by_its_graph_and_its_files(
    tmp_path: Path, write: Callable[[Path], None], family: Family, languages: list[str], files: Values
) -> None:
    folder = tmp_path / "some-voice"
    write(folder)
    (folder / "README.md").write_text("notes", encoding="utf-8")
    values = recognized(folder)
    assert (values["family"], values["languages"], values["files"]) == (family, languages, files)
    assert values["name"] == "some-voice"
    manifest = parse_manifest(json.dumps(values).encode())
    assert manifest.description.is_fixture
    assert all((folder / name).is_file() for name in manifest.names())


def test_files_may_lie_in_folders_of_their_own(tmp_path: Path) -> None:
    kokoro.write_split_voice(tmp_path / "voice")
    files = recognized(tmp_path / "voice")["files"]
    assert files == {
        "model": "onnx/model.onnx",
        "voices": [f"voices/{name}.bin" for name in kokoro.SPEAKERS],
        "vocab": "tokenizer.json",
    }


def test_a_piper_pair_needs_no_manifest(tmp_path: Path) -> None:
    files = write_fixture_voice(tmp_path, "voice")
    assert recognize([files.model, files.config]) == {}


def test_a_piper_model_alone_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(VoiceIncompatible, match=r"ends with \.onnx\.json"):
        recognize([write_fixture_voice(tmp_path, "voice").model])


def other_graph(path: Path) -> None:
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("Identity", ["image"], ["label"])],
        "graph",
        [value("image", TensorProto.FLOAT, [1])],
        [value("label", TensorProto.FLOAT, [1])],
    )
    write_model(path, helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8))


def test_a_graph_of_another_kind_is_named_by_its_inputs(tmp_path: Path) -> None:
    other_graph(tmp_path / "model.onnx")
    with pytest.raises(VoiceIncompatible, match=r"its inputs are image tensor\(float\)"):
        recognized(tmp_path)


def test_no_model_at_all(tmp_path: Path) -> None:
    (tmp_path / "tokens.txt").write_text("a 1", encoding="utf-8")
    with pytest.raises(VoiceIncompatible, match=r"none of the files ends with \.onnx"):
        recognized(tmp_path)


def test_a_vocoder_alone(tmp_path: Path) -> None:
    matcha.write_vocoder(tmp_path, "hifigan", 22050)
    with pytest.raises(VoiceIncompatible, match=r"hifigan\.onnx is a vocoder"):
        recognized(tmp_path)


def test_several_models_for_the_same(tmp_path: Path) -> None:
    vits.write_melo_voice(tmp_path)
    shutil.copy(tmp_path / "model.onnx", tmp_path / "model.int8.onnx")
    with pytest.raises(VoiceIncompatible, match=r"\(model.int8.onnx, model.onnx\): keep one"):
        recognized(tmp_path)


def test_garbage_is_corrupt(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"garbage")
    with pytest.raises(VoiceCorrupt, match=r"onnxruntime cannot load model\.onnx"):
        recognized(tmp_path)


@pytest.mark.parametrize(
    ("write", "gone", "problem"),
    [
        (vits.write_melo_voice, "tokens.txt", r"model\.onnx needs a tokens\.txt beside it"),
        (vits.write_melo_voice, "lexicon.txt", r"files\.lexicon is missing"),
        (kokoro.write_npz_voice, "voices-v1.0.bin", "Kokoro needs the styles of its speakers"),
        (mms.write_mms_voice, "vocab.json", r"needs its vocab\.json"),
    ],
)
def test_a_missing_file_is_named(
    tmp_path: Path, write: Callable[[Path], None], gone: str, problem: str
) -> None:
    write(tmp_path / "voice")
    (tmp_path / "voice" / gone).unlink()
    with pytest.raises((VoiceIncompatible, VoiceCorrupt), match=problem):
        recognized(tmp_path / "voice")


def test_a_language_that_cannot_be_told_is_asked_for(tmp_path: Path) -> None:
    vits.write_character_voice(tmp_path, {**vits.CHARACTER_METADATA, "language": "unknown"})
    with pytest.raises(VoiceIncompatible, match="does not tell its language"):
        recognized(tmp_path)


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("Chinese", "zh-CN"),
        (" English ", "en-US"),
        ("cmn", "zh-CN"),
        ("eng", "en"),
        ("en-us", "en-US"),
        ("zh_CN", "zh-CN"),
        ("nan", "nan"),
        ("unknown", None),
        ("", None),
        ("multi-lang, e.g., English", None),
        ("klingon", None),
    ],
)
def test_languages_are_known_by_name_and_by_code(name: str, tag: str | None) -> None:
    assert tag_of_language_name(name) == tag
