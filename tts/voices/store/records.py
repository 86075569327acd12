"""What was installed: each file's size and SHA-256 at that moment, to tell later whether it is still the same."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tts.voices.store.checksums import sha256_of


@dataclass(frozen=True, slots=True)
class FileRecord:
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class VoiceRecord:
    """`files` are by path relative to the voices directory; `installed_at` is Unix time in seconds."""

    name: str
    source: str
    licence: str
    installed_at: float
    files: Mapping[str, FileRecord] = field(default_factory=dict)


def record_files(root: Path, names: Sequence[str]) -> Mapping[str, FileRecord]:
    """Sizes and digests of files below `root`."""
    return {name: FileRecord((root / name).stat().st_size, sha256_of(root / name)) for name in names}


def write_record(directory: Path, record: VoiceRecord) -> None:
    """Write it in one step. Raises OSError."""
    target = _path(directory, record.name)
    draft = target.with_suffix(".draft")
    draft.write_text(json.dumps(asdict(record), indent=1, ensure_ascii=False), encoding="utf-8")
    draft.replace(target)


def read_record(directory: Path, name: str) -> VoiceRecord | None:
    """None where nothing is recorded, or what is cannot be read."""
    try:
        values = json.loads(_path(directory, name).read_bytes())
        files = {
            str(path): FileRecord(int(file["size_bytes"]), str(file["sha256"]))
            for path, file in values["files"].items()
        }
        return VoiceRecord(
            name, str(values["source"]), str(values["licence"]), float(values["installed_at"]), files
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def forget_record(directory: Path, name: str) -> None:
    _path(directory, name).unlink(missing_ok=True)


def differences(root: Path, record: VoiceRecord) -> list[str]:
    """What is not as it was installed, one sentence per file; nothing when all is."""
    return [problem for name, file in record.files.items() if (problem := _difference(root / name, file))]


def _difference(path: Path, file: FileRecord) -> str:
    try:
        size = path.stat().st_size
        if size != file.size_bytes:
            return f"{path.name} has {size} bytes; {file.size_bytes} were installed"
        if sha256_of(path) != file.sha256:
            return f"{path.name} has changed since it was installed"
    except FileNotFoundError:
        return f"{path.name} is gone"
    except OSError as problem:
        return f"{path.name} cannot be read: {problem.strerror}"
    return ""


def _path(directory: Path, name: str) -> Path:
    # Names come from files found in the directory and from the command line.
    return directory / f"{re.sub(r'[^A-Za-z0-9._+-]', '_', name)}.json"
