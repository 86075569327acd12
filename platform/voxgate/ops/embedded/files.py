"""Small files with secrets in them."""

import os
from pathlib import Path


def write_private(path: Path, content: str) -> None:
    """Create or replace `path`, in one step, by a file only its owner can read."""
    partial = path.with_name(path.name + ".new")
    with open(partial, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)
