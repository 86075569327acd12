"""Voices made of tones as publishers publish theirs, with the catalogue entries to match."""

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path

from tests.fixture_voices import write_fixture_voice
from tests.tts.voices.store.publisher import Habit, Publisher
from tts.voices.store.catalogue import Catalogue, load_catalogue

HOST = "https://publisher.example"
"""What the catalogue says; tests reach it by a mirror."""


def tone_pair(folder: Path, name: str, **options: object) -> Mapping[str, bytes]:
    """The two files of a Piper voice."""
    files = write_fixture_voice(folder, name, **options)  # type: ignore[arg-type]  # passed on
    return {files.model.name: files.model.read_bytes(), files.config.name: files.config.read_bytes()}


def tar_of(folder: Path, top: str, more: Mapping[str, bytes] | None = None) -> bytes:
    """A tar.bz2 of everything in `folder` below `top`, and of `more`."""
    buffer = io.BytesIO()
    content = {path.name: path.read_bytes() for path in sorted(folder.iterdir())} | dict(more or {})
    with tarfile.open(fileobj=buffer, mode="w:bz2") as archive:
        for name, data in content.items():
            entry = tarfile.TarInfo(f"{top}/{name}")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def download(content: bytes, name: str, **more: object) -> dict[str, object]:
    """A file of a catalogue entry, with everything a publisher may say of it."""
    return {
        "url": f"{HOST}/{name}",
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
        **more,
    }


def entry(name: str, downloads: list[dict[str, object]], **changes: object) -> dict[str, object]:
    known: dict[str, object] = {
        "name": name,
        "title": f"Voice {name}",
        "family": "piper",
        "languages": ["zh-CN"],
        "gender": "female",
        "sample_rate": 22050,
        "licence": "CC0-1.0",
        "licence_url": f"{HOST}/LICENCE",
        "commercial_use": "yes",
        "downloads": downloads,
    }
    return known | changes


def publish(publisher: Publisher, files: Mapping[str, bytes], *habits: Habit) -> None:
    """Serve `files` where the mirror `publisher.url` has those of `HOST`; `habits` are for the first."""
    for number, (name, content) in enumerate(files.items()):
        publisher.publish(f"/publisher.example/{name}", content, *(habits if number == 0 else ()))


def catalogue_file(folder: Path, *entries: Mapping[str, object]) -> Path:
    path = folder / "catalogue.json"
    path.write_text(json.dumps({"voices": entries}))
    return path


def catalogue_of(folder: Path, *entries: Mapping[str, object]) -> Catalogue:
    return load_catalogue(catalogue_file(folder, *entries))
