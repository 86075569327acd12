from pathlib import Path

import pytest

from tts.voices.problems import VoiceCorrupt
from tts.voices.store.integrity import check_installed
from tts.voices.store.layout import StoreLayout
from tts.voices.store.records import VoiceRecord, read_record, record_files, unrecorded, write_record

FILES = ("v.onnx", "v.onnx.json")


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """Where the record of the voice `v` in `tmp_path` lies."""
    for name in FILES:
        (tmp_path / name).write_text(name)
    directory = StoreLayout(tmp_path).records
    directory.mkdir(parents=True)
    write_record(directory, VoiceRecord("v", "added", "CC0", 1.0, record_files(tmp_path, FILES)))
    return directory


def test_there_is_no_record_while_files_are_replaced(records: Path) -> None:
    with unrecorded(records, "v"):
        assert read_record(records, "v") is None
    assert read_record(records, "v") is None


@pytest.mark.parametrize("failure", [OSError, KeyboardInterrupt])
def test_a_replacement_that_fails_leaves_the_earlier_record(
    records: Path, failure: type[BaseException]
) -> None:
    before = read_record(records, "v")
    with pytest.raises(failure), unrecorded(records, "v"):
        raise failure
    assert before is not None
    assert read_record(records, "v") == before


def test_a_failed_first_installation_leaves_no_record(records: Path) -> None:
    with pytest.raises(KeyboardInterrupt), unrecorded(records, "w"):
        raise KeyboardInterrupt
    assert read_record(records, "w") is None


def test_files_as_installed_and_voices_without_a_record_pass(records: Path, tmp_path: Path) -> None:
    check_installed(tmp_path, "v")
    check_installed(tmp_path, "copied-by-hand")


def test_an_edited_configuration_passes_and_a_changed_model_does_not(records: Path, tmp_path: Path) -> None:
    (tmp_path / "v.onnx.json").write_text("edited")
    check_installed(tmp_path, "v")
    (tmp_path / "v.onnx").write_text("V.ONNX")
    with pytest.raises(VoiceCorrupt, match=r"^v\.onnx has changed since it was installed$"):
        check_installed(tmp_path, "v")
