from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Tenant
from accounts.services import key_issue, key_revoke, tenant_create
from tests.admin_cast import client_of, english_client, staff, superuser
from tests.cast import Cast

LIST = "/admin/accounts/tenant/"
ADD = "/admin/accounts/tenant/add/"


@pytest.fixture
def root(db: None) -> Client:
    return client_of(superuser())


def page_of(tenant: Tenant) -> str:
    return reverse("admin:accounts_tenant_change", args=[tenant.pk])


def act(client: Client, action: str, *tenants: Tenant) -> int:
    data = {"action": action, "_selected_action": [str(tenant.pk) for tenant in tenants]}
    return client.post(LIST, data).status_code


def status_of(tenant: Tenant) -> str:
    return Tenant.objects.get(pk=tenant.pk).status


def test_list_counts_the_keys_that_can_be_used(root: Client, cast: Cast) -> None:
    tenant = cast.alice.tenant
    key_issue(tenant=tenant, name="second")
    key_issue(tenant=tenant, name="expired", expires_at=timezone.now() - timedelta(days=1))
    key_revoke(key=key_issue(tenant=tenant, name="revoked")[0])

    page = root.get(LIST).content.decode()

    assert f'<a href="/admin/accounts/apikey/?tenant__id__exact={tenant.pk}">2</a>' in page
    assert f'<a href="/admin/accounts/apikey/?tenant__id__exact={cast.bob.tenant.pk}">1</a>' in page


def test_list_takes_the_same_queries_for_any_number_of_tenants(
    root: Client, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(3):
        tenant_create(slug=f"more-{number}", name="More")
    # Session, user, count filtered, count in all, rows.
    with django_assert_num_queries(5):
        root.get(LIST)


def test_a_tenant_is_created(root: Client) -> None:
    answer = root.post(ADD, {"slug": "acme", "name": "有声书", "time_zone": "Europe/Berlin"})

    tenant = Tenant.objects.get(slug="acme")
    assert answer.status_code == 302
    assert (tenant.name, tenant.time_zone, tenant.status) == ("有声书", "Europe/Berlin", "active")
    assert LogEntry.objects.get().object_id == str(tenant.pk)
    assert page_of(tenant) in root.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("slug", "alice", "already exists"),
        ("slug", "no spaces", "Enter a valid “slug”"),
        ("name", "", "This field is required."),
        ("time_zone", "Mars/Olympus", "no IANA time zone"),
        ("time_zone", "../etc/passwd", "no IANA time zone"),
        ("time_zone", "Asia", "no IANA time zone"),
    ],
)
def test_the_form_names_what_is_wrong_and_creates_nothing(
    root: Client, cast: Cast, field: str, value: str, told: str
) -> None:
    data = {"slug": "acme", "name": "Acme", "time_zone": "Asia/Shanghai", field: value}

    assert told in root.post(ADD, data).content.decode()
    assert Tenant.objects.count() == 2


def test_name_and_time_zone_change_but_slug_and_status_do_not(root: Client, cast: Cast) -> None:
    tenant = cast.alice.tenant
    data = {"name": "Alice & Co", "time_zone": "UTC", "slug": "mallory", "status": "suspended"}

    assert root.post(page_of(tenant), data).status_code == 302
    again = Tenant.objects.get(pk=tenant.pk)
    assert (again.name, again.time_zone, again.slug, again.status) == ("Alice & Co", "UTC", "alice", "active")


def test_suspending_stops_one_tenant_and_reactivating_brings_it_back(root: Client, cast: Cast) -> None:
    alice, bob = cast.alice.tenant, cast.bob.tenant

    assert act(root, "suspend", alice) == 302
    assert (status_of(alice), status_of(bob)) == ("suspended", "active")
    assert act(root, "suspend", alice, bob) == 302
    assert act(root, "reactivate", alice, bob) == 302
    assert (status_of(alice), status_of(bob)) == ("active", "active")
    told = list(LogEntry.objects.order_by("id").values_list("change_message", flat=True))
    assert told == ["suspended", "suspended", "reactivated", "reactivated"]


def test_a_tenants_page_offers_what_fits_its_status(root: Client, cast: Cast) -> None:
    tenant = cast.alice.tenant

    assert 'name="action" value="suspend"' in root.get(page_of(tenant)).content.decode()
    act(root, "suspend", tenant)
    assert 'name="action" value="reactivate"' in root.get(page_of(tenant)).content.decode()


def test_nobody_deletes_tenants(root: Client, cast: Cast) -> None:
    tenant = cast.alice.tenant

    assert (
        root.post(reverse("admin:accounts_tenant_delete", args=[tenant.pk]), {"post": "yes"}).status_code
        == 403
    )
    act(root, "delete_selected", tenant)
    assert Tenant.objects.filter(pk=tenant.pk).exists()


def test_viewers_look_and_outsiders_do_not(db: None, cast: Cast) -> None:
    tenant = cast.alice.tenant
    viewer = client_of(staff("viewer", "accounts.view_tenant"))
    outsider = client_of(staff("outsider"))

    page = viewer.get(page_of(tenant)).content.decode()
    assert "suspend" not in page
    assert "Issue a key" not in page
    assert "Its requests" not in page
    assert viewer.post(page_of(tenant), {"name": "x", "time_zone": "UTC"}).status_code == 403
    act(viewer, "suspend", tenant)
    assert status_of(tenant) == "active"
    for url in (LIST, ADD, page_of(tenant)):
        assert outsider.get(url).status_code == 403
        assert english_client().get(url).status_code == 302
