from datetime import datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.limits.names import KEY_LIMITS
from accounts.models import ApiKey, AuditEvent, Tenant
from accounts.scopes import ALL_SCOPES
from accounts.selectors import caller_by_key
from accounts.services.keys import key_issue, key_revoke
from tests.admin_cast import client_of, english_client, operator, superuser
from tests.cast import Cast

LIST = "/admin/accounts/apikey/"
ISSUE = "/admin/accounts/apikey/add/"


@pytest.fixture
def root(db: None) -> Client:
    return client_of(superuser())


def asked(tenant: Tenant, /, **fields: str | list[str]) -> dict[str, str | list[str]]:
    return {
        "tenant": str(tenant.id),
        "name": "phone app",
        "environment": "live",
        "scopes": list(ALL_SCOPES),
        "expires_at": "",
        **fields,
    }


def edited(**fields: str | list[str]) -> dict[str, str | list[str]]:
    """The form of a key's own page; what is not named is empty."""
    return {"name": "phone app", "scopes": list(ALL_SCOPES), **fields}


def page_of(key: ApiKey) -> str:
    return reverse("admin:accounts_apikey_change", args=[key.pk])


def revoke(client: Client, *keys: ApiKey, confirmed: bool = True) -> int:
    data = {"action": "revoke", "_selected_action": [str(key.pk) for key in keys]}
    return client.post(LIST, data | ({"confirmed": "yes"} if confirmed else {})).status_code


def test_the_answer_to_the_form_shows_a_key_that_works(root: Client, cast: Cast) -> None:
    answer = root.post(ISSUE, asked(cast.alice.tenant, scopes=["speech:write"], environment="test"))

    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    key = answer.context["key_text"]
    assert f'value="{key}"' in answer.content.decode()
    caller = caller_by_key(text=key, now=timezone.now())
    assert caller is not None
    assert caller.tenant == cast.alice.tenant
    assert caller.scopes == {"speech:write"}
    assert caller.key is not None
    assert (caller.key.name, caller.key.environment) == ("phone app", "test")
    assert caller.key.created_by is not None
    assert caller.key.created_by.get_username() == "root"


def test_a_key_is_issued_with_all_its_limits(root: Client, cast: Cast) -> None:
    root.post(
        ISSUE,
        asked(
            cast.alice.tenant,
            allowed_addresses="192.0.2.7/24, 2001:db8::1\r\n192.0.2.0/24",
            allowed_voices="zh-b\r\nzh-a",
            requests_per_minute="5",
            concurrent_requests="0",
            characters_per_month="1000",
        ),
    )
    row = ApiKey.all_tenants.get(name="phone app")
    assert row.allowed_addresses == ["192.0.2.0/24", "2001:db8::1"]
    assert row.allowed_voices == ["zh-a", "zh-b"]
    assert (row.requests_per_minute, row.concurrent_requests, row.characters_per_month) == (5, 0, 1000)
    event = AuditEvent.all_tenants.get(target_id=str(row.pk))
    assert (event.actor_kind, event.actor_name, event.address) == ("user", "root", "127.0.0.1")


def test_limits_left_empty_are_none_at_all(root: Client, cast: Cast) -> None:
    root.post(ISSUE, asked(cast.alice.tenant, allowed_addresses=" \r\n", allowed_voices=","))
    row = ApiKey.all_tenants.get(name="phone app")
    narrowing = ("allowed_addresses", "allowed_voices", *(limit.value for limit in KEY_LIMITS))
    assert {name: getattr(row, name) for name in narrowing} == dict.fromkeys(narrowing)


def test_a_key_is_shown_once_and_kept_nowhere(root: Client, cast: Cast) -> None:
    answer = root.post(ISSUE, asked(cast.alice.tenant))
    key = answer.context["key_text"]
    row = ApiKey.all_tenants.get(name="phone app")
    secret = key.removeprefix(f"{row.label}_")
    assert len(secret) == 38

    names = ("change", "history", "rotate")
    pages = [reverse(f"admin:accounts_apikey_{name}", args=[row.pk]) for name in names]
    for url in (LIST, ISSUE, *pages, "/admin/"):
        assert secret not in root.get(url).content.decode()
    assert secret not in str(list(ApiKey.all_tenants.values())) + str(list(LogEntry.objects.values()))
    assert secret not in str([session.get_decoded() for session in Session.objects.all()])
    assert secret not in str(answer.cookies) + str(answer.headers) + str(root.cookies)
    assert not list(get_messages(answer.wsgi_request))


