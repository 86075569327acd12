from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.actors import Actor
from accounts.admin.audit import ACTIONS, differences
from accounts.limits.names import Limit
from accounts.models import AuditEvent, Membership
from accounts.services.keys import key_revoke
from accounts.services.overrides import override_clear, override_set
from accounts.services.plans import plan_create
from accounts.services.tenants import tenant_suspend, tenant_update
from tests.admin_cast import client_of, english_client, member_of, operator, staff, superuser
from tests.cast import Cast
from tests.syntax import strings_matching

LIST = "/admin/accounts/auditevent/"


@pytest.fixture
def root(db: None) -> Client:
    return client_of(superuser())


def shown(client: Client, **parameters: str) -> list[tuple[str, str]]:
    rows = client.get(LIST, parameters).context["cl"].result_list
    return [(row.action, row.tenant_slug) for row in rows]


def test_list_tells_who_did_what_to_whom_and_what_changed(root: Client, cast: Cast) -> None:
    eve = Actor("user", "17", "eve", "192.0.2.1", "trace-1")
    tenant_update(tenant=cast.alice.tenant, name="<b>Alice & Co</b>", actor=eve)

    page = root.get(LIST).content.decode()

    assert f'<a href="{LIST}?actor=user%3A17">eve</a>' in page
    assert "<del>Alice</del> <ins>&lt;b&gt;Alice &amp; Co&lt;/b&gt;</ins>" in page
    event = AuditEvent.all_tenants.get(request_id="trace-1")
    whole = root.get(reverse("admin:accounts_auditevent_change", args=[event.pk])).content.decode()
    for shown_too in ("192.0.2.1", "trace-1", str(event.target_id), "<del>Alice</del>"):
        assert shown_too in whole
    assert shown(root)[0] == ("tenant.update", "alice")


def test_many_changes_are_folded_up(root: Client, cast: Cast) -> None:
    assert '<details class="changes"><summary>13 fields</summary>' in root.get(LIST).content.decode()


def test_list_is_filtered_by_tenant_action_actor_and_day(root: Client, cast: Cast) -> None:
    eve = Actor("user", "17", "eve")
    tenant_suspend(tenant=cast.alice.tenant, actor=eve)
    key_revoke(key=cast.bob.row)

    suspended, revoked = ("tenant.suspend", "alice"), ("key.revoke", "bob")
    assert shown(root, tenant=str(cast.bob.tenant.pk)) == [
        revoked,
        ("key.issue", "bob"),
        ("tenant.create", "bob"),
    ]
    assert shown(root, action="key.revoke") == [revoked]
    assert shown(root, action="tenant")[0] == suspended
    assert shown(root, actor="user") == [suspended]
    assert shown(root, actor="user:17") == [suspended]
    assert shown(root, actor="user:18") == []
    assert shown(root, actor="system")[0] == revoked
    assert len(shown(root, day="today")) == 6
    yesterday = (AuditEvent.all_tenants.latest("at").at - timedelta(days=2)).date()
    assert shown(root, day=yesterday.isoformat()) == []
    assert root.get(LIST, {"tenant": "nobody"}).status_code == 302


def test_search_finds_a_target_by_its_id_and_a_request(root: Client, cast: Cast) -> None:
    tenant_suspend(tenant=cast.alice.tenant, actor=Actor("user", "17", "eve", request_id="trace-1"))
    key = cast.bob.row

    assert shown(root, q=str(key.pk)) == [("key.issue", "bob")]
    assert shown(root, q=f" {key.pk.hex.upper()} ") == [("key.issue", "bob")]
    assert shown(root, q="trace-1") == [("tenant.suspend", "alice")]
    for missed in ("trace", str(key.pk)[:8], "%"):
        assert shown(root, q=missed) == []


def test_list_takes_the_same_queries_for_any_number_of_events(
    root: Client, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for value in range(5):
        override_set(tenant=cast.alice.tenant, limit=Limit.QUEUED_REQUESTS, value=value)
    # Session, user, tenants of the filter, count, rows.
    with django_assert_num_queries(5):
        root.get(LIST)


def test_nobody_writes_or_removes_what_is_told(root: Client, cast: Cast) -> None:
    event = AuditEvent.all_tenants.latest("at")
    page = reverse("admin:accounts_auditevent_change", args=[event.pk])

    assert root.get(page).status_code == 200
    assert root.post(page, {"action": "x"}).status_code == 403
    assert root.get(f"{LIST}add/").status_code == 403
    assert root.post(reverse("admin:accounts_auditevent_delete", args=[event.pk])).status_code == 403
    before = AuditEvent.all_tenants.count()
    root.post(LIST, {"action": "delete_selected", "_selected_action": str(event.pk), "post": "yes"})
    assert AuditEvent.all_tenants.count() == before


def test_events_of_plans_are_for_those_who_see_every_tenant(cast: Cast) -> None:
    plan_create(slug="gold", name="Gold")
    see, look = operator("see", "accounts.view_auditevent"), staff("look", "accounts.view_auditevent")

    assert ("plan.create", "") in shown(client_of(see))
    assert shown(client_of(look)) == []
    assert client_of(staff("out")).get(LIST).status_code == 403
    assert english_client().get(LIST).status_code == 302


def test_a_tenant_is_not_told_where_operators_sit(cast: Cast) -> None:
    owner = member_of(cast.alice.tenant, Membership.Role.OWNER)
    for number, who in enumerate((superuser(), owner), 1):
        actor = Actor("user", str(who.pk), who.get_username(), f"192.0.2.{number}")
        tenant_update(tenant=cast.alice.tenant, name=f"Alice {number}", actor=actor)
    pages = {
        event.actor_id: client_of(owner).get(f"{LIST}{event.pk}/change/").content.decode()
        for event in AuditEvent.objects.of(cast.alice.tenant).filter(action="tenant.update")
    }
    assert len(pages) == 2
    assert "192.0.2.2" in pages.pop(str(owner.pk))
    assert "192.0.2.1" not in "".join(pages.values())


def test_the_filter_offers_every_action_that_is_written() -> None:
    kinds = {f"{kind}." for kind in ACTIONS}
    written = strings_matching(lambda text: text.startswith(tuple(kinds)) and " " not in text, "services")

    assert written <= {action for actions in ACTIONS.values() for action in actions}


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({}, {}, ""),
        ({"a": 1}, {"a": None}, "<del>1</del> <ins>∅</ins>"),
        ({"a": True}, {"a": ["é"]}, "<del>true</del> <ins>[&quot;é&quot;]</ins>"),
        ({"a": "x"}, {}, "<del>x</del> "),
    ],
)
def test_a_difference_reads_as_what_was_and_what_is(
    before: dict[str, object], after: dict[str, object], told: str
) -> None:
    shown = str(differences(before, after))
    assert told in shown
    assert bool(shown) == bool(before or after)


def test_an_override_that_is_cleared_tells_what_it_was(root: Client, cast: Cast) -> None:
    override_set(tenant=cast.alice.tenant, limit=Limit.QUEUED_REQUESTS, value=3, reason="trial")
    override_clear(tenant=cast.alice.tenant, limit=Limit.QUEUED_REQUESTS)

    page = root.get(LIST, {"action": "override.clear"}).content.decode()
    assert "<del>3</del>" in page
    assert "<del>trial</del>" in page
