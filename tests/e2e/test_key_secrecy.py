"""Keys of a running system: issued and rotated in the admin and at a terminal, used, and kept nowhere."""

import html
import re
from collections.abc import Iterator

import psycopg
import pytest
import requests
from psycopg.sql import SQL, Identifier
from redis import Redis

from tests.accounts.keeping import Kept, Leaks, files, redis_values
from tests.e2e.test_isolation import manage
from tests.system import System

IN_EACH_WAY = 3


class Operator:
    """The first superuser, at a browser."""

    def __init__(self, system: System) -> None:
        self._base = system.base_url
        self._browser = requests.Session()
        self._browser.headers["Accept-Language"] = "en"
        self.left: list[str] = []
        password = (system.data / "admin.password").read_text().strip()
        self.submits("/admin/login/", username="admin", password=password, next="/admin/")

    def issues(self) -> str:
        page = self._browser.get(f"{self._base}/admin/accounts/apikey/add/", timeout=40).text
        (tenant,) = re.findall(r'<option value="([0-9a-f-]{36})"[^>]*>[^<]*Demo', page)
        return self._shown(
            "/admin/accounts/apikey/add/",
            {"tenant": tenant, "name": "e2e", "environment": "live", "scopes": ["voices:read"]},
        )

    def rotates(self, public_id: str) -> str:
        page = self._browser.get(f"{self._base}/admin/accounts/apikey/?q={public_id}", timeout=40).text
        (path, *_) = re.findall(r'href="(/admin/accounts/apikey/[0-9a-f-]{36}/)change/', page)
        return self._shown(f"{path}rotate/", {"overlap": "1"})

    def submits(self, path: str, **fields: str | list[str]) -> requests.Response:
        url = self._base + path
        form = self._browser.get(url, timeout=40)
        (token, *_) = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', form.text)
        answer = self._browser.post(url, data={**fields, "csrfmiddlewaretoken": token}, timeout=40)
        self.left.append(f"{answer.headers} {self._browser.cookies.get_dict()}")
        return answer

    def close(self) -> None:
        self._browser.close()

    def _shown(self, path: str, fields: dict[str, str | list[str]]) -> str:
        answer = self.submits(path, **fields)
        assert answer.status_code == 200
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.history == []
        (key,) = re.findall(r'id="issued-key" value="([^"]+)"', answer.text)
        return html.unescape(key)


@pytest.fixture
def operator(system: System) -> Iterator[Operator]:
    person = Operator(system)
    yield person
    person.close()


def kept(system: System) -> Iterator[Kept]:
    services = system.services
    with psycopg.connect(services["DATABASE_URL"]) as connection:
        for (table,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
            rows = connection.execute(SQL("SELECT kept::text FROM {} AS kept").format(Identifier(table)))
            yield f"table {table}", "\n".join(row for (row,) in rows).encode()
    for name in ("REDIS_URL", "REDIS_VOLATILE_URL"):
        with Redis.from_url(services[name]) as client:
            yield from redis_values(client, name)
    yield from files(system.data, but=[system.data / "demo.key"])


@pytest.mark.slow
def test_nothing_of_a_secret_is_in_tables_redis_logs_or_files(system: System, operator: Operator) -> None:
    issued = [system.key]
    for number in range(IN_EACH_WAY):
        key = operator.issues()
        issued += [key, operator.rotates(key.split("_")[2])]
        key = manage(system, "issue_key", "demo", f"terminal {number}")
        issued += [key, manage(system, "rotate_key", key.rpartition("_")[0])]
    voices = f"{system.base_url}/api/voices"
    for key in issued:
        assert requests.get(voices, headers={"Authorization": f"Bearer {key}"}, timeout=40).status_code == 200
    # One of each kind: more of them would hold up the tests that share this system.
    for key in issued[:5]:
        mistyped = requests.get(voices, {"key": key}, headers={"X-API-Key": key[:-1]}, timeout=40)
        assert mistyped.status_code == 401

    everything = list(kept(system))

    leaks = Leaks(issued)
    assert leaks.of(everything) == set()
    assert leaks.of([("browser", "\n".join(operator.left).encode())]) == set()
    label = issued[1].rpartition("_")[0].encode()
    places = {place for place, content in everything if label in content}
    assert "file logs/tts_access.log" in places
    assert "table accounts_auditevent" in places
