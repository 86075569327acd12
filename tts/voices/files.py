"""The two shapes a voice has on disk: a Piper pair, and a folder with a manifest."""

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tts.engines.onnx.piper_config import parse_piper_config
from tts.voices.description import VoiceConfig
from tts.voices.fields import MAX_CONFIG_BYTES
from tts.voices.manifest import MANIFEST_NAME, Manifest, parse_manifest
from tts.voices.problems import VoiceCorrupt, VoiceIncompatible, VoiceMissing, VoiceProblem

MODEL_SUFFIX = ".onnx"
CONFIG_SUFFIX = ".onnx.json"

MAX_MODEL_BYTES = 2**31 - 1
"""The most a protobuf message, and so an ONNX file, can have."""

Fingerprint = tuple[tuple[int, int], ...]
"""Modification time in nanoseconds and size in bytes of each of a voice's files."""


class VoiceFiles(Protocol):
    """A voice on disk, of which nothing has been read yet."""

    @property
    def stem(self) -> str: ...

    @property
    def path(self) -> Path:
        """What `load_voice` takes: the model of a pair, or the folder."""
        ...

    def fingerprint(self) -> Fingerprint:
        """Changes whenever one of the files does. Raises `VoiceProblem` where one is missing or cannot be looked at."""
        ...

    def read(self) -> VoiceConfig:
        """Raises `VoiceProblem`."""
        ...


@dataclass(frozen=True, slots=True)
class Pair:
    """`X.onnx` and `X.onnx.json`, with what the directory said about each."""

    directory: Path
    stem: str
    model: os.stat_result | None = None
    config: os.stat_result | None = None

    @property
    def path(self) -> Path:
        return self.directory / f"{self.stem}{MODEL_SUFFIX}"

    def fingerprint(self) -> Fingerprint:
        if self.model is None:
            raise VoiceMissing(f"{self.path.name} is not there")
        if self.config is None:
            raise VoiceMissing(f"{self.stem}{CONFIG_SUFFIX} is not there")
        return _mark(self.model), _mark(self.config)

    def read(self) -> VoiceConfig:
        if self.model is not None:
            _check_model_size(self.model)
        return parse_piper_config(_config_bytes(self.directory / f"{self.stem}{CONFIG_SUFFIX}"))


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder with a `voice.json` and the files that names."""

    path: Path

    @property
    def stem(self) -> str:
        return self.path.name

    def fingerprint(self) -> Fingerprint:
        own = _mark(_look_at(self.path, MANIFEST_NAME))
        try:
            manifest = self.read()
        except VoiceProblem:
            # `read` will say so again once the file has been left alone for a while.
            return (own,)
        return own, *(_mark(_look_at(self.path, name)) for name in manifest.names())

    def read(self) -> Manifest:
        manifest = parse_manifest(_config_bytes(self.path / MANIFEST_NAME))
        root = self.path.resolve()
        for name in manifest.names():
            if not (self.path / name).resolve().is_relative_to(root):
                raise VoiceIncompatible(f"{name} is a link out of the voice's folder")
            _check_model_size(_look_at(self.path, name))
        return manifest


def _look_at(folder: Path, name: str) -> os.stat_result:
    try:
        found = (folder / name).stat()
    except OSError as problem:
        if problem.errno in (errno.ENOENT, errno.ENOTDIR):
            raise VoiceMissing(f"{name} is not there") from None
        raise VoiceCorrupt(f"{name} cannot be read: {problem.strerror}") from problem
    if not stat.S_ISREG(found.st_mode):
        raise VoiceCorrupt(f"{name} is no file")
    return found


def _mark(found: os.stat_result) -> tuple[int, int]:
    return found.st_mtime_ns, found.st_size


def _check_model_size(found: os.stat_result) -> None:
    if found.st_size > MAX_MODEL_BYTES:
        raise VoiceCorrupt(
            f"the model has {found.st_size} bytes; no ONNX file has more than {MAX_MODEL_BYTES}"
        )


def _config_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size > MAX_CONFIG_BYTES:
                raise VoiceCorrupt(f"the configuration is larger than {MAX_CONFIG_BYTES} bytes")
            # It may grow while it is read; what is too long is then no JSON.
            return file.read(MAX_CONFIG_BYTES)
    except OSError as problem:
        raise VoiceCorrupt(f"the configuration cannot be read: {problem.strerror}") from problem
