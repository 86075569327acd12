"""Where the store keeps what is not a voice yet: a folder of the voices directory that no catalogue scan looks into.

    .store/lock            held while something changes
    .store/partial/NAME/   downloads of one voice that are not complete
    .store/staging/        voices being put together; emptied by whoever holds the lock
    .store/records/        what was installed, file by file

It lies on the voices' own disk, so that a finished voice is moved to its place in one step.
"""

import contextlib
import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tts.voices.store.errors import StoreBusy, StoreError, StoreNotWritable

STORE_FOLDER = ".store"


@dataclass(frozen=True, slots=True)
class StoreLayout:
    """Paths of the store of the voices directory `voices`."""

    voices: Path

    @property
    def records(self) -> Path:
        return self.voices / STORE_FOLDER / "records"

    @property
    def _staging(self) -> Path:
        return self.voices / STORE_FOLDER / "staging"

    def partial(self, name: str) -> Path:
        """Downloads of the voice `name` under way."""
        return self.voices / STORE_FOLDER / "partial" / name

    @contextlib.contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the store's lock, and find the staging folder empty. Raises `StoreBusy` and `StoreNotWritable`."""
        with writing(self.voices):
            self._staging.mkdir(parents=True, exist_ok=True)
            self.records.mkdir(exist_ok=True)
            descriptor = os.open(self.voices / STORE_FOLDER / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _lock(descriptor)
            _empty(self._staging)
            yield
        finally:
            os.close(descriptor)

    @contextlib.contextmanager
    def staging(self) -> Iterator[Path]:
        """An empty folder on the voices' disk that is gone afterwards. Only while the lock is held."""
        with writing(self.voices):
            folder = Path(tempfile.mkdtemp(dir=self._staging))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def writing(directory: Path) -> Iterator[None]:
    """Turn what a disk refuses into `StoreNotWritable`, which says what to do."""
    try:
        yield
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise StoreNotWritable(
                f"The disk of {directory} is full, or this user's share of it. Nothing was installed; "
                "free some space and try again."
            ) from problem
        if problem.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise StoreNotWritable(
                f"{directory} cannot be written to ({problem.strerror}). Run this as the user that owns it, "
                "or let VOXGATE_VOICES_DIR name another directory."
            ) from problem
        raise StoreError(f"{directory}: {problem.strerror or type(problem).__name__}") from problem


def _lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
        raise StoreBusy(
            f"Another `voices` command (process {holder or 'unknown'}) is changing the voices. "
            "Wait until it is done, or end it."
        ) from problem
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)


def _empty(folder: Path) -> None:
    """Remove what a killed process left."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
