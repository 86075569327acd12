"""The bytes of a tar file, unpacked as they are asked for, for `tarfile` to read from within bounds.

`tarfile` believes what headers say of their own length, and its streams unpack 10 kB at once, which are gigabytes in a
file made for that.
"""

import bz2
import gzip
import io
import lzma
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, cast

from tts.voices.store.errors import UnsafeArchive

MAX_HEADER_BYTES = 16 * 2**10
"""Of one entry. Names and links have 4 kB at most; `tarfile` takes 0.4 s for the worst 16 kB and 5 s for 64."""

MAX_HEADERS_BYTES = 16 * 2**20
"""Of all entries: ten thousand with a pax header of the usual 1.5 kB each."""

MAX_XZ_MEMORY_BYTES = 128 * 2**20
"""`xz -9` needs 65 MiB to unpack; a file may ask for 4 GiB."""

_CHUNK_BYTES = 1 << 16


class Compression(StrEnum):
    """What a tar file is packed with."""

    NONE = "none"
    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"


class TarStream(io.BufferedIOBase):
    """`plain`, the contents of the file `name`, read forwards.

    At most `max_bytes` are read or passed over, and of these only so many while a header is awaited. Raises
    `UnsafeArchive` beyond that, before anything is read.
    """

    def __init__(self, plain: BinaryIO, name: str, max_bytes: int) -> None:
        self._plain = plain
        self._name = name
        self._position = 0
        self._max_bytes = max_bytes
        self._header_left = MAX_HEADER_BYTES
        self._headers_left = MAX_HEADERS_BYTES
        self._in_header = True

    def await_header(self) -> None:
        """The next reads are of one entry's headers."""
        self._in_header = True
        self._header_left = MAX_HEADER_BYTES

    def await_contents(self) -> None:
        """The next reads are of an entry's contents."""
        self._in_header = False

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = self._max_bytes if size is None or size < 0 else size
        if self._in_header:
            self._header_left -= wanted
            self._headers_left -= wanted
            if min(self._header_left, self._headers_left) < 0:
                raise UnsafeArchive(
                    f"{self._name} has longer headers than any voice's archive. It was not unpacked."
                )
        return self._take(wanted)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if whence != io.SEEK_SET or offset < self._position:
            raise io.UnsupportedOperation("an entry lies before its header")
        while self._position < offset and self._take(min(_CHUNK_BYTES, offset - self._position)):
            pass
        return self._position

    def _take(self, size: int) -> bytes:
        if self._position + size > self._max_bytes:
            raise UnsafeArchive(f"{self._name} unpacks to more than any voice has. It was not unpacked.")
        data = self._plain.read(size)
        self._position += len(data)
        return data


def opened(path: Path, compression: Compression) -> BinaryIO:
    """The unpacked bytes of `path`. Reading raises what zlib, bz2 and lzma do for damaged files, and EOFError."""
    return _OPENERS[compression](path)


class _Xz(io.RawIOBase):
    """The unpacked bytes of an xz file. `lzma.open` would use as much memory as the file asks for."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._decompressor = _xz_decompressor()

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what BufferedReader passes
        data = b""
        while not data:
            packed = self._file.read(_CHUNK_BYTES) if self._decompressor.needs_input else b""
            if self._decompressor.eof:
                packed = self._decompressor.unused_data or self._file.read(_CHUNK_BYTES)
                if not packed:
                    return 0
                self._decompressor = _xz_decompressor()
            elif not packed and self._decompressor.needs_input:
                raise EOFError("the file ends before its contents do")
            data = self._decompressor.decompress(packed, len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _xz_decompressor() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_XZ_MEMORY_BYTES)


def _open_xz(path: Path) -> BinaryIO:
    return cast(BinaryIO, io.BufferedReader(_Xz(path), _CHUNK_BYTES))


_OPENERS: dict[Compression, Callable[[Path], BinaryIO]] = {
    Compression.NONE: lambda path: path.open("rb"),
    Compression.GZIP: cast(Callable[[Path], BinaryIO], gzip.open),
    Compression.BZIP2: cast(Callable[[Path], BinaryIO], bz2.open),
    Compression.XZ: _open_xz,
}
