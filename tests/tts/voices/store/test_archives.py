import bz2
import gzip
import io
import lzma
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

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


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "plain": bytes,
}


def header(kind: bytes, size: int, name: str = "v/a") -> bytes:
    entry = tarfile.TarInfo(name)
    entry.type, entry.size = kind, size
    return entry.tobuf(tarfile.GNU_FORMAT)


def bomb(path: Path, compressor: Any, *parts: bytes, zeros: int) -> Path:
    """A file of `parts` and then `zeros` MiB of nothing, packed."""
    with path.open("wb") as file:
        for part in parts:
            file.write(compressor.compress(part))
        for _ in range(zeros):
            file.write(compressor.compress(bytes(2**20)))
        file.write(compressor.flush())
    return path


def within(archive: Path, mebibytes: int) -> subprocess.CompletedProcess[str]:
    """Recognise and unpack `archive` in a process that may use so much more address space than it needs to start."""
    script = (
        "import resource, sys, re, pathlib\n"
        "from tts.voices.store.archives import is_archive, unpack\n"
        "used = int(re.search(r'VmSize:\\s+(\\d+)', pathlib.Path('/proc/self/status').read_text())[1]) * 1024\n"
        "most = used + int(sys.argv[2]) * 2**20\n"
        "resource.setrlimit(resource.RLIMIT_AS, (most, most))\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "assert is_archive(path)\n"
        "try:\n"
        "    unpack(path, lambda _: None)\n"
        "except Exception as problem:\n"
        "    print(type(problem).__name__, problem)\n"
    )
    return subprocess.run(
        [sys.executable, "-c", script, str(archive), str(mebibytes)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="limits and /proc are Linux's")
@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, b"x", b"g", b"X"])
def test_a_header_that_says_it_is_huge_is_not_read(tmp_path: Path, kind: bytes) -> None:
    size = 150 * 2**20
    path = bomb(tmp_path / "v.tar.bz2", bz2.BZ2Compressor(), header(kind, size), zeros=150)
    assert path.stat().st_size < 10_000
    done = within(path, 64)
    assert "UnsafeArchive v.tar.bz2 has longer headers than any voice's archive" in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="limits and /proc are Linux's")
@pytest.mark.parametrize(
    "compressor", [bz2.BZ2Compressor(), lzma.LZMACompressor(), zlib.compressobj(wbits=31)]
)
def test_what_is_passed_over_is_not_kept(tmp_path: Path, compressor: Any) -> None:
    parts = header(tarfile.REGTYPE, 150 * 2**20)
    path = bomb(tmp_path / "v.tar", compressor, parts, zeros=151)
    assert within(path, 64).stdout == ""


def test_an_xz_file_that_asks_for_much_memory_is_refused(tmp_path: Path) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 512 * 2**20}]
    data = lzma.compress(header(tarfile.REGTYPE, 0) + bytes(1024), filters=filters)
    path = tmp_path / "v.tar.xz"
    path.write_bytes(data)
    with pytest.raises(UnsafeArchive, match="Memory usage limit"):
        unpack(path, lambda _: None)


@pytest.mark.parametrize("packing", PACKED)
def test_a_sparse_map_without_end_is_refused(tmp_path: Path, packing: str) -> None:
    data = header(tarfile.GNUTYPE_SPARSE, 0)
    more = bytearray(512)
    more[504] = 1
    path = tmp_path / "v.tar"
    start = bytearray(data)
    start[482] = 1
    start[148:156] = b" " * 8
    start[148:156] = b"%06o\0 " % sum(start)
    path.write_bytes(PACKED[packing](bytes(start) + bytes(more) * 1000))
    with pytest.raises(UnsafeArchive, match="longer headers"):
        unpack(path, lambda _: None)


def test_a_size_that_hides_what_is_passed_over_does_not(tmp_path: Path) -> None:
    # A sparse entry says one size and takes up another.
    path = bomb(tmp_path / "v.tar", lzma.LZMACompressor(), header(tarfile.GNUTYPE_SPARSE, 2**27), zeros=129)
    with pytest.raises(UnsafeArchive, match="unpacks to more than any voice has"):
        unpack(path, lambda _: None, max_bytes=1000)


def test_more_folders_than_any_voice_has_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "v.tar"
    path.write_bytes(header(tarfile.DIRTYPE, 0) * 20_001)
    with pytest.raises(UnsafeArchive, match="unpacks to more"):
        unpack(path, lambda _: None)


@pytest.mark.parametrize("packing", PACKED)
def test_names_longer_than_a_header_are_read(tmp_path: Path, into: Path, packing: str) -> None:
    name = "v/" + "/".join(["n" * 100] * 5) + "/a"
    for tar_format in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        content = io.BytesIO()
        with tarfile.open(fileobj=content, mode="w", format=tar_format) as archive:
            for last in "abc":
                entry = tarfile.TarInfo(name + last)
                entry.size = 1000
                archive.addfile(entry, io.BytesIO(last.encode() * 1000))
        path = tmp_path / f"v{tar_format}.tar"
        path.write_bytes(PACKED[packing](content.getvalue()))
        assert is_archive(path)
        stored = unpack(path, everything(into / str(tar_format)))
        assert [file.read_bytes() for file in stored] == [b"a" * 1000, b"b" * 1000, b"c" * 1000]


@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress, gzip.compress])
def test_files_packed_in_several_pieces_are_read(
    tmp_path: Path, into: Path, pack: Callable[[bytes], bytes]
) -> None:
    data = tar_bz2(tmp_path, VOICE).read_bytes()
    plain = bz2.decompress(data)
    path = tmp_path / "pieces"
    path.write_bytes(pack(plain[:700]) + pack(plain[700:]))
    unpack(path, everything(into))
    assert names(into) == sorted(VOICE)


@pytest.mark.parametrize(
    "start",
    [
        b"\x1f\x8b\x08\0\0\0\0\0",
        b"\x1f\x8b",
        b"BZh",
        b"BZh91AY&SY",
        b"\xfd7zXZ\0",
        b"\xfd7zXZ\0\0\x04",
        b"PK\x03\x04",
        b"PK\x05\x06",
    ],
)
def test_a_file_that_only_begins_like_an_archive_is_told(tmp_path: Path, start: bytes) -> None:
    path = tmp_path / "t.tgz"
    path.write_bytes(start)
    assert is_archive(path)
    with pytest.raises(UnsafeArchive, match=r"t\.tgz is damaged or no archive"):
        unpack(path, lambda _: None)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zip_files_that_cannot_be_unpacked_piece_by_piece_are_refused(
    tmp_path: Path, into: Path, method: int
) -> None:
    path = tmp_path / "v.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("v/a", b"a")
    with pytest.raises(UnsafeArchive, match="not packed with deflate"):
        unpack(path, everything(into))


def test_archives_are_told_from_other_files(tmp_path: Path, make: Make) -> None:
    other = tmp_path / "model.onnx"
    other.write_bytes(b"x" * 100)
    assert is_archive(make(tmp_path, VOICE))
    assert not is_archive(other)
    assert not is_archive(tmp_path)
