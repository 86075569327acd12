import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from tests.family_voices.loaded import write_manifest
from tests.family_voices.vits import write_melo_voice
from tests.fixture_voices import FixtureVoice, write_fixture_voice
from tts.engines.espeak.voices import FALLBACK_VOICES
from tts.voices.catalog import CatalogEntry, VoiceCatalog
from tts.voices.description import Family
from tts.voices.fields import MAX_CONFIG_BYTES
from tts.voices.files import MAX_MODEL_BYTES
from tts.voices.voice import VoiceState

WRITTEN = 1_000_000.0


class Clock:
    """Unix time that moves when told."""

    def __init__(self) -> None:
        self.time = WRITTEN + 60.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def catalog(tmp_path: Path, clock: Clock) -> VoiceCatalog:
    return VoiceCatalog(tmp_path / "voices", allow_fixture=True, now=clock)


def put(tmp_path: Path, name: str = "voice", *, at: float = WRITTEN, **options: object) -> FixtureVoice:
    files = write_fixture_voice(tmp_path / "voices", name, **options)  # type: ignore[arg-type]  # passed on as they are
    for path in (files.model, files.config):
        os.utime(path, (at, at))
    return files


def only(catalog: VoiceCatalog) -> CatalogEntry:
    (entry,) = catalog.scan()
    return entry


def test_no_directory_means_no_voices(catalog: VoiceCatalog) -> None:
    assert catalog.scan() == ()


def test_pairs_are_listed_in_the_order_of_their_names(tmp_path: Path, catalog: VoiceCatalog) -> None:
    for name in ("b", "a", "c"):
        put(tmp_path, name)
    (tmp_path / "voices" / "MODEL_CARD").write_text("notes", encoding="utf-8")
    (tmp_path / "voices" / "folder.onnx").mkdir()
    assert [(entry.stem, entry.state) for entry in catalog.scan()] == [(n, VoiceState.READY) for n in "abc"]


@pytest.mark.parametrize(("part", "missing"), [("model", "voice.onnx"), ("config", "voice.onnx.json")])
def test_half_a_pair_is_missing_the_other(
    tmp_path: Path, catalog: VoiceCatalog, part: str, missing: str
) -> None:
    getattr(put(tmp_path), part).unlink()
    entry = only(catalog)
    assert (entry.state, entry.problem) == (VoiceState.MISSING, f"{missing} is not there")


def test_a_file_changed_within_the_last_second_is_left_alone(
    tmp_path: Path, catalog: VoiceCatalog, clock: Clock
) -> None:
    put(tmp_path)
    clock.time = WRITTEN + 0.5
    assert only(catalog).state is VoiceState.LOADING
    clock.time = WRITTEN + 1.0
    assert only(catalog).state is VoiceState.READY


def test_a_file_that_keeps_growing_is_left_alone(tmp_path: Path, catalog: VoiceCatalog, clock: Clock) -> None:
    # Dated in the future, so that only its size tells that it is still being written.
    files = put(tmp_path, at=clock.time + 3600)
    states = []
    for _ in range(3):
        states.append(only(catalog).state)
        files.model.write_bytes(files.model.read_bytes() + b"\0")
        os.utime(files.model, (clock.time + 3600,) * 2)
        clock.time += 1.0
    assert states == [VoiceState.LOADING] * 3
    assert only(catalog).state is VoiceState.LOADING
    clock.time += 1.0
    assert only(catalog).state is VoiceState.READY


def test_a_configuration_is_read_again_only_when_it_changed(tmp_path: Path, catalog: VoiceCatalog) -> None:
    files = put(tmp_path)
    first = only(catalog)
    assert only(catalog) is first
    os.utime(files.config, (WRITTEN + 5, WRITTEN + 5))
    assert only(catalog) is not first


def test_a_bad_configuration_says_what_is_wrong(tmp_path: Path, catalog: VoiceCatalog) -> None:
    files = put(tmp_path)
    files.config.write_text("{}", encoding="utf-8")
    os.utime(files.config, (WRITTEN, WRITTEN))
    entry = only(catalog)
    assert entry.state is VoiceState.CORRUPT
    assert "is missing" in entry.problem


