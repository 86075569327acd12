"""What was installed: each file's size and SHA-256 at that moment, to tell later whether it is still the same."""

import contextlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
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


@contextlib.contextmanager
def unrecorded(directory: Path, name: str) -> Iterator[None]:
    """Have no record of the voice `name` while its files are replaced; the earlier one is back if the block fails.

    Without it a worker that looks in between compares new files with old digests.
    """
    path = _path(directory, name)
    earlier = path.read_bytes() if path.exists() else None
    path.unlink(missing_ok=True)
    try:
        yield
    except BaseException:
        # Ctrl+C as well: the earlier files are in their place again and want their digests.
        if earlier is not None:
            path.write_bytes(earlier)
        raise


def differences(root: Path, record: VoiceRecord, *, trusted_until: float | None = None) -> list[str]:
    """What is not as it was installed, one sentence per file; nothing when all is.

    With `trusted_until` (Unix time in seconds) only files dated later are read; of the others the size decides.
    """
    found = (_difference(root / name, file, trusted_until) for name, file in record.files.items())
    return list(filter(None, found))


def _difference(path: Path, file: FileRecord, trusted_until: float | None) -> str:
    try:
        status = path.stat()
        if status.st_size != file.size_bytes:
            return f"{path.name} has {status.st_size} bytes; {file.size_bytes} were installed"
        if trusted_until is not None and status.st_mtime <= trusted_until:
            return ""
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
