"""TCP ports on the loopback address that stay the same across restarts."""

import contextlib
import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether a server could listen on `port` now; connections still closing do not count."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def steady_port(record: Path) -> int:
    """The port written in the file `record` if still free, else a new one, which is then written."""
    with contextlib.suppress(OSError, ValueError):
        recorded = int(record.read_text())
        if 0 < recorded < 65536 and is_free(recorded):
            return recorded
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port = int(probe.getsockname()[1])
    record.write_text(f"{port}\n")
    return port