def test_voices_whose_phonemes_nobody_makes_are_listed_as_incompatible(
    tmp_path: Path, catalog: VoiceCatalog
) -> None:
    put(tmp_path, phoneme_type="japanese")
    entry = only(catalog)
    assert entry.state is VoiceState.INCOMPATIBLE
    assert "OpenJTalk" in entry.problem


def test_voices_made_of_tones_are_refused_unless_allowed(tmp_path: Path, clock: Clock) -> None:
    put(tmp_path)
    entry = only(VoiceCatalog(tmp_path / "voices", now=clock))
    assert entry.state is VoiceState.INCOMPATIBLE
    assert "tones" in entry.problem


def test_names_that_cannot_be_ids_are_reported_once(
    tmp_path: Path, catalog: VoiceCatalog, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("two words", "语音", "x" * 101, ".hidden"):
        put(tmp_path, name)
    assert catalog.scan() == ()
    assert catalog.scan() == ()
    assert len(caplog.records) == 8


@pytest.mark.parametrize("name", [*(voice.id for voice in FALLBACK_VOICES), "espeak-other", "Espeak-Loud"])
def test_names_of_the_fallback_are_left_to_it(
    tmp_path: Path, catalog: VoiceCatalog, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    put(tmp_path, name)
    put(tmp_path, "espeaker")
    for _ in range(2):
        assert only(catalog).stem == "espeaker"
    assert sorted(record.getMessage() for record in caplog.records) == [
        f"voice file '{name}{suffix}' is ignored: names that begin with espeak- are those of the fallback's voices"
        for suffix in (".onnx", ".onnx.json")
    ]


@pytest.mark.parametrize(
    ("part", "size", "problem"),
    [
        ("config", MAX_CONFIG_BYTES + 1, "the configuration is larger than 1048576 bytes"),
        ("config", 2**31, "the configuration is larger than 1048576 bytes"),
        (
            "model",
            MAX_MODEL_BYTES + 1,
            "the model has 2147483648 bytes; no ONNX file has more than 2147483647",
        ),
    ],
)
def test_files_too_large_for_what_they_are_stay_unread(
    tmp_path: Path, catalog: VoiceCatalog, part: str, size: int, problem: str
) -> None:
    path: Path = getattr(put(tmp_path), part)
    os.truncate(path, size)
    os.utime(path, (WRITTEN, WRITTEN))
    tracemalloc.start()
    try:
        entry = only(catalog)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (entry.state, entry.problem) == (VoiceState.CORRUPT, problem)
    assert peak < MAX_CONFIG_BYTES // 2


def test_a_link_to_itself_hides_no_other_voice(tmp_path: Path, catalog: VoiceCatalog) -> None:
    put(tmp_path)
    loop = tmp_path / "voices" / "loop.onnx"
    loop.symlink_to(loop)
    assert only(catalog).state is VoiceState.READY


def test_reading_the_catalog_does_not_load_onnxruntime() -> None:
    code = "import sys, tts.voices.catalog, tts.voices.listing; sys.exit('onnxruntime' in sys.modules)"
    root = Path(__file__).parents[3]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, timeout=60).returncode == 0


def put_folder(tmp_path: Path, name: str = "mei", **changes: object) -> Path:
    folder = tmp_path / "voices" / name
    write_melo_voice(folder)
    write_manifest(folder, **changes)
    date(folder, WRITTEN)
    return folder


def date(folder: Path, at: float) -> None:
    for path in folder.rglob("*"):
        if path.exists():
            os.utime(path, (at, at))


def test_folders_with_a_manifest_are_listed_beside_pairs(tmp_path: Path, catalog: VoiceCatalog) -> None:
    put(tmp_path, "lin")
    folder = put_folder(tmp_path)
    (tmp_path / "voices" / "other").mkdir()
    entries = catalog.scan()
    assert [(entry.stem, entry.state) for entry in entries] == [
        ("lin", VoiceState.READY),
        ("mei", VoiceState.READY),
    ]
    assert entries[1].model == folder
    assert entries[1].config is not None
    assert entries[1].config.description.family is Family.MELO


@pytest.mark.parametrize("gone", ["model.onnx", "tokens.txt", "lexicon.txt"])
def test_a_folder_without_one_of_its_files_is_missing_it(
    tmp_path: Path, catalog: VoiceCatalog, gone: str
) -> None:
    (put_folder(tmp_path) / gone).unlink()
    entry = only(catalog)
    assert (entry.state, entry.problem) == (VoiceState.MISSING, f"{gone} is not there")


def test_a_folder_is_left_alone_while_any_of_its_files_is_copied(
    tmp_path: Path, catalog: VoiceCatalog, clock: Clock
) -> None:
    folder = put_folder(tmp_path)
    os.utime(folder / "lexicon.txt", (clock.time, clock.time))
    assert (only(catalog).state, only(catalog).problem) == (VoiceState.LOADING, "still being copied")
    clock.time += 1.0
    assert only(catalog).state is VoiceState.READY


@pytest.mark.parametrize("name", ["voice.json", "model.onnx", "tokens.txt", "lexicon.txt"])
def test_a_change_of_any_file_of_a_folder_changes_its_fingerprint(
    tmp_path: Path, catalog: VoiceCatalog, name: str
) -> None:
    folder = put_folder(tmp_path)
    first = only(catalog)
    assert only(catalog) is first
    os.utime(folder / name, (WRITTEN + 5, WRITTEN + 5))
    assert only(catalog).fingerprint != first.fingerprint


def test_a_bad_manifest_says_what_is_wrong_once_it_is_written(
    tmp_path: Path, catalog: VoiceCatalog, clock: Clock
) -> None:
    folder = put_folder(tmp_path)
    (folder / "voice.json").write_text('{"family": "melo"', encoding="utf-8")
    os.utime(folder / "voice.json", (clock.time, clock.time))
    assert only(catalog).state is VoiceState.LOADING
    clock.time += 1.0
    entry = only(catalog)
    assert entry.state is VoiceState.CORRUPT
    assert "not JSON" in entry.problem


def test_links_out_of_the_folder_are_refused(tmp_path: Path, catalog: VoiceCatalog) -> None:
    folder = put_folder(tmp_path)
    (tmp_path / "elsewhere.txt").write_bytes((folder / "tokens.txt").read_bytes())
    (folder / "tokens.txt").unlink()
    (folder / "tokens.txt").symlink_to(tmp_path / "elsewhere.txt")
    os.utime(tmp_path / "elsewhere.txt", (WRITTEN, WRITTEN))
    entry = only(catalog)
    assert entry.state is VoiceState.INCOMPATIBLE
    assert entry.problem == "tokens.txt is a link out of the voice's folder"


def test_links_inside_the_folder_are_followed(tmp_path: Path, catalog: VoiceCatalog) -> None:
    folder = put_folder(tmp_path)
    (folder / "tokens.txt").rename(folder / "blob")
    (folder / "tokens.txt").symlink_to("blob")
    assert only(catalog).state is VoiceState.READY


def test_a_folder_in_place_of_a_file_is_corrupt(tmp_path: Path, catalog: VoiceCatalog) -> None:
    folder = put_folder(tmp_path)
    (folder / "tokens.txt").unlink()
    (folder / "tokens.txt").mkdir()
    entry = only(catalog)
    assert (entry.state, entry.problem) == (VoiceState.CORRUPT, "tokens.txt is no file")


def test_folder_voices_made_of_tones_are_refused_unless_allowed(tmp_path: Path, clock: Clock) -> None:
    put_folder(tmp_path)
    entry = only(VoiceCatalog(tmp_path / "voices", now=clock))
    assert entry.state is VoiceState.INCOMPATIBLE
    assert "tones" in entry.problem


def test_a_folder_gives_way_to_a_pair_of_its_name(
    tmp_path: Path, catalog: VoiceCatalog, caplog: pytest.LogCaptureFixture
) -> None:
    put_folder(tmp_path, "lin")
    put(tmp_path, "lin")
    for _ in range(2):
        assert only(catalog).model.name == "lin.onnx"
    assert [record.getMessage() for record in caplog.records] == [
        "voice file 'lin' is ignored: a Piper voice has the same name"
    ]


@pytest.mark.parametrize("name", ["two words", "espeak-other"])
def test_folders_whose_names_cannot_be_ids_are_reported_once(
    tmp_path: Path, catalog: VoiceCatalog, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    put_folder(tmp_path, name)
    assert catalog.scan() == catalog.scan() == ()
    assert len(caplog.records) == 1
