"""`manage.py bootstrap_demo`, on a fresh installation and on ones that lost something."""

import io
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.limits.names import Limit
from accounts.models import ApiKey, Plan, Tenant
from accounts.selectors import caller_by_key
from accounts.services.keys import key_revoke
from accounts.services.tenants import tenant_create, tenant_update
from voxgate.ops.demo import Demo, demo_bootstrap

pytestmark = pytest.mark.django_db


def works(directory: Path) -> bool:
    caller = caller_by_key(text=(directory / "demo.key").read_text().strip(), now=timezone.now())
    return caller is not None and caller.tenant.slug == "demo"


def usable_keys() -> int:
    return ApiKey.all_tenants.filter(tenant__slug="demo", revoked_at=None).count()


def test_a_fresh_installation_gets_a_tenant_a_key_and_an_admin(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    assert demo_bootstrap(directory=directory) == Demo(plan=True, tenant=True, key=True, admin=True)
    assert works(directory)
    password = (directory / "admin.password").read_text().strip()
    assert len(password) >= 20
    user = authenticate(username="admin", password=password)
    assert isinstance(user, User)
    assert user.is_superuser
    for name in ("demo.key", "admin.password"):
        assert (directory / name).stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in directory.iterdir()) == ["admin.password", "demo.key"]


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    demo_bootstrap(directory=tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    for _ in range(2):
        assert demo_bootstrap(directory=tmp_path) == Demo(plan=False, tenant=False, key=False, admin=False)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert (Tenant.objects.count(), ApiKey.all_tenants.count(), User.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize("lost", ["deleted", "emptied", "damaged", "not text", "revoked", "pepper"])
def test_a_key_that_no_longer_works_is_replaced_and_revoked(
    tmp_path: Path, settings: Settings, lost: str
) -> None:
    demo_bootstrap(directory=tmp_path)
    file = tmp_path / "demo.key"
    old = ApiKey.all_tenants.get()
    match lost:
        case "deleted":
            file.unlink()
        case "emptied":
            file.write_text("")
        case "damaged":
            file.write_text(file.read_text()[:-3])
        case "not text":
            file.write_bytes(b"\xff\xfe")
        case "revoked":
            key_revoke(key=old)
        case "pepper":
            settings.VOXGATE_KEY_PEPPERS = {"1": "ab" * 32}
    assert demo_bootstrap(directory=tmp_path) == Demo(plan=False, tenant=False, key=True, admin=False)
    assert works(tmp_path)
    assert usable_keys() == 1
    assert ApiKey.all_tenants.get(pk=old.pk).revoked_at is not None
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_demo_tenant_may_use_more_than_one_machine_gives(tmp_path: Path) -> None:
    demo_bootstrap(directory=tmp_path)
    limits = Tenant.objects.get(slug="demo").limits()
    assert limits.of(Limit.REQUESTS_PER_MINUTE) == 60_000
    assert limits.requests_burst == 5_000
    assert limits.of(Limit.CONCURRENT_REQUESTS) is None
    assert limits.of(Limit.CHARACTERS_PER_MONTH) is None
    assert limits.of(Limit.MAX_CHARACTERS_SYNC) == 800


def test_a_demo_tenant_from_before_there_were_plans_gets_its_own_once(tmp_path: Path) -> None:
    tenant = tenant_create(slug="demo", name="Demo")
    assert demo_bootstrap(directory=tmp_path) == Demo(plan=True, tenant=False, key=True, admin=True)
    tenant.refresh_from_db()
    assert tenant.plan.slug == "demo"
    tenant_update(tenant=tenant, plan=Plan.objects.get(slug="standard"))
    assert demo_bootstrap(directory=tmp_path) == Demo(plan=False, tenant=False, key=False, admin=False)
    assert Tenant.objects.get(slug="demo").plan.slug == "standard"


def test_an_operator_who_is_there_already_stays_the_only_one(tmp_path: Path) -> None:
    User.objects.create_superuser("root")
    assert demo_bootstrap(directory=tmp_path) == Demo(plan=True, tenant=True, key=True, admin=False)
    assert not (tmp_path / "admin.password").exists()


def test_the_command_prints_no_secret(settings: Settings, tmp_path: Path) -> None:
    settings.VOXGATE_DATA_DIR = tmp_path
    told = []
    for _ in range(2):
        out = io.StringIO()
        call_command("bootstrap_demo", stdout=out)
        told.append(out.getvalue().strip())
    assert told == ["demo: created plan, tenant, key, admin", "demo: everything is there"]
