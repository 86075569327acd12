"""The container files against the code: nothing here can start a container."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

ROOT = Path(__file__).resolve().parents[3]
DOCKER = ROOT / "docker"
OF_GUNICORN = {"VOXGATE_HOST", "VOXGATE_PORT"}
OF_COMPOSE = {"VOXGATE_PUBLISH"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded = yaml.safe_load((DOCKER / "compose.yaml").read_text())
    assert isinstance(loaded, dict)
    return loaded


def settings_read() -> set[str]:
    """The names of all environment variables the settings read."""
    sources = [path.read_text() for path in (ROOT / "platform" / "voxgate" / "settings").glob("*.py")]
    return set(re.findall(r'"((?:VOXGATE|TTS|DATABASE|REDIS)_[A-Z_]+)"', "\n".join(sources)))


@pytest.mark.parametrize("name", ["Dockerfile", "compose.yaml", "env.example"])
def test_every_variable_is_one_that_something_reads(name: str) -> None:
    text = (DOCKER / name).read_text()
    used = {
        word.removesuffix("_FILE") for word in re.findall(r"\b(?:VOXGATE|TTS|DATABASE|REDIS)_[A-Z_]+\b", text)
    }
    assert len(used) > 4
    assert used - settings_read() - OF_GUNICORN - OF_COMPOSE == set()


def test_everything_the_image_copies_exists() -> None:
    copied = re.findall(r"^COPY (?!--from)(\S+)", (DOCKER / "Dockerfile").read_text(), re.MULTILINE)
    kept = (DOCKER / "Dockerfile.dockerignore").read_text().splitlines()
    assert "manage.py" in copied
    for path in copied:
        assert (ROOT / path).exists()
        assert f"!{path}" in kept


def test_the_image_runs_as_a_user_of_its_own_and_checks_its_health() -> None:
    lines = (DOCKER / "Dockerfile").read_text().splitlines()
    assert lines.index("USER voxgate") < next(i for i, line in enumerate(lines) if line.startswith("CMD "))
    assert any("/livez" in line for line in lines)


def test_every_named_volume_and_secret_is_declared(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            assert volume.split(":")[0] in compose["volumes"]
        assert set(service.get("secrets", [])) <= set(compose["secrets"])


def test_secrets_reach_the_containers_as_files_only(compose: dict[str, Any]) -> None:
    environment = compose["services"]["web"]["environment"]
    mounted = {f"/run/secrets/{name}" for name in compose["services"]["web"]["secrets"]}
    assert {value for name, value in environment.items() if name.endswith("_FILE")} == mounted
    assert not {"DATABASE_URL", "VOXGATE_SECRET_KEY", "VOXGATE_KEY_PEPPERS"} & environment.keys()


def test_the_commands_are_the_ones_of_manage_py(compose: dict[str, Any]) -> None:
    from django.core.management import get_commands

    for name in ("worker", "janitor", "background", "housekeeping", "migrate"):
        command = compose["services"][name]["command"]
        assert command[:2] == ["python", "manage.py"]
        assert command[2] in get_commands()
    assert compose["services"]["worker"]["deploy"]["replicas"] == 2


def test_every_queue_has_a_worker_of_its_own(compose: dict[str, Any]) -> None:
    commands = [service.get("command", [])[2:] for service in compose["services"].values()]
    served = [command[1:] for command in commands if command[:1] in (["rqworker"], ["backgroundworker"])]
    assert sorted(served) == sorted([name] for name in settings.RQ_QUEUES)


def test_secrets_are_made_once(tmp_path: Path, compose: dict[str, Any]) -> None:
    script = tmp_path / "make-secrets"
    script.write_bytes((DOCKER / "make-secrets").read_bytes())
    subprocess.run(["sh", str(script)], check=True)
    made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert made.keys() == compose["secrets"].keys()
    assert re.fullmatch(r"1:[0-9a-f]{64}", made["key_peppers"])
    assert made["postgres_password"] in made["database_url"]
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0
    subprocess.run(["sh", str(script)], check=True)
    assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == made
