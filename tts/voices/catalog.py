"""What lies in the voices directory, read without onnxruntime: quick and light enough for a web process."""

import errno
import logging
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from tts.voices.description import VoiceConfig
from tts.voices.files import CONFIG_SUFFIX as CONFIG_SUFFIX
from tts.voices.files import MODEL_SUFFIX as MODEL_SUFFIX
from tts.voices.files import Fingerprint as Fingerprint
from tts.voices.files import Folder, Pair, VoiceFiles
from tts.voices.manifest import MANIFEST_NAME
from tts.voices.problems import VoiceIncompatible, VoiceProblem
from tts.voices.voice import VoiceState

logger = logging.getLogger(__name__)

SETTLE_SECONDS = 1.0
"""How long a file must have been left alone before it counts as copied."""

RESERVED_PREFIX = "espeak-"
"""Ids that begin so are those of the fallback's voices."""

# The stem becomes a voice id, which travels in headers and URLs and is kept in the database.
_STEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")

Now = Callable[[], float]
"""Unix time in seconds, as files carry it; `time.time` outside tests."""


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """A voice on disk: `model` is its model file, or its folder. `state` is `ready` when all its files are there and
    the configuration can be used, `loading` while they are being copied, else `problem` tells what is wrong. `config`
    is None where it could not be read."""

    stem: str
    model: Path
    state: VoiceState
    problem: str = ""
    fingerprint: Fingerprint | None = None
    config: VoiceConfig | None = None


class VoiceCatalog:
    """Reads the voices of one directory: `X.onnx` with `X.onnx.json`, and `X/voice.json` with the files it names.

    Configurations are taken anew only when a file changed. Voices made of tones for tests are refused unless
    `allow_fixture`. Files whose names cannot be ids, or could be the fallback's, are logged once and left out. Not
    thread-safe.
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
        found = self._files()
        entries = [self._entry(found[stem]) for stem in sorted(found)]
        self._known = {entry.stem: entry for entry in entries}
        present = {(entry.stem, entry.fingerprint) for entry in entries}
        self._first_seen = {key: seen for key, seen in self._first_seen.items() if key in present}
        return tuple(entries)

    def _files(self) -> dict[str, VoiceFiles]:
        pairs: dict[str, Pair] = {}
        folders: dict[str, Folder] = {}
        ignored: dict[str, str] = {}
        try:
            listing = os.scandir(self._directory)
        except FileNotFoundError:
            return {}
        with listing:
            for file in listing:
                suffix = next((s for s in (CONFIG_SUFFIX, MODEL_SUFFIX) if file.name.endswith(s)), "")
                stem = file.name.removesuffix(suffix)
                is_voice = self._is_folder_voice(file)
                if not (suffix or is_voice):
                    continue
                if objection := _objection(file.name if is_voice else stem):
                    ignored[file.name] = objection
                elif is_voice:
                    folders[file.name] = Folder(self._directory / file.name)
                elif found := _stat(file):
                    half = pairs.get(stem, Pair(self._directory, stem))
                    is_config = suffix == CONFIG_SUFFIX
                    pairs[stem] = replace(half, config=found) if is_config else replace(half, model=found)
        ignored |= dict.fromkeys(folders.keys() & pairs.keys(), "a Piper voice has the same name")
        self._report(ignored)
        return {**folders, **pairs}

    def _is_folder_voice(self, file: os.DirEntry[str]) -> bool:
        try:
            return file.is_dir() and (self._directory / file.name / MANIFEST_NAME).exists()
        except OSError:
            return False

    def _report(self, ignored: dict[str, str]) -> None:
        for name in ignored.keys() - self._ignored.keys():
            logger.warning("voice file %r is ignored: %s", name, ignored[name])
        self._ignored = ignored

    def _entry(self, files: VoiceFiles) -> CatalogEntry:
        try:
            fingerprint = files.fingerprint()
        except VoiceProblem as problem:
            return CatalogEntry(files.stem, files.path, problem.state, str(problem))
        if not self._has_settled(files.stem, fingerprint):
            return CatalogEntry(files.stem, files.path, VoiceState.LOADING, "still being copied", fingerprint)
        known = self._known.get(files.stem)
        if known and known.fingerprint == fingerprint and known.state is not VoiceState.LOADING:
            return known
        return self._read(files, fingerprint)

    def _read(self, files: VoiceFiles, fingerprint: Fingerprint) -> CatalogEntry:
        config: VoiceConfig | None = None
        try:
            config = files.read()
            if config.description.is_fixture and not self._allow_fixture:
                raise VoiceIncompatible("it consists of tones made for tests and does not speak")
        except VoiceProblem as problem:
            return CatalogEntry(files.stem, files.path, problem.state, str(problem), fingerprint, config)
        except Exception as problem:
            logger.exception("the configuration of voice %s cannot be read", files.stem)
            name = type(problem).__name__
            return CatalogEntry(files.stem, files.path, VoiceState.INCOMPATIBLE, name, fingerprint)
        return CatalogEntry(files.stem, files.path, VoiceState.READY, "", fingerprint, config)

    def _has_settled(self, stem: str, fingerprint: Fingerprint) -> bool:
        now = self._now()
        # Modification times may lie in the future or be copied along, so what was seen before counts as well.
        seen = self._first_seen.setdefault((stem, fingerprint), now)
        changed = max(modified for modified, _ in fingerprint) / 1e9
        return now - changed >= SETTLE_SECONDS or now - seen >= SETTLE_SECONDS


def _stat(file: os.DirEntry[str]) -> os.stat_result | None:
    try:
        return file.stat() if file.is_file() else None
    except FileNotFoundError:
        # Deleted, or a temporary name given up, since the directory was listed.
        return None
    except OSError as problem:
        # A link to itself is one voice's trouble; a directory that cannot be searched is everybody's.
        if problem.errno != errno.ELOOP:
            raise
        return None


def _objection(stem: str) -> str:
    """Why `stem` cannot be a voice id, or nothing."""
    if not _STEM.fullmatch(stem):
        return "its name may only hold A-Z a-z 0-9 . _ + -"
    if stem.lower().startswith(RESERVED_PREFIX):
        return f"names that begin with {RESERVED_PREFIX} are those of the fallback's voices"
    return ""
