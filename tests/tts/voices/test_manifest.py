import json
from pathlib import Path

import pytest

from tts.voices.description import Family, Speaker
from tts.voices.manifest import Manifest, parse_manifest
from tts.voices.problems import VoiceCorrupt, VoiceIncompatible

VITS: dict[str, object] = {
    "family": "vits",
    "name": "Lin",
    "languages": ["zh_CN", "en-US"],
    "sample_rate": 16000,
    "licence": "CC0-1.0",
    "gender": "Female",
    "files": {
        "model": "onnx/model.onnx",
        "tokens": "tokens.txt",
        "lexicon": ["a.txt", "b.txt"],
        "vocab": None,
    },
    "options": {"noise_scale": 0.5},
}


def parsed(**changes: object) -> Manifest:
    return parse_manifest(json.dumps(VITS | changes).encode())


def test_a_manifest_describes_a_voice() -> None:
    manifest = parsed()
    description = manifest.description
    assert (description.family, description.name, description.licence) == (Family.VITS, "Lin", "CC0-1.0")
    assert (description.languages, description.sample_rate) == (("zh-CN", "en-US"), 16000)
    assert description.speakers == (Speaker(gender="female"),)
    assert not description.is_fixture
    assert manifest.options.number("noise_scale", 0.0, 2.0, 0.667) == 0.5


def test_files_lie_below_the_folder() -> None:
    manifest = parsed()
    folder = Path("voices/lin")
    assert manifest.path(folder, "model") == folder / "onnx" / "model.onnx"
    assert manifest.paths(folder, "lexicon") == (folder / "a.txt", folder / "b.txt")
    assert manifest.paths(folder, "vocoder") == manifest.paths(folder, "vocab") == ()
    assert list(manifest.names()) == ["onnx/model.onnx", "tokens.txt", "a.txt", "b.txt"]


def test_speakers_may_differ_in_gender_language_and_role() -> None:
    manifest = parsed(
        speakers=[
            {"name": "zf_a", "gender": "female", "languages": ["zh-CN"], "standard": 0},
            {"name": "am_b", "gender": "male", "languages": ["en-US"]},
            {"name": "c"},
        ]
    )
    assert manifest.description.speakers == (
        Speaker("zf_a", "female", 0, ("zh-CN",)),
        Speaker("am_b", "male", None, ("en-US",)),
        Speaker("c"),
    )
    assert manifest.description.also_reads == ("zh", "en")


def test_tones_made_for_tests_are_marked() -> None:
    assert parsed(options={"fixture": True}).description.is_fixture


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"family": 5}, "family must be a string"),
        ({"languages": []}, "languages must name at least one language"),
        ({"languages": ["中文"]}, "languages must be a list of language tags"),
        ({"sample_rate": 100}, "sample_rate must be a whole number from 8000 to 48000, is 100"),
        ({"sample_rate": None}, "sample_rate must be a whole number"),
        ({"licence": 5}, "licence must be a string"),
        ({"colour": "red"}, "'colour' is no field of voice.json"),
        ({"speakers": ["a"]}, "speakers must be a list of objects"),
        ({"speakers": [{"gender": "male"}]}, "speakers.name is missing"),
        ({"speakers": [{"name": "a"}, {"name": "a"}]}, "speakers must have names that differ"),
        ({"speakers": [{"name": "a", "standard": 4}]}, "speakers.standard must be a whole number"),
        ({"files": []}, "files must be an object"),
        ({"files": {"model": "a.onnx"}}, "files.tokens is missing, which voices of the family vits need"),
        ({"files": {"model": "a.onnx", "tokens": []}}, r"files.tokens must be the name of a file"),
        ({"files": {"modell": "a.onnx"}}, "files.'modell' is no kind of file"),
        ({"files": {"model": ["a.onnx"], "tokens": "t"}}, "files.model must be the name of a file"),
        ({"files": {"model": "a.onnx", "tokens": "t", "voices": ["v"] * 501}}, "at most 500 files"),
        ({"options": {"noise": 1}}, "'noise' is no option of voice.json"),
        ({"options": {"noise_scale": float("nan")}}, "options.noise_scale must be a number from 0.0 to 2.0"),
        ({"options": {"noise_w": float("inf")}}, "options.noise_w must be a number from 0.0 to 2.0"),
        ({"options": {"length_scale": 1e308}}, "options.length_scale must be a number from 0.1 to 10.0"),
        ({"options": {"length_scale": -1}}, "options.length_scale must be a number from 0.1 to 10.0"),
        ({"options": {"speaker_id": -1}}, "options.speaker_id must be a whole number from 0 to"),
        ({"options": {"add_blank": 1}}, "options.add_blank must be true or false"),
        ({"options": {"espeak_voice": 1}}, "options.espeak_voice must be a string"),
        ({"speakers": [{"name": str(number)} for number in range(2001)]}, "speakers must be at most 2000"),
        ({"options": {"fixture": "yes"}}, "options.fixture must be true or false"),
    ],
)
def test_an_odd_field_is_named(changes: dict[str, object], problem: str) -> None:
    with pytest.raises(VoiceCorrupt, match=problem):
        parsed(**changes)


@pytest.mark.parametrize("field", ["family", "sample_rate"])
def test_a_missing_field_is_named(field: str) -> None:
    values = {key: value for key, value in VITS.items() if key != field}
    with pytest.raises(VoiceCorrupt, match=f"{field} is missing"):
        parse_manifest(json.dumps(values).encode())


@pytest.mark.parametrize(
    "name",
    [
        "../model.onnx",
        "a/../../b",
        "/etc/passwd",
        "a//b",
        "./a",
        "",
        "a\\b",
        "C:a",
        "a\0b",
        "a\nb",
        "a/",
        5,
        ["a"],
    ],
)
def test_files_outside_of_the_folder_are_refused(name: object) -> None:
    with pytest.raises(VoiceCorrupt, match=r"files\.model must be the name of a file in its folder"):
        parsed(files={"model": name, "tokens": "tokens.txt"})


@pytest.mark.parametrize(
    ("family", "problem"),
    [
        ("piper", "pairs of files"),
        ("bark", "family 'bark' is not supported; supported are vits, melo, matcha"),
    ],
)
def test_other_families_are_incompatible(family: str, problem: str) -> None:
    with pytest.raises(VoiceIncompatible, match=problem):
        parsed(family=family)


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff"])
def test_what_is_no_object_is_corrupt(data: bytes) -> None:
    with pytest.raises(VoiceCorrupt, match=r"not (a )?JSON"):
        parse_manifest(data)