def test_a_tenants_link_preselects_it(root: Client, cast: Cast) -> None:
    page = root.get(ISSUE, {"tenant": str(cast.bob.tenant.id)}).content.decode()

    assert f'<option value="{cast.bob.tenant.id}" selected>' in page
    assert root.get(ISSUE, {"tenant": "nonsense"}).status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("tenant", "", "This field is required."),
        ("name", "", "This field is required."),
        ("name", "n" * 101, "at most 100 characters"),
        ("environment", "prod", "Select a valid choice."),
        ("scopes", ["speech:write", "root"], "Select a valid choice."),
        ("scopes", [], "This field is required."),
        ("expires_at", "2020-01-01T00:00", "This is in the past."),
        ("expires_at", "tomorrow", "Enter a valid date/time."),
        ("allowed_addresses", "192.0.2.1\nhere", "here is neither an IP address nor a network"),
        ("allowed_addresses", ",".join(f"192.0.2.{n}" for n in range(51)), "at most 50 networks"),
        ("allowed_voices", "v" * 201, "at most 200 characters"),
        ("requests_per_minute", "-1", "greater than or equal to 0"),
        ("concurrent_requests", "2147483648", "less than or equal to 2147483647"),
        ("characters_per_month", "many", "Enter a whole number."),
    ],
)
def test_the_form_names_what_is_wrong_and_issues_nothing(
    root: Client, cast: Cast, field: str, value: str | list[str], told: str
) -> None:
    before = ApiKey.all_tenants.count()

    page = root.post(ISSUE, asked(cast.alice.tenant, **{field: value})).content.decode()

    assert told in page
    assert ApiKey.all_tenants.count() == before


def test_expiry_is_a_time_of_the_servers_time_zone(root: Client, cast: Cast) -> None:
    root.post(ISSUE, asked(cast.alice.tenant, expires_at="2100-01-02T03:04"))

    wanted = timezone.make_aware(datetime(2100, 1, 2, 3, 4))
    assert ApiKey.all_tenants.get(name="phone app").expires_at == wanted


def test_a_post_without_a_csrf_token_issues_nothing(root: Client, cast: Cast) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = root.cookies

    assert strict.post(ISSUE, asked(cast.alice.tenant)).status_code == 403
    assert not ApiKey.all_tenants.filter(name="phone app").exists()


def test_list_tells_the_state_of_each_key(root: Client, cast: Cast) -> None:
    now = timezone.now()
    key_issue(tenant=cast.bob.tenant, name="old", expires_at=now - timedelta(days=1))
    key_revoke(key=cast.bob.row)

    def names(state: str) -> set[str]:
        return {key.name for key in root.get(LIST, {"state": state}).context["cl"].result_list}

    assert names("usable") == {"alice's app"}
    assert names("expired") == {"old"}
    assert names("revoked") == {"bob's app"}
    page = root.get(LIST).content.decode()
    for shown in (cast.alice.row.label, ">usable<", ">expired<", ">revoked<"):
        assert shown in page


