"""The whole supervisor as a process of its own, with stand-ins for the Django side."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import psycopg
import pytest
import redis

from voxgate.ops.embedded.process import is_alive, wait_until
from voxgate.ops.up.dead_workers import KEY

ROOT = Path(__file__).resolve().parents[4]
URLS = ("DATABASE_URL", "REDIS_URL", "REDIS_VOLATILE_URL")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Up:
    """One supervisor. Without `servers` it uses the servers of the test session and starts none."""

    def __init__(self, data: Path, *, port: int, servers: bool, environment: dict[str, str]) -> None:
        self.data = data
        self.port = port
        self._output = data.with_name(f"output-{port}")
        inherited = {k: v for k, v in os.environ.items() if not (servers and k in URLS)}
        with self._output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.voxgate.ops.up.standin"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd="/",
                env={
                    **inherited,
                    "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
                    "VOXGATE_DATA_DIR": str(data),
                    "VOXGATE_PORT": str(port),
                    "VOXGATE_WORKERS": "1",
                    "STANDIN_PATIENCE": "30",
                    **environment,
                },
            )

    @property
    def output(self) -> str:
        return self._output.read_text()

    def wait_until_ready(self) -> None:
        assert wait_until(
            lambda: self._last_line().startswith("ready ") or self.process.poll() is not None, 30
        )
        assert self._last_line() == f"ready http://127.0.0.1:{self.port}", self.output

    def _last_line(self) -> str:
        return self.output.splitlines()[-1] if self.output else ""

    def pid_of(self, word: str) -> int | None:
        """The process id of the child whose command line contains `word`."""
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                parent = re.search(r"^PPid:\s+(\d+)", (entry / "status").read_text(), re.MULTILINE)
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
            except OSError:
                continue
            if parent and int(parent[1]) == self.process.pid and word.encode() in command:
                return int(entry.name)
        return None

    def services(self) -> dict[str, str]:
        """What it wrote for `manage.py` in another terminal."""
        lines = (self.data / "run" / "services.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


StartUp = Callable[..., Up]


@pytest.fixture
def start_up(tmp_path: Path) -> Iterator[StartUp]:
    started: list[Up] = []

    def start(name: str = "data", port: int = 0, *, servers: bool = False, **environment: str) -> Up:
        up = Up(tmp_path / name, port=port or free_port(), servers=servers, environment=environment)
        started.append(up)
        return up

    yield start
    for up in started:
        if up.process.poll() is None:
            up.process.terminate()
            up.process.wait(30)


def test_it_starts_servers_and_processes_and_stops_them_all(start_up: StartUp) -> None:
    up = start_up(servers=True)
    up.wait_until_ready()
    services = up.services()
    assert {*URLS, "VOXGATE_SECRET_KEY", "VOXGATE_KEY_PEPPERS"} <= services.keys()
    with psycopg.connect(services["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE words (word text)")
    with urlopen(f"http://127.0.0.1:{up.port}/readyz") as answer:
        assert answer.status == 200
    words = ("postgres -D", "valkey-queue", "valkey-answers", "signal.pause", "Ready")
    pids = [up.pid_of(word) for word in words]
    assert up.stop() == 0
    assert not [pid for pid in pids if pid is None or is_alive(pid)]
    assert not (up.data / "run" / "services.env").exists()
    assert "Stopped." in up.output


def test_it_keeps_data_secrets_and_addresses_across_starts(start_up: StartUp) -> None:
    up = start_up(servers=True)
    up.wait_until_ready()
    before = (up.data / "run" / "services.env").read_text()
    assert "password first-password" in up.output
    assert "Authorization: Bearer vg_test_key" in up.output
    assert up.stop(signal.SIGINT) == 0
    again = start_up(servers=True)
    again.wait_until_ready()
    assert (again.data / "run" / "services.env").read_text() == before
    assert "first-password" not in again.output
    assert str(again.data / "admin.password") in again.output


def test_a_killed_supervisor_does_not_keep_the_next_one_from_starting(start_up: StartUp) -> None:
    up = start_up(servers=True)
    up.wait_until_ready()
    up.process.kill()
    up.process.wait()
    again = start_up(port=up.port, servers=True)
    assert wait_until(lambda: again.output.count("\nready ") == 2, 30), again.output


def test_two_installations_run_side_by_side(start_up: StartUp) -> None:
    one = start_up("one", servers=True)
    two = start_up("two", servers=True)
    one.wait_until_ready()
    two.wait_until_ready()
    assert (one.data / "run" / "services.env").read_text() != (two.data / "run" / "services.env").read_text()


def test_servers_named_by_the_environment_are_used_and_none_started(start_up: StartUp) -> None:
    up = start_up()
    up.wait_until_ready()
    assert f"DATABASE_URL={os.environ['DATABASE_URL']}\n" in (up.data / "run" / "services.env").read_text()
    assert not list(up.data.glob("postgres")) + list(up.data.glob("valkey*"))


def test_a_dead_speech_worker_is_reported_and_replaced(start_up: StartUp) -> None:
    with redis.Redis.from_url(os.environ["REDIS_VOLATILE_URL"]) as client:
        client.delete(KEY)
        up = start_up()
        up.wait_until_ready()
        pid = up.pid_of("signal.pause")
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert client.blpop([KEY], timeout=10) == (KEY.encode(), f"tts-0.{pid}".encode())
    assert wait_until(lambda: f"tts-0 (pid {pid}) was ended by signal 9" in up.output, 10)
    assert wait_until(lambda: up.pid_of("signal.pause") not in (None, pid), 10)


def test_a_killed_database_comes_back_at_the_same_address(start_up: StartUp) -> None:
    up = start_up(servers=True)
    up.wait_until_ready()
    services = up.services()
    pid = up.pid_of("postgres -D")
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: up.pid_of("postgres -D") not in (None, pid), 20)

    def answers() -> bool:
        try:
            with psycopg.connect(services["DATABASE_URL"]) as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False

    assert wait_until(answers, 20)


def test_a_second_one_on_the_same_data_says_who_was_first(start_up: StartUp) -> None:
    up = start_up()
    up.wait_until_ready()
    second = start_up()
    assert second.process.wait(30) == 1
    assert (
        f"already runs on {up.data} (process {up.process.pid}, http://127.0.0.1:{up.port})" in second.output
    )
    assert (up.data / "run" / "services.env").exists()


def test_a_taken_port_is_named_before_anything_starts(start_up: StartUp) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        up = start_up(port=port, servers=True)
        assert up.process.wait(30) == 1
    assert f"port {port} on 127.0.0.1 is taken" in up.output
    assert f"make run VOXGATE_PORT={port + 1}" in up.output
    assert not (up.data / "postgres").exists()


def test_a_preparation_that_fails_shows_its_last_lines(start_up: StartUp) -> None:
    up = start_up(STANDIN_FAULT="prepare")
    assert up.process.wait(30) == 1
    assert "prepare failed with code 3:\n    it went wrong here" in up.output


def test_a_process_that_dies_three_times_before_readiness_ends_the_start(start_up: StartUp) -> None:
    up = start_up(STANDIN_FAULT="web")
    assert up.process.wait(30) == 1
    assert up.output.count("it went wrong here") >= 3
    assert "web does not start." in up.output


def test_what_readyz_complains_about_is_shown(start_up: StartUp) -> None:
    up = start_up(STANDIN_FAULT="readyz", STANDIN_PATIENCE="0.5")
    assert up.process.wait(30) == 1
    assert "GET /readyz says: 503 voices are missing" in up.output


def test_a_signal_during_the_start_stops_it(start_up: StartUp) -> None:
    up = start_up(STANDIN_FAULT="readyz")
    assert wait_until((up.data / "logs" / "web.log").exists, 20)
    assert up.stop() == 0
