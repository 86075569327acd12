"""Keys issued in every way are shown once, and nothing of their secrets is kept anywhere."""

import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts import keys
from accounts.connections import limits_redis
from accounts.models import ApiKey, Tenant
from accounts.scopes import ALL_SCOPES
from accounts.services.key_rotation import key_rotate
from accounts.services.keys import key_issue
from tests.accounts import keeping
from tests.accounts.keeping import Kept, Leaks
from tests.admin_cast import client_of, superuser
from tests.cast import Cast, member, plan
from tts.connections import queue_redis, volatile_redis
from voxgate.ops.demo import demo_bootstrap

pytestmark = pytest.mark.django_db(transaction=True)

IN_EACH_WAY = 7
OVERLAP = timedelta(hours=1)


class Staff:
    """A person at the admin, and what all answers to them left in a browser besides their pages."""

    def __init__(self) -> None:
        self.client = client_of(superuser())
        self.left: list[str] = []

    def posts(self, url: str, **form: Any) -> Any:
        answer = self.client.post(url, form)
        for page in (answer, self.client.get("/admin/"), self.client.get("/admin/accounts/apikey/")):
            self.left.append(f"{page.headers} {page.cookies} {self.client.cookies}")
        return answer


def by_service(tenant: Tenant) -> Iterator[str]:
    while True:
        yield key_issue(tenant=tenant, name="by service")[1]


def by_rotation(tenant: Tenant) -> Iterator[str]:
    row, _ = key_issue(tenant=tenant, name="by rotation")
    while True:
        yield key_rotate(key=row, overlap=OVERLAP)[1]


def by_admin(tenant: Tenant, staff: Staff) -> Iterator[str]:
    while True:
        yield staff.posts(
            reverse("admin:accounts_apikey_add"),
            tenant=str(tenant.pk),
            name="by admin",
            environment="live",
            scopes=list(ALL_SCOPES),
        ).context["key_text"]


def by_admin_rotation(tenant: Tenant, staff: Staff) -> Iterator[str]:
    row, _ = key_issue(tenant=tenant, name="by admin's rotation")
    while True:
        yield staff.posts(reverse("admin:accounts_apikey_rotate", args=[row.pk]), overlap="1").context[
            "key_text"
        ]


def by_command(tenant: Tenant) -> Iterator[str]:
    while True:
        yield printed("issue_key", tenant.slug, "by command")


def by_command_rotation(tenant: Tenant) -> Iterator[str]:
    row, _ = key_issue(tenant=tenant, name="by command's rotation")
    while True:
        yield printed("rotate_key", row.label)


def by_demo(directory: Path) -> Iterator[str]:
    """Each time the file was lost, so that another key takes its place."""
    while True:
        demo_bootstrap(directory=directory)
        file = directory / "demo.key"
        yield file.read_text().strip()
        file.unlink()


def printed(*command: str) -> str:
    out, err = io.StringIO(), io.StringIO()
    call_command(*command, stdout=out, stderr=err)
    key = out.getvalue().strip()
    assert out.getvalue() == key + "\n"
    assert not Leaks([key]).of([("standard error", err.getvalue().encode())])
    return key


def use(key: str) -> None:
    """Good and bad requests, as an app and somebody who mistypes make them."""
    client = Client()
    bearer = {"Authorization": f"Bearer {key}"}
    assert client.get("/api/account", headers=bearer).status_code in (200, 401)
    client.post("/api/tts", b"{}", "application/json", headers={"X-API-Key": key})
    client.post("/api/tts", {"text": "x", "api_key": key}, "application/json", headers=bearer)
    client.get("/api/voices", {"api_key": key}, headers={"xi-api-key": key[:-1]})
    client.get("/api/nothing", headers={"Authorization": f"Basic {key}", "Cookie": f"key={key}"})
    other_secret = keys.generate("live", keys.public_id_of(key)).text
    client.get("/api/voices", headers={"Authorization": f"Bearer {other_secret}"})


def kept() -> Iterator[Kept]:
    directory = Path(settings.VOXGATE_DATA_DIR).parent
    yield from keeping.rows()
    yield from keeping.sessions()
    yield from keeping.files(directory)
    yield from keeping.redis_values(queue_redis(), "queue")
    yield from keeping.redis_values(volatile_redis(), "volatile")


@pytest.mark.slow
def test_of_fifty_keys_issued_in_every_way_nothing_is_kept(tmp_path: Path) -> None:
    # For the demo's tenant; tests with real transactions end by emptying this table.
    plan("standard", is_default=True)
    tenant = member("alice").tenant
    with keeping.everything_logged() as logged:
        staff = Staff()
        ways = [
            by_service(tenant),
            by_rotation(tenant),
            by_admin(tenant, staff),
            by_admin_rotation(tenant, staff),
            by_command(tenant),
            by_command_rotation(tenant),
            by_demo(tmp_path),
        ]
        issued = [key for way in ways for key in islice(way, IN_EACH_WAY)] + [next(ways[0])]
        assert len(set(issued)) == 50
        assert all(keys.parse(key) for key in issued)
        for key in issued:
            use(key)
        everything = list(kept())

    leaks = Leaks(issued)
    assert leaks.of(everything) == set()
    assert leaks.of([("browser", "\n".join(staff.left).encode())]) == set()
    assert leaks.of([("log", logged.getvalue().encode())]) == set()
    # It was looked at where they would be: rows and statements of these keys, the access log, Postgres' own files.
    label = ApiKey.all_tenants.filter(name="by admin").values_list("public_id", flat=True)[0]
    assert label in logged.getvalue()
    places = {place for place, content in everything if label.encode() in content}
    assert {"table accounts_apikey", "table accounts_auditevent", "table django_admin_log"} <= places
    assert "file data/logs/tts_access.log" in places
    assert any(place.startswith("file postgres") for place in places)


def _into_a_row(piece: str, cast: Cast) -> None:
    ApiKey.all_tenants.filter(pk=cast.bob.row.pk).update(name=f"Bob {piece}.")


def _into_a_session(piece: str, cast: Cast) -> None:
    client = client_of(superuser())
    session = client.session
    session["key"] = [piece]
    session.save()


def _into_redis(piece: str, cast: Cast) -> None:
    limits_redis().hset("leak", mapping={"key": f"x{piece}x"})


def _into_a_file(piece: str, cast: Cast) -> None:
    (Path(settings.VOXGATE_DATA_DIR) / "leak.bin").write_bytes(b"\0\xff" + piece.encode() + b"\0")


@pytest.mark.parametrize(
    ("leak", "place"),
    [
        (_into_a_row, "table accounts_apikey"),
        (_into_a_session, "session"),
        (_into_redis, "volatile: leak"),
        (_into_a_file, "file data/leak.bin"),
    ],
)
def test_twelve_characters_of_a_secret_would_be_found(
    cast: Cast, leak: Callable[[str, Cast], None], place: str
) -> None:
    leaks = Leaks([cast.alice.key])
    leak(keeping.pieces(cast.alice.key)[13].decode(), cast)
    try:
        assert place in leaks.of(kept())
    finally:
        limits_redis().delete("leak")
        (Path(settings.VOXGATE_DATA_DIR) / "leak.bin").unlink(missing_ok=True)


def test_what_is_logged_would_be_found(cast: Cast) -> None:
    with keeping.everything_logged() as logged:
        ApiKey.all_tenants.filter(digest=cast.alice.key[-12:]).exists()
    assert Leaks([cast.alice.key]).of([("log", logged.getvalue().encode())]) == {"log"}
    assert Leaks([cast.bob.key]).of([("log", logged.getvalue().encode())]) == set()