def test_list_takes_the_same_queries_for_any_number_of_keys(
    root: Client, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(3):
        key_issue(tenant=cast.bob.tenant, name=str(number))
    # Session, user, tenants of the filter, count, rows.
    with django_assert_num_queries(5):
        root.get(LIST)


def test_search_finds_by_id_label_name_and_tenant(root: Client, cast: Cast) -> None:
    row = cast.alice.row
    # A whole key, too: someone found it in a repository and asks whose it is.
    for term in (row.public_id, row.label, "ALICE'S", "alice", cast.alice.key):
        found = root.get(LIST, {"q": term}).context["cl"].result_list
        assert [key.pk for key in found] == [row.pk], term


def test_revoking_asks_first_and_then_ends_the_keys(root: Client, cast: Cast) -> None:
    assert revoke(root, cast.alice.row, cast.bob.row, confirmed=False) == 200
    assert caller_by_key(text=cast.alice.key, now=timezone.now()) is not None

    assert revoke(root, cast.alice.row, cast.bob.row) == 302
    for key in (cast.alice.key, cast.bob.key):
        assert caller_by_key(text=key, now=timezone.now()) is None
    assert "2 keys revoked." in root.get(LIST).content.decode()
    assert LogEntry.objects.filter(change_message="revoked").count() == 2


def test_revoking_again_keeps_the_first_time(root: Client, cast: Cast) -> None:
    revoke(root, cast.alice.row)
    first = ApiKey.all_tenants.get(pk=cast.alice.row.pk).revoked_at
    revoke(root, cast.alice.row)

    assert ApiKey.all_tenants.get(pk=cast.alice.row.pk).revoked_at == first
    assert LogEntry.objects.filter(change_message="revoked").count() == 1


def test_a_keys_page_offers_to_revoke_it_while_it_is_not(root: Client, cast: Cast) -> None:
    url = reverse("admin:accounts_apikey_change", args=[cast.alice.row.pk])

    assert 'value="revoke"' in root.get(url).content.decode()
    revoke(root, cast.alice.row)
    assert 'value="revoke"' not in root.get(url).content.decode()


def test_nobody_deletes_keys_or_sees_their_digests(root: Client, cast: Cast) -> None:
    row = cast.alice.row
    assert row.digest not in root.get(page_of(row)).content.decode()
    delete = reverse("admin:accounts_apikey_delete", args=[row.pk])
    assert root.post(delete, {"post": "yes"}).status_code == 403
    root.post(LIST, {"action": "delete_selected", "_selected_action": str(row.pk), "post": "yes"})
    assert ApiKey.all_tenants.get(pk=row.pk).digest == row.digest


def test_each_permission_opens_its_own_door(db: None, cast: Cast) -> None:
    viewer = client_of(operator("viewer", "accounts.view_apikey"))
    issuer = client_of(operator("issuer", "accounts.add_apikey"))
    changer = client_of(operator("changer", "accounts.view_apikey", "accounts.change_apikey"))
    outsider = client_of(operator("outsider"))

    assert viewer.get(LIST).status_code == 200
    assert viewer.get(ISSUE).status_code == 403
    assert viewer.post(ISSUE, asked(cast.alice.tenant)).status_code == 403
    assert viewer.post(page_of(cast.alice.row), edited(name="mine")).status_code == 403
    revoke(viewer, cast.alice.row)
    assert caller_by_key(text=cast.alice.key, now=timezone.now()) is not None
    assert ApiKey.all_tenants.get(pk=cast.alice.row.pk).name == "alice's app"

    assert issuer.post(ISSUE, asked(cast.alice.tenant)).status_code == 200
    assert issuer.get(LIST).status_code == 403
    assert issuer.post(page_of(cast.alice.row), edited(name="mine")).status_code == 403
    assert revoke(issuer, cast.alice.row) == 403

    assert changer.get(ISSUE).status_code == 403
    assert changer.post(page_of(cast.alice.row), edited(name="ours")).status_code == 302
    assert ApiKey.all_tenants.get(pk=cast.alice.row.pk).name == "ours"
    assert revoke(changer, cast.alice.row) == 302
    assert caller_by_key(text=cast.alice.key, now=timezone.now()) is None

    for url in (LIST, ISSUE, page_of(cast.alice.row)):
        assert outsider.get(url).status_code == 403
        assert english_client().get(url).status_code == 302


def test_pages_in_chinese(root: Client, cast: Cast) -> None:
    chinese = {"accept-language": "zh-CN"}

    assert "签发密钥" in root.get(ISSUE, headers=chinese).content.decode()
    assert "请立即复制" in root.post(ISSUE, asked(cast.alice.tenant), headers=chinese).content.decode()
