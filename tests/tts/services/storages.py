"""Storages that refuse."""

import errno
from typing import Any

from django.core.files.storage import FileSystemStorage


class FullDisk(FileSystemStorage):
    def _save(self, name: str, content: Any) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")


class FarAwayError(Exception):
    """What the library of a remote storage raises: no relative of OSError."""


class FarAway(FileSystemStorage):
    def _save(self, name: str, content: Any) -> str:
        raise FarAwayError("bucket of somebody")
