import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tts.voices.store.place import displace, files_of, place

Build = Callable[[Path, str], None]


@pytest.fixture
def voices(tmp_path: Path) -> Path:
    return _folder(tmp_path / "voices")


@pytest.fixture
def staged(tmp_path: Path) -> Path:
    return _folder(tmp_path / "staged")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return _folder(tmp_path / "old")


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def pair(folder: Path, content: str, name: str = "v") -> None:
    (folder / f"{name}.onnx").write_text(content)
    (folder / f"{name}.onnx.json").write_text(content)


def in_folder(folder: Path, content: str) -> None:
    (folder / "v" / "voices").mkdir(parents=True)
    (folder / "v" / "voice.json").write_text(content)
    (folder / "v" / "voices" / "a.bin").write_text(content)


def contents(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


PAIR = {"v.onnx": "new", "v.onnx.json": "new"}
FOLDER = {"v/voice.json": "new", "v/voices/a.bin": "new"}


def test_a_pair_is_placed_with_fresh_dates(voices: Path, staged: Path, old: Path) -> None:
    pair(staged, "new")
    for path in staged.iterdir():
        os.utime(path, (1000, 1000))
    place(staged, "v", voices, old=old)
    assert contents(voices) == PAIR
    assert all(abs(time.time() - path.stat().st_mtime) < 60 for path in voices.iterdir())


def test_a_folder_is_placed_whole(voices: Path, staged: Path, old: Path) -> None:
    in_folder(staged, "new")
    place(staged, "v", voices, old=old)
    assert contents(voices) == FOLDER
    assert files_of(voices, "v") == ("v/voice.json", "v/voices/a.bin")


def test_an_earlier_pair_is_replaced_and_others_are_not(voices: Path, staged: Path, old: Path) -> None:
    pair(voices, "before")
    pair(voices, "other", "w")
    pair(staged, "new")
    place(staged, "v", voices, old=old)
    assert contents(voices) == PAIR | {"w.onnx": "other", "w.onnx.json": "other"}
    assert contents(old) == {"v.onnx": "before", "v.onnx.json": "before"}


def test_an_earlier_folder_is_replaced(voices: Path, staged: Path, old: Path) -> None:
    in_folder(voices, "before")
    (voices / "v" / "more").write_text("before")
    in_folder(staged, "new")
    place(staged, "v", voices, old=old)
    assert contents(voices) == FOLDER


def test_a_voice_may_change_its_shape(voices: Path, staged: Path, old: Path) -> None:
    in_folder(voices, "before")
    pair(staged, "new")
    place(staged, "v", voices, old=old)
    assert contents(voices) == PAIR


@pytest.mark.parametrize("problem", [OSError("no space"), KeyboardInterrupt()])
@pytest.mark.parametrize("before", [pair, in_folder, None])
@pytest.mark.parametrize(("build", "last"), [(pair, "v.onnx.json"), (in_folder, "v")])
def test_what_fails_halfway_leaves_everything_as_it_was(
    voices: Path,
    staged: Path,
    old: Path,
    monkeypatch: pytest.MonkeyPatch,
    build: Build,
    last: str,
    before: Build | None,
    problem: BaseException,
) -> None:
    if before:
        before(voices, "before")
    was = contents(voices)
    build(staged, "new")
    renamed = Path.replace

    def failing(path: Path, target: Path) -> Path:
        if path == staged / last:
            raise problem
        return renamed(path, target)

    # A rename between two folders of one disk does not fail on demand.
    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(type(problem)):
        place(staged, "v", voices, old=old)
    assert contents(voices) == was


@pytest.mark.parametrize("build", [pair, in_folder])
def test_a_displaced_voice_is_gone_as_a_whole(voices: Path, old: Path, build: Build) -> None:
    build(voices, "before")
    displace("v", voices, to=old)
    assert files_of(voices, "v") == ()
    assert set(contents(old).values()) == {"before"}
