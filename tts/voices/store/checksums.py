"""Digests of files, read once for all algorithms."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

_CHUNK_BYTES = 1 << 20


class Digests:
    """Digests of what was fed so far. MD5, where publishers give no better, tells damage but not forgery."""

    def __init__(self, algorithms: Iterable[str] = ("sha256",)) -> None:
        self._hashes = {name: hashlib.new(name, usedforsecurity=False) for name in algorithms}

    def feed(self, data: bytes) -> None:
        for digest in self._hashes.values():
            digest.update(data)

    def feed_file(self, path: Path) -> None:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                self.feed(chunk)

    def hexadecimal(self) -> Mapping[str, str]:
        return {name: digest.hexdigest() for name, digest in self._hashes.items()}


def sha256_of(path: Path) -> str:
    """Of a file, in hexadecimal. Raises OSError."""
    digests = Digests()
    digests.feed_file(path)
    return digests.hexadecimal()["sha256"]


def mismatch(found: Mapping[str, str], published: Mapping[str, str]) -> str:
    """The first published algorithm whose digest differs, or nothing."""
    return next((name for name, digest in published.items() if found[name] != digest), "")
