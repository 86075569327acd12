"""Files out of archives. Contents are copied under names we choose: no path of an archive is ever used on disk."""

import contextlib
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from tts.voices.store.errors import UnsafeArchive
from tts.voices.store.layout import writing

MAX_UNPACKED_BYTES = 4 * 2**30
MAX_ENTRIES = 20_000
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
    size_bytes: int
    open: Callable[[], IO[bytes]]


def is_archive(path: Path) -> bool:
    """Whether `path` is a tar file, compressed or not, or a zip file."""
    return path.is_file() and (tarfile.is_tarfile(path) or zipfile.is_zipfile(path))


def unpack(archive: Path, choose: Choice, *, max_bytes: int = MAX_UNPACKED_BYTES) -> list[Path]:
    """Store the entries that `choose` names, and return where.

    Raises `UnsafeArchive` when a chosen one is no plain file or is there twice, when all entries together have more
    than `max_bytes`, and when the archive is damaged; `StoreNotWritable`.
    """
    stored: list[Path] = []
    total = 0
    with contextlib.ExitStack() as stack:
        for count, entry in enumerate(_entries(archive, stack)):
            # What is left out counts too: it has to be decompressed to get past it.
            total += max(0, entry.size_bytes)
            if total > max_bytes or count >= MAX_ENTRIES:
                raise UnsafeArchive(
                    f"{archive.name} unpacks to more than any voice has. It was not unpacked."
                )
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


def _entries(archive: Path, stack: contextlib.ExitStack) -> Iterator[_Entry]:
    with _readable(archive):
        if zipfile.is_zipfile(archive):
            yield from _zip_entries(stack.enter_context(zipfile.ZipFile(archive)))
        else:
            yield from _tar_entries(stack.enter_context(tarfile.open(archive, "r|*")))  # noqa: SIM115 - the stack's


@contextlib.contextmanager
def _readable(archive: Path) -> Iterator[None]:
    try:
        yield
    except _DAMAGED as problem:
        raise UnsafeArchive(f"{archive.name} is damaged or no archive: {problem}") from problem


def _tar_entries(tar: tarfile.TarFile) -> Iterator[_Entry]:
    for member in tar:
        if member.isdir():
            continue

        def opened(member: tarfile.TarInfo = member) -> IO[bytes]:
            file = tar.extractfile(member)
            if file is None:
                raise UnsafeArchive("an entry without contents")
            return file

        yield _Entry(member.name, member.isreg() and not member.issparse(), member.size, opened)


def _zip_entries(archive: zipfile.ZipFile) -> Iterator[_Entry]:
    for member in archive.infolist():
        if member.is_dir():
            continue

        def opened(member: zipfile.ZipInfo = member) -> IO[bytes]:
            return archive.open(member)

        # The upper half of these attributes is a Unix mode where a Unix tool wrote the archive: 0o12 is a link.
        kind = member.external_attr >> 28
        yield _Entry(member.filename, kind in (0, 0o10), member.file_size, opened)


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
