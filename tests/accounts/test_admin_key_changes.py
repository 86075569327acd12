"""A key's own page: what may be changed, and a new secret."""

from datetime import datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiKey, AuditEvent, Membership
from accounts.selectors import caller_by_key
from accounts.services.keys import key_revoke, key_update
from tests.accounts.test_admin_keys import ISSUE, LIST, asked, edited, page_of, revoke
from tests.admin_cast import client_of, member_of, operator, superuser
from tests.cast import Cast


@pytest.fixture
def root(db: None) -> Client:
    return client_of(superuser())


def rotate_page(key: ApiKey) -> str:
    return reverse("admin:accounts_apikey_rotate", args=[key.pk])


def fresh(key: ApiKey) -> ApiKey:
    return ApiKey.all_tenants.get(pk=key.pk)


def works(text: str) -> bool:
    return caller_by_key(text=text, now=timezone.now()) is not None


def test_what_a_key_may_use_is_changed_on_its_page(root: Client, cast: Cast) -> None:
    answer = root.post(
        page_of(cast.alice.row),
        edited(
            name="website",
            scopes=["voices:read"],
            allowed_addresses="192.0.2.9/24",
            allowed_voices="zh-a",
            requests_per_minute="9",
            expires_at="2100-01-02T03:04:05",
        ),
    )
    assert answer.status_code == 302
    row = fresh(cast.alice.row)
    assert (row.name, row.scopes, row.requests_per_minute) == ("website", ["voices:read"], 9)
    assert (row.allowed_addresses, row.allowed_voices) == (["192.0.2.0/24"], ["zh-a"])
    assert row.expires_at == timezone.make_aware(datetime(2100, 1, 2, 3, 4, 5))
    assert row.digest == cast.alice.row.digest
    event = AuditEvent.all_tenants.get(action="key.update")
    assert (event.actor_name, event.before["name"], event.after["name"]) == ("root", "alice's app", "website")


def test_saving_a_page_as_it_is_changes_nothing(root: Client, cast: Cast) -> None:
    key_update(
        key=cast.alice.row,
        expires_at=timezone.now() + timedelta(days=1, microseconds=7),
        allowed_addresses=["192.0.2.0/24", "2001:db8::1"],
        allowed_voices=["zh-a"],
        scopes=["voices:read", "usage:read"],
        characters_per_month=0,
    )
    before = ApiKey.all_tenants.filter(pk=cast.alice.row.pk).values().get()
    form = root.get(page_of(cast.alice.row)).context["adminform"].form
    shown = {field.html_name: field.value() for field in form}
    shown = {name: "" if value is None else value for name, value in shown.items()}
    shown["expires_at"] = form["expires_at"].subwidgets[0].data["value"]

    assert root.post(page_of(cast.alice.row), shown).status_code == 302
    assert ApiKey.all_tenants.filter(pk=cast.alice.row.pk).values().get() == before
    assert AuditEvent.all_tenants.filter(action="key.update").count() == 1


def test_the_page_names_what_is_wrong_and_changes_nothing(root: Client, cast: Cast) -> None:
    for fields, told in (
        ({"name": ""}, "This field is required."),
        ({"scopes": []}, "This field is required."),
        ({"allowed_addresses": "here"}, "here is neither an IP address"),
        ({"expires_at": "2020-01-01T00:00"}, "This is in the past."),
        ({"requests_per_minute": "-1"}, "greater than or equal to 0"),
    ):
        answer = root.post(page_of(cast.alice.row), edited(**fields))
        assert told in answer.content.decode(), fields
    assert not AuditEvent.all_tenants.filter(action="key.update").exists()


def test_an_expired_key_keeps_its_time_when_something_else_is_changed(root: Client, cast: Cast) -> None:
    past = timezone.now().replace(microsecond=0) - timedelta(hours=1)
    key_update(key=cast.alice.row, expires_at=past)
    shown = timezone.localtime(past).strftime("%Y-%m-%dT%H:%M:%S")
    root.post(page_of(cast.alice.row), edited(name="old one", expires_at=shown))
    assert (fresh(cast.alice.row).name, fresh(cast.alice.row).expires_at) == ("old one", past)


def test_a_revoked_key_is_only_looked_at(root: Client, cast: Cast) -> None:
    key_revoke(key=cast.alice.row)
    page = root.get(page_of(cast.alice.row)).content.decode()
    assert 'name="_save"' not in page
    assert rotate_page(cast.alice.row) not in page
    assert root.post(page_of(cast.alice.row), edited(name="again")).status_code == 403
    assert fresh(cast.alice.row).name == "alice's app"
    for answer in (
        root.get(rotate_page(cast.alice.row)),
        root.post(rotate_page(cast.alice.row), {"overlap": 1}),
    ):
        assert answer.status_code == 403
    assert fresh(cast.alice.row).rotated_at is None


