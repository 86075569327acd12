"""What lies in the voices directory, read without onnxruntime: quick and light enough for a web process."""

import errno
import logging
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tts.engines.onnx.piper_config import MAX_CONFIG_BYTES, PiperConfig, parse_piper_config
from tts.voices.problems import VoiceCorrupt, VoiceIncompatible, VoiceMissing, VoiceProblem
from tts.voices.voice import VoiceState

logger = logging.getLogger(__name__)

SETTLE_SECONDS = 1.0
"""How long a file must have been left alone before it counts as copied."""

MODEL_SUFFIX = ".onnx"
CONFIG_SUFFIX = ".onnx.json"

MAX_MODEL_BYTES = 2**31 - 1
"""The most a protobuf message, and so an ONNX file, can have."""

RESERVED_PREFIX = "espeak-"
"""Ids that begin so are those of the fallback's voices."""

# The stem becomes a voice id, which travels in headers and URLs and is kept in the database.
_STEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")

Now = Callable[[], float]
"""Unix time in seconds, as files carry it; `time.time` outside tests."""

Fingerprint = tuple[tuple[int, int], tuple[int, int]]
"""Modification time in nanoseconds and size in bytes of a voice's two files."""


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """A voice's files. `state` is `ready` when both are there and the configuration can be used, `loading`
    while they are being copied, else `problem` tells what is wrong. `config` is None where it could not be
    read."""

    stem: str
    model: Path
    state: VoiceState
    problem: str = ""
    fingerprint: Fingerprint | None = None
    config: PiperConfig | None = None


class VoiceCatalog:
    """Reads `X.onnx` and `X.onnx.json` pairs of one directory, each configuration again only when it changed.

    Voices made of tones for tests are refused unless `allow_fixture`. Files whose names cannot be ids, or could be
    the fallback's, are logged once and left out. Not thread-safe.
    """

    def __init__(self, directory: Path, *, allow_fixture: bool = False, now: Now = time.time) -> None:
        self._directory = directory
        self._allow_fixture = allow_fixture
        self._now = now
        self._first_seen: dict[tuple[str, Fingerprint], float] = {}
        self._known: dict[str, CatalogEntry] = {}
        self._ignored: dict[str, str] = {}

    def scan(self) -> tuple[CatalogEntry, ...]:
        """The voices there now, in the order of their names; none where the directory does not exist.

        Raises OSError where it cannot be listed.
        """
        models, configs = self._files()
        stems = sorted({*models, *configs})
        entries = [self._entry(stem, models.get(stem), configs.get(stem)) for stem in stems]
        self._known = {entry.stem: entry for entry in entries}
        present = {(entry.stem, entry.fingerprint) for entry in entries}
        self._first_seen = {key: seen for key, seen in self._first_seen.items() if key in present}
        return tuple(entries)

    def _files(self) -> tuple[dict[str, os.stat_result], dict[str, os.stat_result]]:
        models: dict[str, os.stat_result] = {}
        configs: dict[str, os.stat_result] = {}
        ignored: dict[str, str] = {}
        try:
            listing = os.scandir(self._directory)
        except FileNotFoundError:
            return models, configs
        with listing:
            for file in listing:
                for suffix, found in ((CONFIG_SUFFIX, configs), (MODEL_SUFFIX, models)):
                    if not file.name.endswith(suffix):
                        continue
                    stem = file.name.removesuffix(suffix)
                    if objection := _objection(stem):
                        ignored[file.name] = objection
                    else:
                        self._stat(file, stem, found)
                    break
        self._report(ignored)
        return models, configs

    def _stat(self, file: os.DirEntry[str], stem: str, found: dict[str, os.stat_result]) -> None:
        try:
            if file.is_file():
                found[stem] = file.stat()
        except FileNotFoundError:
            # Deleted, or a temporary name given up, since the directory was listed.
            return
        except OSError as problem:
            # A link to itself is one voice's trouble; a directory that cannot be searched is everybody's.
            if problem.errno != errno.ELOOP:
                raise

    def _report(self, ignored: dict[str, str]) -> None:
        for name in ignored.keys() - self._ignored.keys():
            logger.warning("voice file %r is ignored: %s", name, ignored[name])
        self._ignored = ignored

    def _entry(self, stem: str, model: os.stat_result | None, config: os.stat_result | None) -> CatalogEntry:
        path = self._directory / f"{stem}{MODEL_SUFFIX}"
        try:
            if model is None:
                raise VoiceMissing(f"{path.name} is not there")
            if config is None:
                raise VoiceMissing(f"{stem}{CONFIG_SUFFIX} is not there")
            fingerprint = (model.st_mtime_ns, model.st_size), (config.st_mtime_ns, config.st_size)
            if not self._has_settled(stem, fingerprint):
                return CatalogEntry(stem, path, VoiceState.LOADING, "still being copied", fingerprint)
            known = self._known.get(stem)
            if known and known.fingerprint == fingerprint and known.state is not VoiceState.LOADING:
                return known
            return self._read(stem, path, fingerprint)
        except VoiceProblem as problem:
            return CatalogEntry(stem, path, problem.state, str(problem))

    def _read(self, stem: str, path: Path, fingerprint: Fingerprint) -> CatalogEntry:
        config: PiperConfig | None = None
        try:
            (_, model_bytes), (_, config_bytes) = fingerprint
            if model_bytes > MAX_MODEL_BYTES:
                raise VoiceCorrupt(
                    f"the model has {model_bytes} bytes; no ONNX file has more than {MAX_MODEL_BYTES}"
                )
            if config_bytes > MAX_CONFIG_BYTES:
                raise VoiceCorrupt(f"the configuration is larger than {MAX_CONFIG_BYTES} bytes")
            config = parse_piper_config(self._config_bytes(stem))
            if config.is_fixture and not self._allow_fixture:
                raise VoiceIncompatible("it consists of tones made for tests and does not speak")
        except VoiceProblem as problem:
            return CatalogEntry(stem, path, problem.state, str(problem), fingerprint, config)
        except Exception as problem:
            logger.exception("the configuration of voice %s cannot be read", stem)
            return CatalogEntry(stem, path, VoiceState.INCOMPATIBLE, type(problem).__name__, fingerprint)
        return CatalogEntry(stem, path, VoiceState.READY, "", fingerprint, config)

    def _config_bytes(self, stem: str) -> bytes:
        try:
            with (self._directory / f"{stem}{CONFIG_SUFFIX}").open("rb") as file:
                # It may have grown since its size was seen.
                return file.read(MAX_CONFIG_BYTES + 1)
        except OSError as problem:
            raise VoiceCorrupt(f"the configuration cannot be read: {problem.strerror}") from problem

    def _has_settled(self, stem: str, fingerprint: Fingerprint) -> bool:
        now = self._now()
        # Modification times may lie in the future or be copied along, so what was seen before counts as well.
        seen = self._first_seen.setdefault((stem, fingerprint), now)
        changed = max(modified for modified, _ in fingerprint) / 1e9
        return now - changed >= SETTLE_SECONDS or now - seen >= SETTLE_SECONDS


def _objection(stem: str) -> str:
    """Why `stem` cannot be a voice id, or nothing."""
    if not _STEM.fullmatch(stem):
        return "its name may only hold A-Z a-z 0-9 . _ + -"
    if stem.lower().startswith(RESERVED_PREFIX):
        return f"names that begin with {RESERVED_PREFIX} are those of the fallback's voices"
    return ""
