from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.limits.names import Limit
from accounts.models import AuditEvent, LimitOverride, Membership, Plan, Tenant, UsagePeriod
from accounts.roles import Role
from accounts.services.keys import key_issue, key_revoke
from accounts.services.overrides import override_set
from accounts.services.tenants import tenant_create
from tests.admin_cast import client_of, english_client, member_of, operator, staff, superuser
from tests.cast import Cast, plan

LIST = "/admin/accounts/tenant/"
ADD = "/admin/accounts/tenant/add/"


@pytest.fixture
def root(db: None) -> Client:
    return client_of(superuser())


def form_of(tenant: Tenant | None = None, **changes: object) -> dict[str, object]:
    """What the form of a tenant, or of a new one, is sent with."""
    plan = Plan.objects.get(slug="standard") if tenant is None else tenant.plan
    rows = {
        f"{name}-{count}": 0
        for name in ("overrides", "memberships")
        for count in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    return {
        "name": "Acme",
        "time_zone": "Asia/Shanghai",
        "plan": str(plan.pk),
        "text_retention_days": 30,
        "audio_retention_days": "",
        "allowed_voices": "",
        "overload_policy": "fallback",
        "default_timeout_seconds": "",
        **({"slug": "acme"} if tenant is None else rows),
        **changes,
    }


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
    # Session, user, plans of the filter, count filtered, count in all, rows, overrides.
    with django_assert_num_queries(7):
        root.get(LIST)


def test_a_tenant_is_created(root: Client) -> None:
    answer = root.post(ADD, form_of(name="有声书", time_zone="Europe/Berlin", allowed_voices="a, b"))

    tenant = Tenant.objects.get(slug="acme")
    assert answer.status_code == 302
    assert (tenant.name, tenant.time_zone, tenant.status) == ("有声书", "Europe/Berlin", "active")
    assert (tenant.text_retention_days, tenant.audio_retention_days) == (30, None)
    assert tenant.allowed_voices == ["a", "b"]
    event = AuditEvent.objects.of(tenant).get()
    assert (event.action, event.actor_kind, event.actor_name) == ("tenant.create", "user", "root")
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
        ("plan", "", "This field is required."),
        ("text_retention_days", "36501", "less than or equal to 36500"),
        ("default_timeout_seconds", "0.1", "greater than or equal to 0.5"),
        ("overload_policy", "panic", "Select a valid choice."),
    ],
)
def test_the_form_names_what_is_wrong_and_creates_nothing(
    root: Client, cast: Cast, field: str, value: str, told: str
) -> None:
    assert told in root.post(ADD, form_of(None, **{field: value})).content.decode()
    assert Tenant.objects.count() == 2


def test_name_and_time_zone_change_but_slug_and_status_do_not(root: Client, cast: Cast) -> None:
    tenant = cast.alice.tenant
    data = form_of(tenant, name="Alice & Co", time_zone="UTC", slug="mallory", status="suspended")

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
    viewer = client_of(operator("viewer", "accounts.view_tenant"))
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


def used(tenant: Tenant, characters: int, *, reserved: int = 0) -> None:
    now = timezone.now()
    UsagePeriod.objects.create(
        tenant=tenant,
        starts_at=now - timedelta(days=1),
        ends_at=now + timedelta(days=1),
        used_characters=characters,
        reserved_characters=reserved,
    )


def test_list_tells_what_is_used_of_the_month(root: Client, cast: Cast) -> None:
    used(cast.alice.tenant, 80_000, reserved=5_000)
    override_set(tenant=cast.alice.tenant, limit=Limit.CHARACTERS_PER_MONTH, value=100_000)

    page = root.get(LIST).content.decode()

    assert "80,000 of 100,000 · 5,000 reserved" in page
    assert '<svg class="usage-bar usage-nearly"' in page
    assert '<rect class="used" width="80.00"' in page
    assert '<rect class="reserved" x="80.00" width="5.00"' in page
    assert "0 of unlimited" in page


@pytest.mark.parametrize(("limit", "characters", "told"), [(0, 0, "0 of none"), (10, 25, "25 of 10")])
def test_a_limit_that_is_none_or_passed_fills_the_bar(
    root: Client, cast: Cast, limit: int, characters: int, told: str
) -> None:
    used(cast.alice.tenant, characters)
    override_set(tenant=cast.alice.tenant, limit=Limit.CHARACTERS_PER_MONTH, value=limit)

    page = root.get(LIST).content.decode()

    assert told in page
    assert '<svg class="usage-bar usage-over"' in page
    assert '<rect class="used" width="100.00"' in page


def test_a_tenants_page_tells_each_limit_and_where_it_comes_from(root: Client, cast: Cast) -> None:
    tenant = cast.alice.tenant
    override_set(tenant=tenant, limit=Limit.QUEUED_REQUESTS, value=0)
    override_set(tenant=tenant, limit=Limit.REQUESTS_PER_MINUTE, value=1_234, observe_only=True)

    page = "".join(root.get(page_of(tenant)).content.decode().split())

    assert '<tr><thscope="row">requestswaiting</th><tdclass="numbers">none</td><td>itsown</td>' in page
    assert (
        '<tr><thscope="row">requestsperminute</th><tdclass="numbers">unlimited</td><td>theplan&#x27;s</td>'
        '<tdclass="numbers">1,234</td></tr>' in page
    )


