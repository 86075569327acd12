"""What superusers do with people and their rights is told, whichever page of the admin it is done on."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse

from accounts.models import ApiKey, AuditEvent, Membership
from accounts.roles import Role
from accounts.services.keys import key_issue
from accounts.services.memberships import membership_set
from accounts.services.staff import user_create, user_delete, user_set_password, user_update
from tests.admin_cast import client_of, operator, staff, superuser
from tests.cast import Cast

pytestmark = pytest.mark.django_db

LIST = "/admin/auth/user/"
ADD = f"{LIST}add/"
PASSWORD = "correct horse battery staple"
OTHER = "incorrect pony mains clip"


@pytest.fixture
def root() -> Client:
    return client_of(superuser())


@pytest.fixture
def eve() -> User:
    return staff("eve", "accounts.view_tenant")


def page_of(user: User, page: str = "change") -> str:
    name = "password_change" if page == "password" else page
    return reverse(f"admin:auth_user_{name}", args=[user.pk])


def form_of(user: User, **changes: Any) -> dict[str, Any]:
    """The form of a person's page as a browser would send it back."""
    values: dict[str, Any] = {
        "username": user.username,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "is_active": user.is_active,
        "is_staff": user.is_staff,
        "is_superuser": user.is_superuser,
        "groups": [group.pk for group in user.groups.all()],
        "user_permissions": [permission.pk for permission in user.user_permissions.all()],
        **changes,
    }
    return {name: value for name, value in values.items() if value is not False}