def test_rotating_asks_for_the_overlap_and_shows_the_new_key_once(root: Client, cast: Cast) -> None:
    row = cast.alice.row
    assert rotate_page(row) in root.get(page_of(row)).content.decode()
    page = root.get(rotate_page(row)).content.decode()
    assert 'name="overlap"' in page
    assert works(cast.alice.key)
    assert fresh(row).rotated_at is None

    before = timezone.now()
    answer = root.post(rotate_page(row), {"overlap": "24"})

    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    text = answer.context["key_text"]
    assert f'value="{text}"' in answer.content.decode()
    assert works(text)
    assert works(cast.alice.key)
    until = fresh(row).previous_until
    assert until is not None
    assert before <= until - timedelta(hours=24) <= timezone.now()
    assert "works until" in answer.content.decode()

    secret = text.removeprefix(f"{row.label}_")
    assert not list(get_messages(answer.wsgi_request))
    assert secret not in str(answer.cookies) + str(answer.headers) + str(root.cookies)
    for url in (
        LIST,
        page_of(row),
        rotate_page(row),
        reverse("admin:accounts_apikey_history", args=[row.pk]),
    ):
        assert secret not in root.get(url).content.decode()
    assert LogEntry.objects.get(change_message="rotated").object_id == str(row.pk)


def test_rotating_at_once_ends_the_old_secret(root: Client, cast: Cast) -> None:
    answer = root.post(rotate_page(cast.alice.row), {"overlap": "0"})
    assert works(answer.context["key_text"])
    assert not works(cast.alice.key)
    assert "works no longer" in answer.content.decode()


def test_a_second_rotation_warns_of_the_secret_it_ends(root: Client, cast: Cast) -> None:
    assert "rotated lately" not in root.get(rotate_page(cast.alice.row)).content.decode()
    root.post(rotate_page(cast.alice.row), {"overlap": "1"})
    assert "rotated lately" in root.get(rotate_page(cast.alice.row)).content.decode()


@pytest.mark.parametrize("overlap", ["", "-1", "2", "99999999", "soon"])
def test_an_overlap_that_is_not_offered_rotates_nothing(root: Client, cast: Cast, overlap: str) -> None:
    answer = root.post(rotate_page(cast.alice.row), {"overlap": overlap})
    assert answer.status_code == 200
    assert "key_text" not in answer.context
    assert fresh(cast.alice.row).rotated_at is None


def test_an_expired_key_is_not_rotated_and_the_page_says_why(root: Client, cast: Cast) -> None:
    key_update(key=cast.alice.row, expires_at=timezone.now() - timedelta(seconds=1))
    assert rotate_page(cast.alice.row) not in root.get(page_of(cast.alice.row)).content.decode()
    answer = root.post(rotate_page(cast.alice.row), {"overlap": "1"}, follow=True)
    assert "This key is revoked or expired" in answer.content.decode()
    assert fresh(cast.alice.row).rotated_at is None


def test_rotating_needs_a_csrf_token_and_a_key_that_exists(root: Client, cast: Cast) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = root.cookies
    assert strict.post(rotate_page(cast.alice.row), {"overlap": "1"}).status_code == 403
    assert fresh(cast.alice.row).rotated_at is None
    nobody = reverse("admin:accounts_apikey_rotate", args=["019a0000-0000-7000-8000-000000000000"])
    assert root.get(nobody).status_code == 404


def test_a_viewer_may_not_rotate(db: None, cast: Cast) -> None:
    viewer = client_of(operator("viewer", "accounts.view_apikey"))
    assert viewer.get(rotate_page(cast.alice.row)).status_code == 403
    assert viewer.post(rotate_page(cast.alice.row), {"overlap": "1"}).status_code == 403
    assert fresh(cast.alice.row).rotated_at is None


def test_a_developer_of_one_tenant_keeps_its_keys_and_no_others(db: None, cast: Cast) -> None:
    developer = client_of(member_of(cast.alice.tenant, Membership.Role.DEVELOPER))
    alice, bob = cast.alice.row, cast.bob.row

    page = developer.get(LIST).content.decode()
    assert alice.label in page
    assert bob.label not in page
    assert "Bob" not in page
    assert "Bob" not in developer.get(ISSUE).content.decode()
    assert "key_text" not in developer.post(ISSUE, asked(cast.bob.tenant)).context
    assert "key_text" in developer.post(ISSUE, asked(cast.alice.tenant)).context

    assert developer.get(rotate_page(bob)).status_code == 404
    assert developer.post(rotate_page(bob), {"overlap": "0"}).status_code == 404
    assert "key_text" in developer.post(rotate_page(alice), {"overlap": "0"}).context

    assert developer.post(page_of(bob), edited(name="mine now")).status_code == 302
    assert developer.post(page_of(alice), edited(name="ours")).status_code == 302
    revoke(developer, alice, bob)
    assert fresh(alice).name == "ours"
    assert fresh(alice).revoked_at is not None
    assert (fresh(bob).name, fresh(bob).revoked_at, fresh(bob).rotated_at) == (bob.name, None, None)


def test_a_member_who_only_views_changes_nothing(db: None, cast: Cast) -> None:
    viewer = client_of(member_of(cast.alice.tenant, Membership.Role.VIEWER))
    row = cast.alice.row
    assert row.label in viewer.get(LIST).content.decode()
    assert viewer.get(ISSUE).status_code == 403
    assert viewer.post(page_of(row), edited(name="mine")).status_code == 403
    assert viewer.post(rotate_page(row), {"overlap": "0"}).status_code == 403
    revoke(viewer, row)
    assert works(cast.alice.key)
    assert fresh(row).name == row.name


def test_the_new_pages_in_chinese(root: Client, cast: Cast) -> None:
    chinese = {"accept-language": "zh-CN"}
    assert "轮换密钥" in root.get(rotate_page(cast.alice.row), headers=chinese).content.decode()
    assert "允许的地址" in root.get(page_of(cast.alice.row), headers=chinese).content.decode()
