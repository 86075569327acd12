import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from voxgate.ops.embedded.binaries import find_postgres, postgres_major
from voxgate.ops.embedded.errors import EmbeddedError
from voxgate.ops.embedded.postgres import Postgres
from voxgate.ops.embedded.process import is_alive, wait_until

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a stopped server with a row in `words`; pytest keeps it below a 0700 directory."""
    directory = tmp_path_factory.mktemp("cluster") / "postgres"
    server = make_server(directory)
    server.start()
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE words (word text)")
        connection.execute("INSERT INTO words VALUES ('first')")
    server.stop()
    return directory


@pytest.fixture
def server(cluster: Path, tmp_path: Path) -> Iterator[Postgres]:
    directory = tmp_path / "postgres"
    shutil.copytree(cluster, directory)
    server = make_server(directory)
    yield server
    server.kill()


def make_server(directory: Path, *, durable: bool = False) -> Postgres:
    return Postgres(directory, log=directory.parent / "postgres.log", durable=durable)


def words(server: Postgres) -> list[str]:
    with psycopg.connect(server.url) as connection:
        return [row[0] for row in connection.execute("SELECT word FROM words ORDER BY word")]


def add_word(server: Postgres, word: str) -> None:
    with psycopg.connect(server.url) as connection:
        connection.execute("INSERT INTO words VALUES (%s)", [word])


def test_a_restart_keeps_data_address_and_password(server: Postgres) -> None:
    server.start()
    before = server.url
    add_word(server, "second")
    server.stop()
    assert server.poll() == 0
    again = make_server(server.directory)
    again.start()
    try:
        assert again.url == before
        assert words(again) == ["first", "second"]
    finally:
        again.stop()


def test_a_copy_owned_by_another_user_is_taken_over(server: Postgres) -> None:
    # `copytree` as root leaves every file to root, whom Postgres refuses.
    server.start()
    assert words(server) == ["first"]


def test_the_role_may_create_databases_but_is_no_superuser(server: Postgres) -> None:
    server.start()
    with psycopg.connect(server.url, autocommit=True) as connection:
        row = connection.execute(
            "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        assert row == (False, True)
        connection.execute("CREATE DATABASE another")


def test_case_mapping_knows_more_than_ascii(server: Postgres) -> None:
    server.start()
    with psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT upper('é'), length('温度')").fetchone() == ("É", 2)


def test_a_wrong_password_is_refused(server: Postgres) -> None:
    server.start()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"postgresql://voxgate:wrong@127.0.0.1:{server.port}/voxgate")


def test_failed_statements_do_not_reach_the_log(server: Postgres) -> None:
    server.start()
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE UNIQUE INDEX ON words (word)")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO words VALUES ('private text'), ('private text')")
    log = server.log.read_text()
    assert "duplicate key value" in log
    assert "private text" not in log


def test_committed_rows_survive_kill_9(server: Postgres) -> None:
    durable = make_server(server.directory, durable=True)
    durable.start()
    add_word(durable, "second")
    kill_9(durable)
    assert (durable.directory / "data" / "postmaster.pid").exists()
    try:
        assert wait_until(lambda: starts(durable), 10), "its orphans did not end"
        assert words(durable) == ["first", "second"]
    finally:
        durable.kill()


def kill_9(server: Postgres) -> None:
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    assert wait_until(lambda: server.poll() == -signal.SIGKILL, 10)


def starts(server: Postgres) -> bool:
    try:
        server.start()
    except EmbeddedError:
        return False
    return True


def test_a_pid_file_that_names_another_program_is_no_obstacle(server: Postgres) -> None:
    server.start()
    kill_9(server)
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        pid_file = server.directory / "data" / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        assert wait_until(lambda: starts(server), 10), "its orphans did not end"
        assert words(server) == ["first"]
        assert stranger.poll() is None
    finally:
        stranger.communicate(b"\n")


def test_a_server_left_running_is_ended_by_the_next_start(server: Postgres) -> None:
    server.start()
    add_word(server, "second")
    first_pid = server.pid
    again = make_server(server.directory)
    again.start()
    try:
        assert server.poll() == 0
        assert again.pid != first_pid
        assert words(again) == ["first", "second"]
    finally:
        again.stop()


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="util-linux's setpriv is not here")
def test_the_server_ends_when_its_supervisor_is_killed(server: Postgres) -> None:
    program = (
        "import sys; from pathlib import Path; from voxgate.ops.embedded.postgres import Postgres\n"
        f"server = Postgres(Path({str(server.directory)!r}), log=Path({str(server.log)!r}))\n"
        "server.start(); print(server.pid, flush=True); sys.stdin.read()"
    )
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"}
    supervisor = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    )
    assert supervisor.stdout is not None
    pid = int(supervisor.stdout.readline())
    assert is_alive(pid)
    supervisor.kill()
    supervisor.communicate()
    assert wait_until(lambda: not is_alive(pid), 20)


def test_an_interrupted_first_start_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    directory = tmp_path / "postgres"
    (directory / "data.init").mkdir(parents=True)
    (directory / "data.init" / "PG_VERSION").write_text("18\n")
    server = make_server(directory)
    server.start()
    try:
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT current_database()").fetchone() == ("voxgate",)
    finally:
        server.kill()


def test_data_of_another_major_version_is_refused(server: Postgres) -> None:
    (server.directory / "data" / "PG_VERSION").write_text("13\n")
    with pytest.raises(EmbeddedError, match=r"written by PostgreSQL 13, but the binaries found are \d+"):
        server.start()
    assert server.pid is None


def test_a_taken_port_is_replaced(server: Postgres) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        (server.directory / "port").write_text(f"{port}\n")
        server.start()
        assert server.port != port
        assert words(server) == ["first"]


def test_a_known_address_does_not_move_on_a_restart(server: Postgres) -> None:
    server.start()
    url = server.url
    server.stop()
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", server.port))
        taken.listen()
        with pytest.raises(EmbeddedError, match="did not start"):
            server.start()
    server.start()
    assert server.url == url


def test_two_servers_run_side_by_side(server: Postgres, cluster: Path, tmp_path: Path) -> None:
    server.start()
    shutil.copytree(cluster, tmp_path / "other")
    other = make_server(tmp_path / "other")
    other.start()
    try:
        assert other.port != server.port
        add_word(other, "only here")
        assert words(server) == ["first"]
    finally:
        other.kill()


def test_a_failed_start_shows_the_end_of_the_log(server: Postgres) -> None:
    (server.directory / "data" / "global" / "pg_control").unlink()
    with pytest.raises(EmbeddedError, match="could not find the database system"):
        server.start()


def test_the_binaries_are_of_a_supported_version() -> None:
    assert postgres_major(find_postgres()) >= 14


def test_a_postgres_that_is_too_old_is_refused(tmp_path: Path) -> None:
    old = tmp_path / "postgres"
    old.write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 11.2'\n")
    old.chmod(0o755)
    with pytest.raises(EmbeddedError, match="is PostgreSQL 11; Voxgate needs 14"):
        postgres_major(tmp_path)
