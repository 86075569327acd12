"""Who may see what: keys, and other tenants' requests."""

import os
import subprocess
import sys
from uuid import uuid4

import pytest

from accounts import keys
from tests.system import ROOT, System, problem_of


def manage(system: System, *arguments: str) -> str:
    """`manage.py` in another terminal while the system runs."""
    environment = {"PATH": os.environ["PATH"], "VOXGATE_DATA_DIR": str(system.data)}
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def bob_key(system: System) -> str:
    manage(system, "create_tenant", "bob")
    return manage(system, "issue_key", "bob", "bob's app")


def test_a_key_of_another_terminal_works_at_once(system: System, bob_key: str) -> None:
    for headers in ({"Authorization": f"Bearer {bob_key}"}, {"X-API-Key": bob_key}, {"xi-api-key": bob_key}):
        response = system.session.post(
            system.base_url + "/api/tts", json={"text": "你好"}, headers=headers, timeout=40
        )
        assert response.status_code == 200


def test_bad_keys_get_the_same_401(system: System) -> None:
    never_issued = keys.generate("live").text
    bodies = set()
    for sent in (
        "Bearer",
        "Bearer nonsense",
        f"Bearer {never_issued}",
        "Basic YTpi",
        f"Bearer {system.key}x",
    ):
        response = system.session.get(
            system.base_url + "/api/voices",
            headers={"Authorization": sent, "X-Request-ID": "same"},
            timeout=40,
        )
        assert response.status_code == 401, sent
        assert response.headers["WWW-Authenticate"] == "Bearer"
        bodies.add(response.content)
    assert len(bodies) == 1
    assert problem_of(response)["code"] == "unauthenticated"


def test_a_foreign_request_is_like_one_that_never_was(system: System, bob_key: str) -> None:
    alices = system.speak("你好").headers["Content-Location"]
    headers = {"Authorization": f"Bearer {bob_key}", "X-Request-ID": "same"}
    for suffix in ("", "/audio"):
        foreign = system.session.get(
            system.base_url + alices.removesuffix("/audio") + suffix, headers=headers, timeout=40
        )
        random = system.session.get(
            f"{system.base_url}/api/requests/{uuid4()}{suffix}", headers=headers, timeout=40
        )
        assert foreign.status_code == random.status_code == 404
        assert foreign.content == random.content


def test_the_demo_key_and_password_are_for_the_owner_only(system: System) -> None:
    for name in ("demo.key", "admin.password"):
        assert (system.data / name).stat().st_mode & 0o777 == 0o600
