import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from voxgate.ops.embedded.errors import EmbeddedError
from voxgate.ops.embedded.process import is_alive, wait_until
from voxgate.ops.embedded.valkey import Valkey


def make_server(directory: Path, *, persistent: bool = True) -> Valkey:
    return Valkey(directory, log=directory.parent / f"{directory.name}.log", persistent=persistent)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Valkey]:
    server = make_server(tmp_path / "valkey with a space")
    yield server
    server.kill()


def put(server: Valkey, key: str, value: str) -> None:
    with redis.Redis.from_url(server.url) as client:
        client.set(key, value)


def get(server: Valkey, key: str) -> bytes | None:
    with redis.Redis.from_url(server.url) as client:
        value = client.get(key)
        assert value is None or isinstance(value, bytes)
        return value


def test_a_restart_keeps_data_address_and_password(server: Valkey) -> None:
    server.start()
    before = server.url
    put(server, "job", "1")
    server.stop()
    assert server.poll() == 0
    again = make_server(server.directory)
    again.start()
    try:
        assert again.url == before
        assert get(again, "job") == b"1"
    finally:
        again.kill()


def test_the_queue_survives_kill_9(server: Valkey) -> None:
    server.start()
    put(server, "job", "1")
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    assert wait_until(lambda: server.poll() == -signal.SIGKILL, 5)
    server.start()
    assert get(server, "job") == b"1"


def test_a_volatile_one_forgets_and_is_bounded(tmp_path: Path) -> None:
    server = make_server(tmp_path / "volatile", persistent=False)
    server.start()
    try:
        put(server, "answer", "1")
        with redis.Redis.from_url(server.url) as client:
            limits = client.config_get("maxmemory*")
        assert isinstance(limits, dict)
        assert limits["maxmemory"] == str(256 * 1024 * 1024)
        assert limits["maxmemory-policy"] == "volatile-ttl"
        server.stop()
        server.start()
        assert get(server, "answer") is None
    finally:
        server.kill()


def test_a_wrong_password_is_refused(server: Valkey) -> None:
    server.start()
    with (
        redis.Redis(port=server.port, password="wrong", retry=Retry(NoBackoff(), 0)) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()


def test_the_password_is_not_on_the_command_line_nor_readable_by_others(server: Valkey) -> None:
    server.start()
    password = (server.directory / "password").read_text()
    assert password.encode() not in Path(f"/proc/{server.pid}/cmdline").read_bytes()
    for name in ("password", "valkey.conf"):
        assert (server.directory / name).stat().st_mode & 0o077 == 0


def test_a_server_left_running_is_ended_by_the_next_start(server: Valkey) -> None:
    server.start()
    put(server, "job", "1")
    first_pid = server.pid
    assert first_pid is not None
    again = make_server(server.directory)
    again.start()
    try:
        assert server.poll() == 0
        assert not is_alive(first_pid)
        assert get(again, "job") == b"1"
    finally:
        again.kill()


def test_a_taken_port_is_replaced(server: Valkey) -> None:
    server.directory.mkdir()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        (server.directory / "port").write_text(f"{port}\n")
        server.start()
        assert server.port != port
        put(server, "job", "1")


def test_a_failed_start_shows_the_end_of_the_log(server: Valkey) -> None:
    (server.directory / "appendonlydir").mkdir(parents=True)
    (server.directory / "appendonlydir" / "appendonly.aof.manifest").write_text("nonsense\n")
    with pytest.raises(EmbeddedError, match="manifest"):
        server.start()