def test_overrides_and_members_are_saved_with_the_tenant_and_told(root: Client, cast: Cast) -> None:
    tenant, eve = cast.alice.tenant, staff("eve")
    row = override_set(tenant=tenant, limit=Limit.QUEUED_REQUESTS, value=3)
    mallory = staff("mallory")
    AuditEvent.objects.of(tenant)
    data = form_of(
        tenant,
        **{
            "overrides-TOTAL_FORMS": 2,
            "overrides-INITIAL_FORMS": 1,
            "overrides-0-id": row.pk,
            # What a row limits does not change, whatever is sent.
            "overrides-0-limit": Limit.MAX_TIMEOUT_SECONDS,
            "overrides-0-value": 7,
            "overrides-1-limit": Limit.CHARACTERS_PER_MONTH,
            "overrides-1-value": "",
            "overrides-1-observe_only": "on",
            "memberships-TOTAL_FORMS": 2,
            "memberships-0-username": "eve",
            "memberships-0-role": "developer",
            "memberships-1-username": "mallory",
            "memberships-1-role": "viewer",
        },
    )

    assert root.post(page_of(tenant), data).status_code == 302
    rows = LimitOverride.objects.of(tenant).order_by("limit").values_list("limit", "value", "observe_only")
    assert list(rows) == [("characters_per_month", None, True), ("queued_requests", 7, False)]
    members = Membership.objects.of(tenant).order_by("user__username").values_list("user_id", "role")
    assert list(members) == [(eve.pk, "developer"), (mallory.pk, "viewer")]
    told = AuditEvent.objects.of(tenant).filter(actor_name="root").values_list("action", flat=True)
    assert sorted(told) == ["membership.set"] * 2 + ["override.set"] * 2 + ["tenant.update"]


def test_overrides_and_members_are_removed_on_the_tenants_page(root: Client, cast: Cast) -> None:
    tenant = cast.alice.tenant
    row = override_set(tenant=tenant, limit=Limit.QUEUED_REQUESTS, value=3)
    member_of(tenant, Role.OWNER)
    membership = Membership.objects.of(tenant).get()
    data = form_of(
        tenant,
        **{
            "overrides-TOTAL_FORMS": 1,
            "overrides-INITIAL_FORMS": 1,
            "overrides-0-id": row.pk,
            "overrides-0-value": 3,
            "overrides-0-DELETE": "on",
            "memberships-TOTAL_FORMS": 1,
            "memberships-INITIAL_FORMS": 1,
            "memberships-0-id": membership.pk,
            "memberships-0-role": "owner",
            "memberships-0-DELETE": "on",
        },
    )

    assert root.post(page_of(tenant), data).status_code == 302
    assert not LimitOverride.objects.of(tenant).exists()
    assert not Membership.objects.of(tenant).exists()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"memberships-0-username": "nobody"}, "There is nobody of this name on the staff."),
        ({"memberships-0-username": "eve", "memberships-0-role": "king"}, "Select a valid choice."),
    ],
)
def test_a_member_who_makes_no_sense_is_refused_on_the_tenants_page(
    root: Client, cast: Cast, fields: dict[str, str], told: str
) -> None:
    staff("eve")
    data = form_of(
        cast.alice.tenant, **{"memberships-TOTAL_FORMS": 1, "memberships-0-role": "viewer", **fields}
    )

    assert told in root.post(page_of(cast.alice.tenant), data).content.decode()
    assert not Membership.all_tenants.exists()


def test_owners_change_what_is_theirs_and_nothing_that_is_the_operators(cast: Cast) -> None:
    tenant = cast.alice.tenant
    override = override_set(tenant=tenant, limit=Limit.QUEUED_REQUESTS, value=3)
    owner = client_of(member_of(tenant, Role.OWNER))
    data = form_of(
        tenant,
        name="Alice & Co",
        time_zone="UTC",
        plan=str(plan("gold").pk),
        zero_retention="on",
        text_retention_days=1,
        allowed_voices="a",
        **{
            "overrides-TOTAL_FORMS": 1,
            "overrides-INITIAL_FORMS": 1,
            "overrides-0-id": override.pk,
            "overrides-0-value": 999,
        },
    )

    assert owner.post(page_of(tenant), data).status_code == 302
    row = Tenant.objects.get(pk=tenant.pk)
    assert (row.name, row.time_zone) == ("Alice & Co", "UTC")
    assert (row.plan_id, row.zero_retention) == (tenant.plan_id, False)
    assert (row.text_retention_days, row.allowed_voices) == (30, None)
    assert LimitOverride.objects.of(tenant).get().value == 3
    act(owner, "suspend", tenant)
    assert status_of(tenant) == "active"
    page = owner.get(page_of(tenant)).content.decode()
    assert "overrides-" not in page
    assert 'value="suspend"' not in page


@pytest.mark.parametrize("role", [Role.VIEWER, Role.DEVELOPER])
def test_lesser_members_change_nothing_of_their_tenant(cast: Cast, role: Role) -> None:
    tenant = cast.alice.tenant
    client = client_of(member_of(tenant, role))

    page = client.get(page_of(tenant)).content.decode()
    assert 'name="_save"' not in page
    assert client.post(page_of(tenant), form_of(tenant, name="x")).status_code == 403
    assert Tenant.objects.get(pk=tenant.pk).name == "Alice"
    assert ("Issue a key" in page) is (role is Role.DEVELOPER)
