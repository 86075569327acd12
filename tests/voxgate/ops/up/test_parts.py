"""The small parts of the supervisor, one by one."""

import io
import os
import re
import runpy
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from voxgate.ops.embedded.process import wait_until
from voxgate.ops.embedded.services import Services
from voxgate.ops.up.backoff import Backoff
from voxgate.ops.up.banner import banner
from voxgate.ops.up.child import Child, ChildSpec
from voxgate.ops.up.config import CHECKOUT, Config, read_config
from voxgate.ops.up.console import Console
from voxgate.ops.up.cores import usable_cores
from voxgate.ops.up.errors import StartFailed
from voxgate.ops.up.local_secrets import load_or_create
from voxgate.ops.up.lock import DataLock
from voxgate.ops.up.plan import child_environment, shared_environment, voxgate_plan
from voxgate.ops.up.readiness import ReadinessProbe
from voxgate.ops.up.servers import needed_servers

SERVICES = Services("postgresql://ours", "redis://queue", "redis://answers")


def test_restarts_come_later_and_later() -> None:
    now = 100.0
    backoff = Backoff(lambda: now)
    delays = []
    for _ in range(9):
        delays.append(backoff.died() - now)
        now += delays[-1]
        backoff.started()
    assert delays == [0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0, 10.0]


def test_who_lived_long_enough_is_restarted_at_once() -> None:
    now = 0.0
    backoff = Backoff(lambda: now)
    backoff.died()
    assert backoff.died() == 0.5
    backoff.started()
    now = 30.0
    assert backoff.died() == 30.0


def test_secrets_are_made_once_and_private(tmp_path: Path) -> None:
    first = load_or_create(tmp_path)
    assert re.fullmatch(r"1:[0-9a-f]{64}", first["VOXGATE_KEY_PEPPERS"])
    assert len(first["VOXGATE_SECRET_KEY"]) >= 50
    assert load_or_create(tmp_path) == first
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_two_installations_have_different_secrets(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    assert not set(load_or_create(one).values()) & set(load_or_create(two).values())


def test_a_held_lock_names_its_holder_and_a_released_one_is_free(tmp_path: Path) -> None:
    path = tmp_path / "data" / "run" / "lock"
    path.parent.mkdir(parents=True)
    first, second = DataLock(path, "process 1"), DataLock(path, "process 2")
    first.acquire()
    with pytest.raises(StartFailed, match=r"already runs on .*/data \(process 1\)"):
        second.acquire()
    first.release()
    second.acquire()
    with pytest.raises(StartFailed, match=r"\(process 2\)"):
        first.acquire()
    second.release()


def test_the_defaults_are_the_documented_ones() -> None:
    config = read_config({})
    assert (config.data, config.host, config.port) == (CHECKOUT / ".data", "127.0.0.1", 7860)
    assert config.address == "http://127.0.0.1:7860"
    assert 1 <= config.workers <= 8
    assert not config.verbose


@pytest.mark.parametrize("value", ["0", "65536", "-1", "http", "7860.5", "٣"])
def test_a_wrong_port_is_refused_by_name(value: str) -> None:
    with pytest.raises(StartFailed, match="VOXGATE_PORT must be a whole number from 1 to 65535"):
        read_config({"VOXGATE_PORT": value})


@pytest.mark.parametrize(
    ("host", "address"),
    [("0.0.0.0", "http://127.0.0.1:7860"), ("::", "http://[::1]:7860"), ("10.0.0.5", "http://10.0.0.5:7860")],
)
def test_the_address_is_one_this_machine_can_reach(host: str, address: str) -> None:
    assert read_config({"VOXGATE_HOST": host}).address == address


def test_a_data_directory_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartFailed, match="VOXGATE_DATA_DIR"):
        read_config({"VOXGATE_DATA_DIR": str(tmp_path / "file" / "data")}).make_directories()


def test_a_container_quota_counts_as_cores(tmp_path: Path) -> None:
    quota = tmp_path / "cpu.max"
    quota.write_text("100000 100000\n")
    assert usable_cores(quota) == 1
    quota.write_text("10000 100000\n")
    assert usable_cores(quota) == 1
    quota.write_text("max 100000\n")
    assert usable_cores(quota) == len(os.sched_getaffinity(0))
    assert usable_cores(tmp_path / "missing") == len(os.sched_getaffinity(0))


