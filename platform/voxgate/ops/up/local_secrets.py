"""Secrets of a local installation: made once, kept in files."""

import secrets
from pathlib import Path

from voxgate.ops.embedded.files import write_private


def load_or_create(directory: Path) -> dict[str, str]:
    """The secrets as environment variables. Files that are missing are made; existing ones never change.

    `VOXGATE_KEY_PEPPERS` is `<number>:<64 hexadecimal digits>`; API keys stop working if it is lost.
    """
    return {
        "VOXGATE_SECRET_KEY": _one(directory / "secret_key", 48),
        "VOXGATE_KEY_PEPPERS": f"1:{_one(directory / 'key_pepper', 32)}",
    }


def _one(path: Path, size_bytes: int) -> str:
    if not path.exists():
        write_private(path, secrets.token_hex(size_bytes))
    return path.read_text().strip()
