"""A second web server on a running system's database, queue and workers, with settings of its own."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator

import requests

from tests.system import ROOT, System, free_port, supervisor_environment, wait_for

CONFIGURATION = ROOT / "platform" / "voxgate" / "ops" / "gunicorn_conf.py"


@contextlib.contextmanager
def web_server(system: System, **settings: str) -> Iterator[str]:
    """Run it with `settings` on top of the system's, and give its address without a trailing slash."""
    port = free_port()
    environment = supervisor_environment(system.data, port, {**system.services, **settings})
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "voxgate.wsgi:application", "-c", str(CONFIGURATION)],
        env=environment | {"DJANGO_SETTINGS_MODULE": "voxgate.settings", "VOXGATE_HOST": "127.0.0.1"},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(lambda: _lives(address), seconds=60, what="the second web server")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=40)


def _lives(address: str) -> bool:
    try:
        return requests.get(f"{address}/livez", timeout=5).ok
    except requests.ConnectionError:
        return False
