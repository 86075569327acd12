"""Settings from the environment, each in a fresh process as a server would read them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECRETS = {"VOXGATE_SECRET_KEY": "k" * 40, "VOXGATE_KEY_PEPPERS": "1:" + "11" * 32}


def process(data: Path, code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env={
            "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
            "DJANGO_SETTINGS_MODULE": "voxgate.settings",
            "VOXGATE_DATA_DIR": str(data),
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def read(data: Path, *names: str, **environment: str) -> list[object]:
    """The settings of these names."""
    code = (
        "import json; from django.conf import settings as s;"
        f"print(json.dumps([getattr(s, name) for name in {names!r}], default=str))"
    )
    done = process(data, code, **environment)
    assert done.returncode == 0, done.stderr
    values: list[object] = json.loads(done.stdout)
    return values


def services_file(data: Path, *lines: str) -> None:
    (data / "run").mkdir()
    (data / "run" / "services.env").write_text("\n".join(lines) + "\n")


def test_defaults_are_those_of_a_server_that_others_can_reach(tmp_path: Path) -> None:
    values = read(
        tmp_path,
        "DEBUG",
        "VOXGATE_ANONYMOUS_TENANT",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "CORS_ALLOWED_ORIGINS",
        "VOXGATE_TRUSTED_PROXIES",
        "VOXGATE_KEY_PEPPERS",
        "AUDIO_ROOT",
        "TTS_TIMEOUT",
        "TTS_MAX_CHARACTERS",
    )
    assert values == [False, "", True, True, [], 0, {}, str(tmp_path / "audio"), 15.0, 4096]


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from-a-file-" * 4 + "\n")
    (tmp_path / "peppers").write_text("1:" + "11" * 32 + ", 2:" + "22" * 32 + "\n")
    values = read(
        tmp_path,
        "SECRET_KEY",
        "VOXGATE_KEY_PEPPERS",
        VOXGATE_SECRET_KEY_FILE=str(tmp_path / "secret"),
        VOXGATE_KEY_PEPPERS_FILE=str(tmp_path / "peppers"),
    )
    assert values == ["from-a-file-" * 4, {"1": "11" * 32, "2": "22" * 32}]


def test_the_environment_wins_over_what_a_running_system_left(tmp_path: Path) -> None:
    (tmp_path / "redis").write_text("redis://file:1/0")
    services_file(
        tmp_path,
        "REDIS_URL=redis://left:1/0",
        "REDIS_VOLATILE_URL=redis://left:2/0",
        "VOXGATE_SECRET_KEY=left=behind",
        "no assignment",
    )
    names = ("REDIS_URL", "REDIS_VOLATILE_URL", "SECRET_KEY")
    assert read(tmp_path, *names) == ["redis://left:1/0", "redis://left:2/0", "left=behind"]
    assert read(tmp_path, *names, REDIS_VOLATILE_URL="redis://given:9/0") == [
        "redis://left:1/0",
        "redis://given:9/0",
        "left=behind",
    ]
    assert read(tmp_path, *names, REDIS_URL_FILE=str(tmp_path / "redis"))[0] == "redis://file:1/0"


def test_one_redis_does_for_both(tmp_path: Path) -> None:
    assert read(tmp_path, "REDIS_VOLATILE_URL", REDIS_URL="redis://one:1/0") == ["redis://one:1/0"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VOXGATE_TRUSTED_PROXIES", "many"),
        ("VOXGATE_TRUSTED_PROXIES", "-1"),
        ("TTS_TIMEOUT", "0.1"),
        ("VOXGATE_DEBUG", "perhaps"),
        ("VOXGATE_SECRET_KEY_FILE", "/nowhere/secret"),
    ],
)
def test_a_value_that_makes_no_sense_stops_the_process_with_its_name(
    tmp_path: Path, name: str, value: str
) -> None:
    done = process(tmp_path, "import django; django.setup()", **{name: value})
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert name.removesuffix("_FILE") in last or value in last


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"VOXGATE_KEY_PEPPERS": SECRETS["VOXGATE_KEY_PEPPERS"]}, "voxgate.E002"),
        ({**SECRETS, "VOXGATE_KEY_PEPPERS": "abcdefsecret"}, "voxgate.E003"),
        ({"VOXGATE_SECRET_KEY": SECRETS["VOXGATE_SECRET_KEY"]}, "voxgate.E003"),
    ],
    ids=["no secret key", "peppers without numbers", "no peppers"],
)
def test_a_missing_secret_is_a_system_check_with_a_remedy_and_no_traceback(
    tmp_path: Path, environment: dict[str, str], says: str
) -> None:
    code = "from django.core.management import execute_from_command_line as e; e(['manage.py', 'check'])"
    done = process(tmp_path, code, **environment)
    assert done.returncode != 0
    assert says in done.stderr
    assert "token_hex(32)" in done.stderr
    assert "Traceback" not in done.stderr
    assert "abcdefsecret" not in done.stderr