def make_config(tmp_path: Path, **environment: str) -> Config:
    return read_config({"VOXGATE_DATA_DIR": str(tmp_path / "data"), "VOXGATE_WORKERS": "2", **environment})


def test_every_process_learns_where_everything_is(tmp_path: Path) -> None:
    config = make_config(tmp_path, PYTHONPATH="/theirs", HOME="/home/x")
    shared = shared_environment(config, SERVICES, {"VOXGATE_SECRET_KEY": "s", "VOXGATE_KEY_PEPPERS": "1:aa"})
    environment = child_environment(config, shared)
    assert environment["PYTHONPATH"] == f"{CHECKOUT}:{CHECKOUT / 'platform'}:/theirs"
    assert environment["DJANGO_SETTINGS_MODULE"] == "voxgate.settings"
    assert environment["VOXGATE_DATA_DIR"] == str(config.data)
    assert environment["DATABASE_URL"] == "postgresql://ours"
    assert environment["REDIS_URL"] == "redis://queue"
    assert environment["REDIS_VOLATILE_URL"] == "redis://answers"
    assert environment["VOXGATE_ANONYMOUS_TENANT"] == "demo"
    assert environment["OMP_NUM_THREADS"] == "1"
    assert environment["HOME"] == "/home/x"


def test_what_the_user_set_wins_also_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from a file\n")
    config = make_config(tmp_path, VOXGATE_SECRET_KEY_FILE=str(secret), VOXGATE_ANONYMOUS_TENANT="acme")
    shared = shared_environment(config, SERVICES, {"VOXGATE_SECRET_KEY": "ours"})
    environment = child_environment(config, shared)
    assert environment["VOXGATE_SECRET_KEY"] == "from a file"
    assert "VOXGATE_SECRET_KEY_FILE" not in environment
    assert environment["VOXGATE_ANONYMOUS_TENANT"] == "acme"


def test_a_secret_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(StartFailed, match="DATABASE_URL_FILE: cannot read"):
        needed_servers(make_config(tmp_path, DATABASE_URL_FILE=str(tmp_path / "missing")))


@pytest.mark.parametrize(
    ("given", "started", "volatile"),
    [
        ({}, ["postgres", "valkey-queue", "valkey-answers"], None),
        ({"DATABASE_URL": "postgresql://x"}, ["valkey-queue", "valkey-answers"], None),
        ({"REDIS_VOLATILE_URL": "redis://v"}, ["postgres", "valkey-queue"], None),
        ({"DATABASE_URL": "postgresql://x", "REDIS_URL": "redis://q"}, [], "redis://q"),
        (
            {"DATABASE_URL": "postgresql://x", "REDIS_URL": "redis://q", "REDIS_VOLATILE_URL": "redis://v"},
            [],
            "redis://v",
        ),
    ],
)
def test_only_what_the_environment_does_not_name_is_started(
    tmp_path: Path, given: dict[str, str], started: list[str], volatile: str | None
) -> None:
    servers = needed_servers(make_config(tmp_path, **given))
    assert [server.name for server in servers.to_start()] == started
    if volatile:
        assert servers.services() == Services("postgresql://x", "redis://q", volatile)


def test_the_plan_names_each_worker_after_its_slot(tmp_path: Path) -> None:
    plan = voxgate_plan(make_config(tmp_path), {})
    assert [[spec.name for spec in stage] for stage in plan.stages] == [
        ["janitor", "background", "housekeeping"],
        ["tts-0", "tts-1"],
        ["web"],
    ]
    for background in plan.stages[0][1:]:
        assert not background.speaks
        assert list(background.command)[2:] == ["backgroundworker", background.name]
    worker = plan.stages[1][1]
    assert worker.speaks
    assert list(worker.command)[2:] == ["rqworker", "tts", "--name", "tts-1"]
    assert worker.environment["VOXGATE_WORKER_SLOT"] == "tts-1"
    assert [list(spec.command)[2] for _, spec in plan.preparations] == ["migrate", "bootstrap_demo"]
    assert Path(plan.stages[2][0].command[-1]).is_file()


