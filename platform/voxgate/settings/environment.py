"""The environment, read once and typed.

Every variable `NAME` may also be given as `NAME_FILE`, the path of a file that holds the value (Docker and systemd
secrets). A variable with a wrong type stops the process with its name. While `make run` is up it leaves the addresses
and secrets of its embedded services in `$VOXGATE_DATA_DIR/run/services.env`, so that `manage.py` in another terminal
finds them; real environment variables win over that file.
"""

import os
from pathlib import Path

from environs import FileAwareEnv

ROOT = Path(__file__).resolve().parents[3]

# Files written by people and tools end in a line break that is no part of the secret.
env = FileAwareEnv(strip_whitespace=True)


def _data_directory() -> Path:
    given = os.environ.get("VOXGATE_DATA_DIR", "").strip()
    return Path(given).expanduser().resolve() if given else ROOT / ".data"


DATA_DIR = _data_directory()


def read_services_file(path: Path) -> None:
    """Set each `NAME=value` line of `path` unless that name, or `NAME_FILE`, is in the environment already."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, PermissionError):
        return
    for line in lines:
        name, separator, value = line.partition("=")
        if separator and name not in os.environ and f"{name}_FILE" not in os.environ:
            os.environ[name] = value


read_services_file(DATA_DIR / "run" / "services.env")
