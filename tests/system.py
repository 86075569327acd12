"""The whole system as `make run` starts it: supervisor, web, workers, janitor, Postgres and both Valkeys.

Tests talk to it over HTTP and look at the truth by SQL; nothing of it runs inside the test process.
"""

import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import psycopg
import redis
import requests

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 120.0
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR")


@dataclass(slots=True)
class System:
    """A running Voxgate. `base_url` has no trailing slash; `key` is the demo tenant's."""

    base_url: str
    key: str = field(repr=False)
    data: Path
    process: subprocess.Popen[str]
    session: requests.Session

    def post(self, path: str = "/api/tts", **options: Any) -> requests.Response:
        """POST with the demo key; `json=` as in requests. Waits 40 s at most."""
        headers = {"Authorization": f"Bearer {self.key}", **options.pop("headers", {})}
        return self.session.post(self.base_url + path, headers=headers, timeout=40, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.key}", **options.pop("headers", {})}
        return self.session.get(self.base_url + path, headers=headers, timeout=40, **options)

    def speak(self, text: str, **fields: Any) -> requests.Response:
        return self.post(json={"text": text, **fields})

    @property
    def services(self) -> dict[str, str]:
        lines = (self.data / "run" / "services.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def sql(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.services["DATABASE_URL"]) as connection:
            return connection.execute(cast(Any, query), values).fetchall()

    def redis(self) -> redis.Redis:
        return redis.Redis.from_url(self.services["REDIS_VOLATILE_URL"])

    def workers(self) -> dict[str, int]:
        """Live workers: name → pid."""
        ready = self.get("/readyz").json()
        assert ready["parts"]["redis"]["ok"], ready
        names = [name.decode() for name in cast(list[bytes], self.redis().zrange("voxgate:workers", 0, -1))]
        pids = {name: int(name.rpartition(".")[2]) for name in names}
        return {name: pid for name, pid in pids.items() if alive(pid)}


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for(condition: Callable[[], Any], *, seconds: float = 20.0, what: str = "") -> Any:
    """The first true value of `condition`. For states of other processes that nobody announces; polls every 20 ms."""
    deadline = time.monotonic() + seconds
    # A socket pair that never becomes readable: a wait with a time-out, without a busy loop.
    left, right = socket.socketpair()
    with left, right, selectors.DefaultSelector() as selector:
        selector.register(left, selectors.EVENT_READ)
        while True:
            value = condition()
            if value:
                return value
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {seconds} s: {what or condition}")
            selector.select(0.02)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return cast(int, listener.getsockname()[1])


def supervisor_environment(data: Path, port: int, extra: Mapping[str, str]) -> dict[str, str]:
    """What a user's shell would give, and where to put things; nothing of the test process' own services."""
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return {
        **inherited,
        "VOXGATE_DATA_DIR": str(data),
        "VOXGATE_PORT": str(port),
        "VOXGATE_ALLOW_FIXTURE_VOICE": "1",
        "VOXGATE_STARTER_VOICES": "",
        # All tests come from one address.
        "VOXGATE_AUTH_FAILURES_PER_MINUTE": "1000",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "platform")]),
        **extra,
    }


@contextlib.contextmanager
def running_system(data: Path, **environment: str) -> Iterator[System]:
    """Start Voxgate on `data` and a free port; end it with SIGTERM and insist that it ends well."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "voxgate.ops.up"],
        env=supervisor_environment(data, port, environment),
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        address = _wait_until_ready(process)
        with requests.Session() as session:
            key = (data / "demo.key").read_text().strip()
            yield System(address, key, data, process, session)
    finally:
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=60)
    assert process.returncode == 0, rest


def _wait_until_ready(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    seen = []
    started = time.monotonic()
    for line in process.stdout:
        seen.append(line)
        if line.startswith("ready http"):
            return line.split()[1]
        assert time.monotonic() - started < START_SECONDS, "".join(seen)
    raise AssertionError("Voxgate did not start:\n" + "".join(seen))


def problem_of(response: requests.Response) -> dict[str, Any]:
    """The problem an error answer holds, after checking that it is one."""
    assert response.headers["Content-Type"] == "application/problem+json", response.text[:300]
    return cast(dict[str, Any], json.loads(response.text))
