"""Gunicorn for Voxgate: threads, because nearly every request only waits for a worker's audio.

Two processes of 128 threads kept health checks at 4 ms (95th percentile) with 100 callers waiting; two of 32
starved them.
"""

import os
import socket
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gunicorn.arbiter import Arbiter

bind = f"{os.environ.get('VOXGATE_HOST', '127.0.0.1')}:{os.environ.get('VOXGATE_PORT', '7860')}"
if bind.count(":") > 1:
    bind = f"[{os.environ['VOXGATE_HOST']}]:{os.environ.get('VOXGATE_PORT', '7860')}"
worker_class = "gthread"
workers = int(os.environ.get("VOXGATE_WEB_PROCESSES", "2"))
threads = int(os.environ.get("VOXGATE_WEB_THREADS", "128"))
preload_app = False

# A worker thread may wait as long as a caller's deadline; the heartbeat comes from the main thread.
timeout = 60
graceful_timeout = round(
    max(float(os.environ.get("TTS_TIMEOUT", "15")), float(os.environ.get("VOXGATE_MAX_TIMEOUT", "60"))) + 10
)
keepalive = 20

# Heartbeat files on a disk can block a worker for seconds; memory cannot.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - gunicorn makes it private

# Voxgate writes its own access log, without anything a user typed.
accesslog = None
errorlog = "-"
# It would lie in the home directory, which a service account need not have.
control_socket_disable = True

# The proxy in front may not re-root the site: `SCRIPT_NAME` from a client would hide paths from it.
forwarder_headers = ""

logger_class = "voxgate.ops.gunicorn_logger.QuietLogger"

SILENCE_SECONDS = 20
"""How long a client may fall silent in the middle of its request, or not read its answer, before it is cut off."""


def when_ready(server: "Arbiter") -> None:
    """Bound the silence of clients: a connection inherits these options from the listening socket (Linux)."""
    limit = struct.pack("ll", SILENCE_SECONDS, 0)
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
