"""Real services for tests: one throw-away Postgres and two Valkeys for each test process.

They start in `pytest_configure`, before Django reads its settings, because those take their addresses from the
environment. Starting them costs less than a second.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from accounts import keys
from tests import services

if TYPE_CHECKING:  # models can be imported once Django is set up
    from pytest_django import DjangoDbBlocker

    from tests.cast import Cast
    from tests.system import System

_directory = Path(tempfile.mkdtemp(prefix="voxgate-tests-"))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("numprocesses", None):
        # xdist's controller runs no test; its workers must not inherit the addresses of servers of its own.
        return
    # Postgres runs as another user when the tests run as root; it must be able to enter.
    _directory.chmod(0o755)
    started = services.start_test_services(_directory)
    os.environ |= {
        "DATABASE_URL": started.database_url,
        "REDIS_URL": started.redis_url,
        "REDIS_VOLATILE_URL": started.volatile_redis_url,
        "VOXGATE_DATA_DIR": str(_directory / "data"),
        "VOXGATE_SECRET_KEY": secrets.token_hex(32),
        "VOXGATE_KEY_PEPPERS": f"1:{secrets.token_hex(32)}",
        "VOXGATE_ANONYMOUS_TENANT": "demo",
        "VOXGATE_ALLOW_FIXTURE_VOICE": "1",
        "VOXGATE_STARTER_VOICES": "",
        "VOXGATE_LOCAL": "1",
        # All tests come from one address; those about bad keys set their own.
        "VOXGATE_AUTH_FAILURES_PER_MINUTE": "0",
        "DJANGO_SETTINGS_MODULE": "voxgate.settings",
    }
    (_directory / "data" / "static").mkdir(parents=True)
    import django

    django.setup()


def pytest_unconfigure() -> None:
    services.stop()
    shutil.rmtree(_directory, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: "DjangoDbBlocker") -> None:
    """Tests with real transactions end by emptying every table, which the audit log refuses; its own tests put the
    guard back for their time.
    """
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_auditevent DISABLE TRIGGER audit_no_truncate")


@pytest.fixture
def cast(db: None) -> "Cast":
    """Alice and Bob with a key each, and a well-formed key that was never issued."""
    from tests.cast import Cast, member

    return Cast(member("alice"), member("bob"), keys.generate("live").text)


@pytest.fixture(scope="session")
def system() -> Iterator["System"]:
    """One running Voxgate for all tests that only talk to it."""
    from tests.system import running_system

    with running_system(_directory / "system") as running:
        yield running