def test_the_banner_shows_the_password_once_and_a_command_to_paste(tmp_path: Path) -> None:
    config = make_config(tmp_path)
    config.make_directories()
    (config.data / "demo.key").write_text("vg_test_abc\n")
    (config.data / "admin.password").write_text("hunter2\n")
    first = banner(config, first_start=True)
    assert "user admin, password hunter2" in first
    assert (
        "curl http://127.0.0.1:7860/api/tts -H 'Authorization: Bearer vg_test_abc' "
        "-H 'Content-Type: application/json' "
        """-d '{"text":"今天的温度是35℃!!!","speaker_id":0,"speed":1.0,"format":"wav"}' --output hello.wav\n"""
    ) in first
    assert "hunter2" not in banner(config, first_start=False)


def test_readiness_is_refused_while_nobody_listens() -> None:
    probe = ReadinessProbe("127.0.0.1", 1)
    assert not probe()
    assert probe.last == "no answer (ConnectionRefusedError)"


def test_verbose_output_carries_the_name_and_still_reaches_the_log(tmp_path: Path) -> None:
    said = io.StringIO()
    command = (sys.executable, "-S", "-c", "print('hello'); print('world')")
    child = Child(ChildSpec("web", command, dict(os.environ), tmp_path), tmp_path, echo=Console(said))
    child.start()
    assert wait_until(lambda: "world" in said.getvalue(), 10)
    child.kill()
    assert said.getvalue() == "web      | hello\nweb      | world\n"
    assert child.log.read_text() == "hello\nworld\n"


def test_a_log_that_grew_large_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "web.log").write_bytes(b"x" * 10_000_001)
    child = Child(ChildSpec("web", (sys.executable, "-S", "-c", ""), dict(os.environ), tmp_path), tmp_path)
    child.start()
    child.kill()
    assert (tmp_path / "web.log.1").stat().st_size == 10_000_001
    assert child.log.stat().st_size == 0


def test_children_can_be_interrupted_only_by_the_supervisor(tmp_path: Path) -> None:
    command = (sys.executable, "-S", "-c", "import signal; signal.pause()")
    child = Child(ChildSpec("web", command, dict(os.environ), tmp_path), tmp_path)
    child.start()
    assert child.pid is not None
    assert os.getsid(child.pid) == child.pid
    child.kill()
    assert child.poll() == -signal.SIGKILL


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_step_leaves_one_line_and_moves_only_on_a_terminal() -> None:
    for stream in (io.StringIO(), Terminal()):
        console = Console(stream)
        with console.step("Database") as step:
            console.tick()
            step.detail = "127.0.0.1:5432"
        kept = [part for part in re.split(r"\r\x1b\[K", stream.getvalue()) if part.endswith("\n")]
        assert len(kept) == 1
        assert re.fullmatch(r"  Database +127\.0\.0\.1:5432  \(0\.0 s\)\n", kept[0])
        assert ("\x1b" in stream.getvalue()) == stream.isatty()


def test_a_closed_output_does_not_stop_the_server() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", buffering=1) as stream:
        console = Console(stream)
        console.line("one")
        console.line("two")
        os.dup2(os.open(os.devnull, os.O_WRONLY), writer)


def gunicorn_settings(monkeypatch: pytest.MonkeyPatch, **environment: str) -> dict[str, Any]:
    for name in ("VOXGATE_HOST", "VOXGATE_PORT", "TTS_TIMEOUT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(CHECKOUT / "platform" / "voxgate" / "ops" / "gunicorn_conf.py"))


def test_gunicorn_outlives_the_longest_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    assert gunicorn_settings(monkeypatch)["graceful_timeout"] > 15
    assert gunicorn_settings(monkeypatch, TTS_TIMEOUT="60")["graceful_timeout"] > 60


@pytest.mark.parametrize(("host", "bind"), [("0.0.0.0", "0.0.0.0:81"), ("::1", "[::1]:81")])
def test_gunicorn_listens_where_it_is_told(monkeypatch: pytest.MonkeyPatch, host: str, bind: str) -> None:
    assert gunicorn_settings(monkeypatch, VOXGATE_HOST=host, VOXGATE_PORT="81")["bind"] == bind
