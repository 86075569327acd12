"""Moving a finished voice into the voices directory, and out of it, so that no scan ever finds half of one."""

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from tts.voices.files import CONFIG_SUFFIX, MODEL_SUFFIX


def piper_files(name: str) -> tuple[str, str]:
    """Model and configuration of a Piper voice. The configuration comes last: without it a model is no voice."""
    return f"{name}{MODEL_SUFFIX}", f"{name}{CONFIG_SUFFIX}"


def files_of(directory: Path, name: str) -> tuple[str, ...]:
    """Files of the voice `name` in `directory`, relative to it; those of a folder in the order of their names."""
    folder = directory / name
    if folder.is_dir():
        found = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
        return tuple(sorted(str(path.relative_to(directory)) for path in found))
    return tuple(file for file in piper_files(name) if (directory / file).exists())


def place(staged: Path, name: str, directory: Path, *, old: Path) -> None:
    """Move the voice `name` from the folder `staged` to `directory` on the same disk; an earlier one goes to `old`.

    Everything is on disk before the first name changes. The files of a pair replace earlier ones directly, and their
    fresh dates let scans see the pair as `still being copied` between the two: an earlier voice goes on speaking. A
    folder cannot replace one, so there are some microseconds without either. Raises OSError, in which case the earlier
    voice is back.
    """
    for file in files_of(staged, name):
        _sync(staged / file)
    is_pair = not (staged / name).is_dir()
    with _kept_aside(name, directory, old, moving=not is_pair):
        placed: list[str] = []
        try:
            for part in _parts(staged, name):
                (staged / part).replace(directory / part)
                placed.append(part)
        except BaseException:
            # Ctrl+C as well: no half of a voice stays where workers look.
            for part in placed:
                (directory / part).replace(staged / part)
            raise
    _sync(directory)


def displace(name: str, directory: Path, *, to: Path) -> None:
    """Take the voice `name` out of `directory`. Raises OSError, in which case it is still there."""
    with _kept_aside(name, directory, to, moving=True):
        pass
    _sync(directory)


@contextlib.contextmanager
def _kept_aside(name: str, directory: Path, aside: Path, *, moving: bool) -> Iterator[None]:
    """Have what is there in `aside`, moved or as a second name, and back in its place if the block fails."""
    kept: list[str] = []
    try:
        for part in reversed(_parts(directory, name)):
            if moving or (directory / part).is_dir():
                (directory / part).replace(aside / part)
            else:
                _copy(directory / part, aside / part)
            kept.append(part)
        yield
    except BaseException:
        # Ctrl+C as well: the earlier voice must speak on whatever ended the change.
        for part in kept:
            (aside / part).replace(directory / part)
        raise


def _copy(path: Path, to: Path) -> None:
    try:
        to.hardlink_to(path)
    except OSError:
        # Some network disks know no second names.
        shutil.copy2(path, to)


def _parts(root: Path, name: str) -> list[str]:
    """What has to be renamed for a voice: its folder, or the files of the pair in the order of placing."""
    if (root / name).is_dir():
        return [name]
    return [file for file in piper_files(name) if (root / file).exists()]


def _sync(path: Path) -> None:
    """See to it that `path` survives a power cut, and date it now: scans leave fresh files alone for a second."""
    if path.is_file():
        now = time.time()
        os.utime(path, (now, now))
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
