import io
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tts.voices.store.archives import everything, is_archive, members_of, unpack
from tts.voices.store.errors import UnsafeArchive

Content = Mapping[str, bytes]
Make = Callable[[Path, Content], Path]


def tar_bz2(folder: Path, content: Content) -> Path:
    path = folder / "voice.tar.bz2"
    with tarfile.open(path, "w:bz2") as archive:
        for name, data in content.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return path


def zipped(folder: Path, content: Content) -> Path:
    path = folder / "voice.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


@pytest.fixture(params=[tar_bz2, zipped])
def make(request: pytest.FixtureRequest) -> Make:
    return request.param  # type: ignore[no-any-return]  # pytest does not know


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


VOICE = {
    "v/model.onnx": b"model" * 1000,
    "v/tokens.txt": b"a 1",
    "v/README.md": b"hello",
    "other/tokens.txt": b"",
}


def test_only_what_was_named_is_unpacked(tmp_path: Path, into: Path, make: Make) -> None:
    stored = unpack(make(tmp_path, VOICE), members_of("v", ("model.onnx", "tokens.txt"), into))

    assert names(into) == ["model.onnx", "tokens.txt"]
    assert {path.name for path in stored} == {"model.onnx", "tokens.txt"}
    assert (into / "model.onnx").read_bytes() == VOICE["v/model.onnx"]


def test_everything_keeps_its_folders(tmp_path: Path, into: Path, make: Make) -> None:
    unpack(make(tmp_path, VOICE), everything(into))
    assert names(into) == sorted(VOICE)


@pytest.mark.parametrize(
    "name",
    ["../evil", "v/../../evil", "/tmp/evil", "v/./../../evil", "v/a\nb", "v/.hidden", "v/x:y", "C:\\evil"],
)
def test_paths_that_lead_elsewhere_are_left_out(tmp_path: Path, into: Path, make: Make, name: str) -> None:
    stored = unpack(make(tmp_path, {name: b"evil", "v/a": b"good"}), everything(into))
    assert [path.relative_to(into) for path in stored] == [Path("v/a")]
    assert names(tmp_path) == sorted(["into/v/a", make(tmp_path, VOICE).name])


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE],
)
def test_links_and_devices_are_refused(tmp_path: Path, into: Path, kind: bytes) -> None:
    path = tmp_path / "voice.tar"
    with tarfile.open(path, "w") as archive:
        entry = tarfile.TarInfo("v/model.onnx")
        entry.type, entry.linkname = kind, "/etc/passwd"
        archive.addfile(entry)
    with pytest.raises(UnsafeArchive, match=r"model\.onnx' is no plain file"):
        unpack(path, members_of("v", ("model.onnx",), into))
    assert names(into) == []


def test_links_in_zip_files_are_refused(tmp_path: Path, into: Path) -> None:
    path = tmp_path / "voice.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("v/model.onnx")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(UnsafeArchive, match="no plain file"):
        unpack(path, members_of("v", ("model.onnx",), into))


def test_a_file_that_is_there_twice_is_refused(tmp_path: Path, into: Path) -> None:
    path = tmp_path / "voice.tar"
    with tarfile.open(path, "w") as archive:
        for data in (b"one", b"two"):
            entry = tarfile.TarInfo("v/a")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    with pytest.raises(UnsafeArchive, match="there twice"):
        unpack(path, everything(into))


@pytest.mark.parametrize("wanted", ["v/bomb", "v/a"])
def test_archives_that_unpack_to_too_much_are_refused(
    tmp_path: Path, into: Path, make: Make, wanted: str
) -> None:
    path = make(tmp_path, {"v/bomb": bytes(5_000_000), "v/a": b"a"})
    assert path.stat().st_size < 10_000
    with pytest.raises(UnsafeArchive, match="unpacks to more than any voice has"):
        unpack(path, members_of("", (wanted,), into), max_bytes=1_000_000)


def test_more_entries_than_any_voice_has_are_refused(tmp_path: Path, into: Path) -> None:
    path = tar_bz2(tmp_path, {f"v/{number}": b"" for number in range(20_001)})
    with pytest.raises(UnsafeArchive, match="unpacks to more"):
        unpack(path, lambda _: None)


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_cut_off_archive_is_told(tmp_path: Path, into: Path, make: Make, share: float) -> None:
    path = make(tmp_path, {"v/model.onnx": bytes(range(256)) * 4000, "v/b": b"b"})
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(UnsafeArchive, match="is damaged or no archive"):
        unpack(path, everything(into))


def test_flipped_bytes_are_told(tmp_path: Path, into: Path, make: Make) -> None:
    path = make(tmp_path, {"v/model.onnx": bytes(range(256)) * 4000})
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(UnsafeArchive):
        unpack(path, everything(into))


def test_archives_are_told_from_other_files(tmp_path: Path, make: Make) -> None:
    other = tmp_path / "model.onnx"
    other.write_bytes(b"x" * 100)
    assert is_archive(make(tmp_path, VOICE))
    assert not is_archive(other)
    assert not is_archive(tmp_path)
