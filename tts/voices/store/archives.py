"""Files out of archives. Contents are copied under names we choose: no path of an archive is ever used on disk."""

import contextlib
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

from tts.voices.store.errors import UnsafeArchive
from tts.voices.store.layout import writing
from tts.voices.store.tar_stream import Compression, TarStream, opened

MAX_UNPACKED_BYTES = 4 * 2**30
MAX_ENTRIES = 20_000
_SPARE_BYTES = 64 * 2**20
"""Headers and padding, beside contents."""

_MAGIC = {
    b"\x1f\x8b": Compression.GZIP,
    b"BZh": Compression.BZIP2,
    b"\xfd7zXZ\0": Compression.XZ,
}
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_CHUNK_BYTES = 1 << 20
_PLAIN_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9 ._+-]{0,120}")
_DAMAGED = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
)
"""What the modules below raise for broken, encrypted and unknown contents."""

Choice = Callable[[PurePosixPath], Path | None]
"""Where an entry is to be stored, None to leave it out."""


@dataclass(frozen=True, slots=True)
class _Entry:
    path: str
    is_file: bool
    is_folder: bool
    size_bytes: int
    open: Callable[[], IO[bytes]]


def is_archive(path: Path) -> bool:
    """Whether `path` begins like a tar file, a compressed file, which is taken for one, or a zip file.

    Nothing is unpacked to find out.
    """
    if not path.is_file():
        return False
    start = _start(path)
    return start.startswith(_ZIP_MAGIC) or _compression(start) is not None


def unpack(archive: Path, choose: Choice, *, max_bytes: int = MAX_UNPACKED_BYTES) -> list[Path]:
    """Store the entries that `choose` names, and return where.

    Raises `UnsafeArchive` when a chosen one is no plain file or is there twice, when all entries together have more
    than `max_bytes`, and when the archive is damaged; `StoreNotWritable`.
    """
    stored: list[Path] = []
    total = 0
    with contextlib.closing(_entries(archive, max_bytes)) as entries:
        for count, entry in enumerate(entries):
            # What is left out counts too: it has to be decompressed to get past it.
            total += max(0, entry.size_bytes)
            if total > max_bytes or count >= MAX_ENTRIES:
                raise UnsafeArchive(
                    f"{archive.name} unpacks to more than any voice has. It was not unpacked."
                )
            if entry.is_folder:
                continue
            path = PurePosixPath(entry.path)
            target = None if path.is_absolute() or ".." in path.parts else choose(path)
            if target is None:
                continue
            if not entry.is_file or target in stored:
                raise UnsafeArchive(
                    f"{archive.name}: {path.name!r:.80} is no plain file, or is there twice. It was not unpacked."
                )
            _store(archive, entry, target)
            stored.append(target)
    return stored


def members_of(folder: str, wanted: tuple[str, ...], into: Path) -> Choice:
    """A choice of the paths `wanted` below `folder`, each stored in `into` under its last part."""
    targets = {PurePosixPath(folder, member): into / PurePosixPath(member).name for member in wanted}
    return targets.get


def everything(into: Path) -> Choice:
    """A choice of all entries with plain names, under their own paths."""

    def choose(path: PurePosixPath) -> Path | None:
        plain = path.parts and all(_PLAIN_PART.fullmatch(part) for part in path.parts)
        return into.joinpath(*path.parts) if plain else None

    return choose


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(tarfile.BLOCKSIZE)


def _compression(start: bytes) -> Compression | None:
    """How the tar file that begins with `start` is packed, None for no tar file."""
    for magic, compression in _MAGIC.items():
        if start.startswith(magic):
            return compression
    try:
        tarfile.TarInfo.frombuf(start, tarfile.ENCODING, "surrogateescape")
    except tarfile.TarError:
        return None
    return Compression.NONE


def _entries(archive: Path, max_bytes: int) -> Generator[_Entry]:
    with _readable(archive):
        start = _start(archive)
        if start.startswith(_ZIP_MAGIC):
            with zipfile.ZipFile(archive) as zipped:
                for member in zipped.infolist():
                    yield _zip_entry(archive, zipped, member)
            return
        with opened(archive, _compression(start) or Compression.NONE) as plain:
            yield from _tar_entries(TarStream(plain, archive.name, max_bytes + _SPARE_BYTES))


@contextlib.contextmanager
def _readable(archive: Path) -> Iterator[None]:
    try:
        yield
    except _DAMAGED as problem:
        raise UnsafeArchive(f"{archive.name} is damaged or no archive: {problem}") from problem


def _tar_entries(stream: TarStream) -> Iterator[_Entry]:
    with tarfile.open(fileobj=cast(IO[bytes], stream), mode="r:") as tar:
        while True:
            stream.await_header()
            member = tar.next()
            if member is None:
                return
            stream.await_contents()
            yield _tar_entry(tar, member)


def _tar_entry(tar: tarfile.TarFile, member: tarfile.TarInfo) -> _Entry:
    def open_member() -> IO[bytes]:
        file = tar.extractfile(member)
        if file is None:
            raise UnsafeArchive("an entry without contents")
        return file

    is_plain = member.isreg() and not member.issparse()
    return _Entry(member.name, is_plain, member.isdir(), member.size, open_member)


def _zip_entry(archive: Path, zipped: zipfile.ZipFile, member: zipfile.ZipInfo) -> _Entry:
    def open_member() -> IO[bytes]:
        # Of the others `zipfile` unpacks all that it has read at once.
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise UnsafeArchive(
                f"{archive.name} is not packed with deflate as zip files are. It was not unpacked."
            )
        return zipped.open(member)

    # The upper half of these attributes is a Unix mode where a Unix tool wrote the archive: 0o12 is a link.
    kind = member.external_attr >> 28
    return _Entry(member.filename, kind in (0, 0o10), member.is_dir(), member.file_size, open_member)


def _store(archive: Path, entry: _Entry, target: Path) -> None:
    with writing(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
    with _readable(archive):
        source = entry.open()
    left = entry.size_bytes
    with source, writing(target.parent), target.open("xb") as file:
        while chunk := _read(archive, source):
            left -= len(chunk)
            if left < 0:
                break
            file.write(chunk)
    if left:
        raise UnsafeArchive(f"{archive.name}: {target.name} has another size than the archive says.")


def _read(archive: Path, source: IO[bytes]) -> bytes:
    with _readable(archive):
        return source.read(_CHUNK_BYTES)