def told(**about: str) -> list[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """Events of people, oldest first: action, before, after."""
    rows = AuditEvent.all_tenants.filter(target_kind="user", actor_name="root", **about).order_by("at", "id")
    return list(rows.values_list("action", "before", "after"))


def saved(client: Client, path: str, sent: Mapping[str, Any]) -> None:
    answer = client.post(path, sent)
    assert answer.status_code == 302, answer.context["errors"]


def test_a_new_person_is_told_with_the_rights_they_begin_with(root: Client) -> None:
    saved(
        root,
        ADD,
        {"username": "eve", "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD},
    )
    user = User.objects.get(username="eve")
    assert user.check_password(PASSWORD)
    assert told() == [
        (
            "user.create",
            {},
            {
                "username": "eve",
                "is_active": True,
                "is_staff": False,
                "is_superuser": False,
                "groups": [],
                "user_permissions": [],
            },
        )
    ]
    event = AuditEvent.all_tenants.get(action="user.create")
    assert (event.target_id, event.target_name, event.tenant_id) == (str(user.pk), "eve", None)
    assert event.address == "127.0.0.1"


def test_a_person_without_a_password_is_made(root: Client) -> None:
    saved(root, ADD, {"username": "eve", "usable_password": "false"})
    assert not User.objects.get(username="eve").has_usable_password()
    assert [action for action, *_ in told()] == ["user.create"]


@pytest.mark.parametrize(
    ("changes", "before", "after"),
    [
        ({"is_superuser": True}, {"is_superuser": False}, {"is_superuser": True}),
        ({"is_staff": False}, {"is_staff": True}, {"is_staff": False}),
        ({"is_active": False}, {"is_active": True}, {"is_active": False}),
        ({"username": "eva"}, {"username": "eve"}, {"username": "eva"}),
        ({"user_permissions": []}, {"user_permissions": ["accounts.view_tenant"]}, {"user_permissions": []}),
        (
            {"is_staff": False, "is_superuser": True, "email": "eve@example.org"},
            {"is_staff": True, "is_superuser": False},
            {"is_staff": False, "is_superuser": True},
        ),
    ],
)
def test_a_change_of_rights_is_told_by_what_differs(
    root: Client, eve: User, changes: dict[str, Any], before: dict[str, Any], after: dict[str, Any]
) -> None:
    saved(root, page_of(eve), form_of(eve, **changes))
    assert told(target_id=str(eve.pk)) == [("user.update", before, after)]
    saved(root, page_of(eve), form_of(User.objects.get(pk=eve.pk)))
    assert len(told()) == 1, "a form sent again changes nothing"


def test_groups_and_permissions_are_told_by_name(root: Client, eve: User) -> None:
    hosts, cooks = (Group.objects.create(name=name) for name in ("hosts", "cooks"))
    add_plan = Permission.objects.get(codename="add_plan")

    changes = {"groups": [hosts.pk, cooks.pk], "user_permissions": [add_plan.pk]}
    saved(root, page_of(eve), form_of(eve, **changes))
    assert told() == [
        (
            "user.update",
            {"groups": [], "user_permissions": ["accounts.view_tenant"]},
            {"groups": ["cooks", "hosts"], "user_permissions": ["accounts.add_plan"]},
        )
    ]
    assert {*eve.groups.all()} == {hosts, cooks}
    assert [*eve.user_permissions.all()] == [add_plan]


def test_a_person_s_own_affairs_are_changed_and_not_told(root: Client, eve: User) -> None:
    saved(root, page_of(eve), form_of(eve, first_name="Eve", email="eve@example.org"))
    eve.refresh_from_db()
    assert (eve.first_name, eve.email) == ("Eve", "eve@example.org")
    assert told() == []


def test_when_somebody_logged_in_cannot_be_made_up(root: Client, eve: User) -> None:
    made_up = {"last_login_0": "2001-01-01", "last_login_1": "00:00:00", "date_joined_0": "2001-01-01"}
    saved(root, page_of(eve), form_of(eve, **made_up))
    joined = eve.date_joined
    eve.refresh_from_db()
    assert (eve.last_login, eve.date_joined) == (None, joined)


def test_a_refused_form_is_not_told(root: Client, eve: User) -> None:
    answer = root.post(page_of(eve), form_of(eve, username="root", is_superuser=True))
    assert "already exists" in answer.content.decode()
    assert told() == []
    assert not User.objects.get(pk=eve.pk).is_superuser


def test_a_password_is_told_without_a_word_of_it(root: Client, eve: User) -> None:
    eve.set_password(OTHER)
    eve.save()
    session = client_of(eve)
    assert session.get("/admin/").status_code == 200

    saved(
        root,
        page_of(eve, "password"),
        {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"},
    )
    eve.refresh_from_db()
    assert eve.check_password(PASSWORD)
    assert told() == [("user.set_password", {}, {})]
    assert session.get("/admin/").status_code == 302, "who was logged in with the old one no longer is"
    rows = json.dumps(list(AuditEvent.all_tenants.values()), default=str)
    assert PASSWORD not in rows
    assert eve.password.rpartition("$")[2] not in rows

    saved(root, page_of(eve, "password"), {"usable_password": "false", "unset-password": "1"})
    eve.refresh_from_db()
    assert not eve.has_usable_password()
    assert told()[1:] == [("user.disable_password", {}, {})]


def test_a_refused_password_is_not_told(root: Client, eve: User) -> None:
    before = eve.password
    for sent in ({"password1": PASSWORD, "password2": OTHER}, {"password1": "", "password2": ""}):
        assert root.post(page_of(eve, "password"), sent).status_code == 200
    eve.refresh_from_db()
    assert eve.password == before
    assert told() == []


def test_who_sets_their_own_password_stays_logged_in(root: Client) -> None:
    me = User.objects.get(username="root")
    saved(root, page_of(me, "password"), {"password1": PASSWORD, "password2": PASSWORD})
    assert root.get(LIST).status_code == 200
    assert told() == [("user.set_password", {}, {})]


def test_passwords_set_by_two_people_are_each_told_of_their_own(root: Client, eve: User) -> None:
    """Both are answered by one admin object."""
    other = client_of(User.objects.create_superuser("second"))
    for client in (root, other, root):
        saved(client, page_of(eve, "password"), {"password1": PASSWORD, "password2": PASSWORD})
    events = AuditEvent.all_tenants.filter(action="user.set_password").order_by("at", "id")
    assert [event.actor_name for event in events] == ["root", "second", "root"]


def test_a_person_who_goes_leaves_each_tenant_first(root: Client, eve: User, cast: Cast) -> None:
    for member in (cast.alice, cast.bob):
        membership_set(tenant=member.tenant, user=eve, role=Role.DEVELOPER)
    key, _ = key_issue(tenant=cast.alice.tenant, name="hers")
    ApiKey.all_tenants.filter(pk=key.pk).update(created_by=eve)

    saved(root, page_of(eve, "delete"), {"post": "yes"})

    assert not User.objects.filter(pk=eve.pk).exists()
    assert not Membership.all_tenants.exists()
    events = AuditEvent.all_tenants.filter(actor_name="root").order_by("at", "id")
    assert [(event.action, event.tenant_slug, event.target_name) for event in events] == [
        ("membership.remove", "alice", "eve"),
        ("membership.remove", "bob", "eve"),
        ("user.delete", "", "eve"),
    ]
    assert events[2].before["is_staff"]
    assert ApiKey.all_tenants.get(pk=key.pk).created_by_id is None


def test_people_who_are_deleted_together_are_each_told(root: Client, eve: User, cast: Cast) -> None:
    adam = staff("adam")
    membership_set(tenant=cast.alice.tenant, user=adam, role=Role.OWNER)
    ids = [str(user.pk) for user in (adam, eve)]
    saved(root, LIST, {"action": "delete_selected", "_selected_action": ids, "post": "yes"})
    assert not User.objects.filter(pk__in=ids).exists()
    assert [action for action, *_ in told()] == ["user.delete", "user.delete"]
    assert AuditEvent.objects.of(cast.alice.tenant).filter(action="membership.remove").count() == 1


def test_whoever_is_no_superuser_changes_nobody(eve: User) -> None:
    every = [f"auth.{what}_user" for what in ("add", "change", "delete", "view")]
    client = client_of(operator("see", *every))
    assert client.get(page_of(eve)).status_code == 200
    for path, sent in {
        ADD: {"username": "new", "password1": PASSWORD, "password2": PASSWORD},
        page_of(eve): form_of(eve, is_superuser=True),
        page_of(eve, "password"): {"password1": PASSWORD, "password2": PASSWORD},
        page_of(eve, "delete"): {"post": "yes"},
    }.items():
        assert client.post(path, sent).status_code == 403, path
    assert not AuditEvent.all_tenants.filter(target_kind="user").exists()


def test_a_person_who_is_gone_is_deleted_once(eve: User) -> None:
    assert user_delete(user=eve)
    assert not user_delete(user=eve)
    assert AuditEvent.all_tenants.filter(action="user.delete").count() == 1


def test_digests_are_no_field_to_be_set(eve: User) -> None:
    for name in ("password", "last_login", "id"):
        values: dict[str, Any] = {name: "7"}
        with pytest.raises(TypeError, match=name):
            user_update(user=eve, **values)


def test_a_person_is_changed_as_they_are_now_and_not_as_they_were_read(eve: User) -> None:
    stale = User.objects.get(pk=eve.pk)
    user_update(user=eve, is_superuser=True)
    user_update(user=stale, is_staff=False)
    now = User.objects.get(pk=eve.pk)
    assert (now.is_superuser, now.is_staff) == (True, False)
    assert user_set_password(user=stale, password=None).is_superuser


def test_a_name_that_is_taken_is_refused(eve: User) -> None:
    with pytest.raises(Exception, match="username"):
        user_create(user=User(username="eve", password="!"))
    assert not AuditEvent.all_tenants.filter(action="user.create").exists()


def test_djangos_own_history_of_a_person_still_names_the_change(root: Client, eve: User) -> None:
    saved(root, page_of(eve), form_of(eve, is_superuser=True))
    assert "uperuser" in LogEntry.objects.get(object_id=str(eve.pk)).change_message
