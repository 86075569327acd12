"""Voxgate's web server on databases of its own, with people who can log in."""

import contextlib
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import requests

from tests.system import ROOT, free_port, wait_for
from voxgate.ops.embedded.postgres import Postgres
from voxgate.ops.embedded.valkey import Valkey

CONFIGURATION = ROOT / "platform" / "voxgate" / "ops" / "gunicorn_conf.py"
SEEDED = "seeded"
ENGLISH = {"Accept-Language": "en"}


class Server:
    """A running server. `base_url` has no trailing slash."""

    def __init__(self, directory: Path, environment: dict[str, str]) -> None:
        self._directory = directory
        self._environment = environment
        self.base_url = ""
        self.session = cache(self._log_in)
        self._password = secrets.token_hex(16)

    def seed(self, *, requests: int, attempts: int) -> None:
        """Fill the database unless it was filled so before, and start to serve it."""
        self._manage("migrate", "--verbosity", "0")
        mark, told = self._directory / SEEDED, f"{requests} {attempts}"
        if not mark.exists():
            counts = ("--requests", str(requests), "--attempts", str(attempts))
            self._manage("seed_demo", *counts, "--weeks", "26", "--all-ended")
            mark.write_text(told)
        elif mark.read_text() != told:
            raise SystemExit(f"{self._directory} holds another history: {mark.read_text()}")
        self._let_people_in()

    @contextlib.contextmanager
    def serving(self) -> Iterator[None]:
        port = free_port()
        with (self._directory / "web.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "voxgate.wsgi:application", "-c", str(CONFIGURATION)],
                env=self._environment | {"VOXGATE_HOST": "127.0.0.1", "VOXGATE_PORT": str(port)},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            self.base_url = f"http://127.0.0.1:{port}"
            wait_for(self._lives, seconds=60, what="the web server")
            yield
        finally:
            process.terminate()
            process.wait(timeout=90)

    def _lives(self) -> bool:
        try:
            return requests.get(f"{self.base_url}/livez", timeout=5).ok
        except requests.RequestException:
            return False

    def _manage(self, *arguments: str) -> None:
        subprocess.run([sys.executable, "manage.py", *arguments], env=self._environment, cwd=ROOT, check=True)

    def _let_people_in(self) -> None:
        """Give everybody a password, in this process, which knows the databases from now on."""
        os.environ |= self._environment
        import django

        django.setup()
        from benchmarks.admin_pages.pages import PEOPLE, person

        for name in PEOPLE:
            user = person(name)
            user.set_password(self._password)
            user.save()

    def _log_in(self, name: str) -> requests.Session:
        from benchmarks.admin_pages.pages import person

        session = requests.Session()
        session.headers.update(ENGLISH)
        page = session.get(f"{self.base_url}/admin/login/?next=/admin/", timeout=60).text
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        if token is None:
            raise RuntimeError("the login page has no form")
        sent = {
            "username": person(name).get_username(),
            "password": self._password,
            "csrfmiddlewaretoken": token[1],
            "next": "/admin/",
        }
        headers = {"Referer": f"{self.base_url}/admin/login/"}
        answer = session.post(
            f"{self.base_url}/admin/login/", sent, headers=headers, timeout=60, allow_redirects=False
        )
        if answer.status_code != 302:
            raise RuntimeError(f"{name} was not let in: {answer.status_code}")
        return session


@contextlib.contextmanager
def running_server(directory: Path) -> Iterator[Server]:
    """Databases below `directory` and, once `seed` was called and `serving` entered, a web server on them."""
    postgres = Postgres(directory / "postgres", log=directory / "postgres.log", durable=False)
    queue = Valkey(directory / "queue", log=directory / "queue.log", persistent=True)
    volatile = Valkey(directory / "volatile", log=directory / "volatile.log", persistent=False)
    with contextlib.ExitStack() as stack:
        for each in (postgres, queue, volatile):
            stack.callback(each.stop)
            each.start()
        addresses = {
            "DATABASE_URL": postgres.url,
            "REDIS_URL": queue.url,
            "REDIS_VOLATILE_URL": volatile.url,
        }
        yield Server(directory, os.environ | addresses | _settings(directory))


def _settings(directory: Path) -> dict[str, str]:
    return {
        "VOXGATE_DATA_DIR": str(directory),
        "VOXGATE_LOCAL": "1",
        "VOXGATE_SECRET_KEY": secrets.token_hex(32),
        "VOXGATE_KEY_PEPPERS": f"1:{secrets.token_hex(32)}",
        "DJANGO_SETTINGS_MODULE": "voxgate.settings",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "platform")]),
    }
