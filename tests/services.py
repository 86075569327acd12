"""Throw-away servers, for a test session or for one command.

    python -m tests.services COMMAND…

runs a command against servers of its own, empty and gone afterwards.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from voxgate.ops.embedded.postgres import Postgres
from voxgate.ops.embedded.services import Services
from voxgate.ops.embedded.valkey import Valkey

_running: list[Postgres | Valkey] = []


def start_test_services(directory: Path) -> Services:
    """Start a Postgres without durability and two Valkeys below `directory`, in about 0.7 s.

    `stop` ends them. Raises `EmbeddedError`, in which case none is left running.
    """
    postgres = Postgres(directory / "postgres", log=directory / "postgres.log", durable=False)
    queue = Valkey(directory / "queue", log=directory / "queue.log", persistent=True)
    volatile = Valkey(directory / "volatile", log=directory / "volatile.log", persistent=False)
    try:
        for server in (postgres, queue, volatile):
            _running.append(server)
            server.start()
    except BaseException:
        stop()
        raise
    return Services(postgres.url, queue.url, volatile.url)


def stop() -> None:
    """End what was started and wait for it. Nothing is kept, so nothing is flushed."""
    while _running:
        _running.pop().kill()


def main(command: list[str]) -> int:
    """Run `command` with the addresses of fresh servers in its environment; returns its exit code."""
    with tempfile.TemporaryDirectory(prefix="voxgate-") as directory:
        services = start_test_services(Path(directory))
        try:
            environment = os.environ | services.environment() | {"VOXGATE_DATA_DIR": directory}
            return subprocess.run(command, env=environment, check=False).returncode
        finally:
            stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
