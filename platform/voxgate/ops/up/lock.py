"""Only one supervisor per data directory."""

import fcntl
import os
from pathlib import Path

from voxgate.ops.up.errors import StartFailed


class DataLock:
    """A lock on a data directory; the kernel frees it when the process ends, however it ends.

    `holder` is a line about who holds it, shown to whoever comes second.
    """

    def __init__(self, path: Path, holder: str) -> None:
        self._path = path
        self._holder = holder
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Raises `StartFailed` naming the holder when the lock is taken."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(descriptor, 1000).decode(errors="replace").strip()
            os.close(descriptor)
            raise StartFailed(
                f"Voxgate already runs on {self._path.parent.parent} ({holder or 'just starting'}).\n"
                "Stop it with Ctrl+C there, or run a second one beside it: "
                "make run VOXGATE_PORT=7861 VOXGATE_DATA_DIR=<another directory>"
            ) from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{self._holder}\n".encode())
        self._descriptor = descriptor

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
