"""Log files are put aside when they have grown, compressed once nobody writes to them, and deleted when there are many.

A file is put aside by renaming it, which its writers notice before their next line. One of them may have looked just
before and hold it locked (`AppendingFileHandler` in `voxgate.ops.logs`): so a file is compressed a while later, and its
original goes only when nobody holds it and it did not grow meanwhile.
"""

import contextlib
import fcntl
import gzip
import logging
import os
import re
import shutil
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils import timezone

from tts.models import MaintenanceRun

logger = logging.getLogger(__name__)

NAMES = ("tts_access.log", "tts_error.log", "tts_debug.log")
SETTLED = timedelta(seconds=30)
"""How long after its renaming a file is compressed."""
REMINDED_AFTER = timedelta(days=1)
_TIME = "%Y%m%dT%H%M%S%fZ"
_ASIDE = re.compile(r"\.(\d{8}T\d{12}Z)(\.gz)?")
_UNFINISHED = ".part"


@dataclass(slots=True)
class Rotation:
    """How many files were put aside, compressed and deleted, and the bytes that this took off the disk."""

    renamed: int = 0
    compressed: int = 0
    deleted: int = 0
    freed_bytes: int = 0


def log_files_rotate(*, now: datetime, settled: timedelta = SETTLED) -> Rotation:
    """One pass over the three log files; by one process at a time, the janitor.

    What it did is kept as a `MaintenanceRun`; a pass that did nothing leaves none. Where `LOG_MAX_BYTES` is 0 somebody
    else rotates and this does nothing. A file that cannot be dealt with is left for the next pass; its problem is told
    and kept as a failed run when it is new, and once a day while it lasts.
    """
    done = Rotation()
    if settings.LOG_MAX_BYTES == 0:
        return done
    problem = ""
    for name in NAMES:
        try:
            _rotate(settings.LOG_DIR / name, now, settled, done)
        except OSError as error:
            problem = f"{name}: {error.strerror}"
    is_news = bool(problem) and not _is_known(problem, now)
    if is_news:
        logger.warning("log file not rotated: %s", problem)
    if done != Rotation() or is_news:
        MaintenanceRun.objects.create(
            kind=MaintenanceRun.Kind.LOG_ROTATION,
            started_at=now,
            finished_at=timezone.now(),
            succeeded=not problem,
            data=asdict(done),
            problem=problem[:200],
        )
    return done


def _is_known(problem: str, now: datetime) -> bool:
    """Whether the newest pass on record met the same, less than a day ago."""
    runs = MaintenanceRun.objects.filter(kind=MaintenanceRun.Kind.LOG_ROTATION)
    last = runs.values_list("problem", "started_at").first()
    return last is not None and last[0] == problem[:200] and now - last[1] < REMINDED_AFTER


def _rotate(path: Path, now: datetime, settled: timedelta, done: Rotation) -> None:
    # Nothing was written yet, or somebody else has moved it.
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size > settings.LOG_MAX_BYTES:
            path.rename(path.with_name(f"{path.name}.{now.astimezone(UTC):{_TIME}}"))
            done.renamed += 1
    for old in _aside(path):
        if old.suffix != ".gz" and _put_aside_at(path, old) <= now - settled:
            _compress(old, done)
    for old in _aside(path)[: -settings.LOG_KEEP]:
        done.freed_bytes += old.stat().st_size
        old.unlink()
        done.deleted += 1


def _aside(path: Path) -> list[Path]:
    """What was put aside of a file, the oldest first. Files that other tools left are none of it."""
    found = [other for other in path.parent.glob(f"{path.name}.*") if _time_in(path, other) is not None]
    return sorted(found, key=lambda other: other.name)


def _time_in(path: Path, old: Path) -> str | None:
    named = _ASIDE.fullmatch(old.name.removeprefix(path.name))
    return None if named is None else named[1]


def _put_aside_at(path: Path, old: Path) -> datetime:
    return datetime.strptime(_time_in(path, old) or "", _TIME).replace(tzinfo=UTC)


def _compress(old: Path, done: Rotation) -> None:
    """Replace `old` by its gzip file, unless somebody still writes to it: then the next pass tries again."""
    made = old.with_name(f"{old.name}.gz")
    unfinished = old.with_name(f"{old.name}{_UNFINISHED}")
    # An exclusive lock needs the right to write.
    with old.open("r+b") as source:
        with (
            _private(unfinished) as raw,
            gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as packed,
        ):
            shutil.copyfileobj(source, packed, 2**20)
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        size = source.tell()
        if not _is_settled(source, size):
            unfinished.unlink()
            return
        # A writer that waits for the lock finds that the name is another file's and writes there.
        unfinished.rename(made)
        old.unlink()
    done.compressed += 1
    done.freed_bytes += size - made.stat().st_size


def _is_settled(source: BinaryIO, size: int) -> bool:
    """Whether nobody is writing to the file and it has still the `size` in bytes; locks it until it is closed."""
    try:
        fcntl.lockf(source, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:  # somebody writes to it; the next pass tries again
        return False
    return os.fstat(source.fileno()).st_size == size


def _private(path: Path) -> BinaryIO:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    return os.fdopen(descriptor, "wb")
