from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import ApiKey, Tenant
from accounts.scopes import ALL_SCOPES
from accounts.services.keys import UnknownScope, key_issue, key_revoke
from accounts.services.tenants import tenant_create, tenant_suspend, tenant_update
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_only_a_digest_of_a_key_is_kept(cast: Cast) -> None:
    row, text = key_issue(tenant=cast.alice.tenant, name="app")
    assert text.startswith(row.label)
    stored = " ".join(str(value) for value in ApiKey.all_tenants.filter(pk=row.pk).values_list()[0])
    secret = text.rpartition("_")[2]
    assert secret not in stored
    assert secret[:12] not in stored
    assert sorted(row.scopes) == sorted(ALL_SCOPES)


def test_a_scope_counts_once_and_must_exist(cast: Cast) -> None:
    row, _ = key_issue(tenant=cast.alice.tenant, name="app", scopes=["voices:read", "voices:read"])
    assert row.scopes == ["voices:read"]
    with pytest.raises(UnknownScope, match=r"unknown scopes: root:all; there are speech:write"):
        key_issue(tenant=cast.alice.tenant, name="app", scopes=["root:all"])


@pytest.mark.parametrize("name", ["", "x" * 101])
def test_a_key_needs_a_name_that_fits(cast: Cast, name: str) -> None:
    with pytest.raises(ValidationError) as raised:
        key_issue(tenant=cast.alice.tenant, name=name)
    assert list(raised.value.message_dict) == ["name"]


def test_a_key_is_revoked_once_and_for_good(cast: Cast) -> None:
    assert key_revoke(key=cast.alice.row)
    ended = ApiKey.all_tenants.get(pk=cast.alice.row.pk).revoked_at
    assert not key_revoke(key=cast.alice.row)
    assert ApiKey.all_tenants.get(pk=cast.alice.row.pk).revoked_at == ended


def test_a_key_lives_until_the_moment_it_expires(cast: Cast) -> None:
    end = timezone.now()
    key = ApiKey(expires_at=end)
    assert key.is_usable(end - timedelta(microseconds=1))
    assert not key.is_usable(end)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"slug": "not a slug"}, "slug"),
        ({"slug": ""}, "slug"),
        ({"slug": "alice"}, "slug"),
        ({"slug": "x" * 64}, "slug"),
        ({"name": ""}, "name"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
    ],
)
def test_a_tenant_that_makes_no_sense_is_refused_by_field(
    cast: Cast, fields: dict[str, Any], named: str
) -> None:
    with pytest.raises(ValidationError) as raised:
        tenant_create(**{"slug": "carol", "name": "Carol", **fields})
    assert list(raised.value.message_dict) == [named]
    assert Tenant.objects.count() == 2


def test_a_tenant_may_change_its_name_and_zone_but_not_its_slug(cast: Cast) -> None:
    tenant_update(tenant=cast.alice.tenant, name="Alice & Co", time_zone="Europe/Berlin")
    row = Tenant.objects.get(slug="alice")
    assert (row.name, row.time_zone) == ("Alice & Co", "Europe/Berlin")
    with pytest.raises(ValidationError):
        tenant_update(tenant=row, name="Alice", time_zone="Nowhere")


def test_to_suspend_twice_changes_nothing_twice(cast: Cast) -> None:
    assert [tenant_suspend(tenant=cast.alice.tenant) for _ in range(2)] == [True, False]
