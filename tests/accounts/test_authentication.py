"""Keys over HTTP: who gets in, who does not, and what it costs."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings
from rest_framework.request import Request

from accounts import keys
from accounts.authentication import KeyAuthentication
from accounts.models import ApiKey
from accounts.peppers import pepper_current
from accounts.scopes import ANONYMOUS_SCOPES, Scope
from accounts.selectors import caller_by_key
from accounts.services.key_rotation import key_rotate
from accounts.services.keys import key_issue, key_revoke, key_update
from accounts.services.tenants import tenant_create, tenant_reactivate, tenant_suspend
from tests.cast import Cast
from tts.api.urls import urlpatterns

pytestmark = pytest.mark.django_db

PATH = "/api/voices"
SOME_ID = UUID("019a0000-0000-7000-8000-000000000000")


def asked(headers: dict[str, str]) -> tuple[int, str]:
    """Status and problem code of a request with these headers."""
    response = Client().get(PATH, headers=headers)
    return response.status_code, response.json().get("code", "")


def test_every_alias_lets_a_key_in(cast: Cast) -> None:
    for headers in (
        {"Authorization": f"Bearer {cast.alice.key}"},
        {"Authorization": f"bearer  {cast.alice.key} "},
        {"X-API-Key": cast.alice.key},
        {"xi-api-key": f" {cast.alice.key}"},
    ):
        assert asked(headers) == (200, "")


def test_a_key_in_the_query_is_no_key(cast: Cast, settings: Settings) -> None:
    settings.VOXGATE_ANONYMOUS_TENANT = ""
    response = Client().get(PATH, {"api_key": cast.alice.key, "key": cast.alice.key})
    assert response.status_code == 401


def bad_keys(cast: Cast) -> dict[str, str]:
    revoked, revoked_text = key_issue(tenant=cast.alice.tenant, name="revoked")
    key_revoke(key=revoked)
    past = timezone.now() - timedelta(seconds=1)
    _, expired_text = key_issue(tenant=cast.alice.tenant, name="expired", expires_at=past)
    rotated, rotated_text = key_issue(tenant=cast.alice.tenant, name="rotated")
    key_rotate(key=rotated, overlap=timedelta(0))
    return {
        "missing": "",
        "malformed": "nonsense",
        "unknown": cast.charlie_key,
        "mistyped": cast.alice.key[:-1] + ("a" if cast.alice.key[-1] != "a" else "b"),
        "revoked": revoked_text,
        "expired": expired_text,
        "rotated away": rotated_text,
        "of another secret": keys.generate("live", cast.bob.row.public_id).text,
        "not ASCII": "vg_live_ключ",
    }


def test_all_bad_keys_get_one_answer(cast: Cast) -> None:
    answers = set()
    for why, key in bad_keys(cast).items():
        response = Client().get(PATH, headers={"Authorization": f"Bearer {key}", "X-Request-ID": "same"})
        assert response.status_code == 401, why
        assert response["WWW-Authenticate"] == "Bearer", why
        answers.add(response.content)
    assert len(answers) == 1


def test_bad_credentials_are_never_taken_for_none(cast: Cast, settings: Settings) -> None:
    """Where callers without a key may come in, one with a bad key still may not."""
    tenant_create(slug="demo", name="Demo")
    settings.VOXGATE_ANONYMOUS_TENANT = "demo"
    assert asked({}) == (200, "")
    for headers in (
        {"Authorization": "Basic YTpi"},
        {"Authorization": ""},
        {"Authorization": f"Basic {cast.alice.key}"},
        {"X-API-Key": ""},
        {"Authorization": "Bearer nonsense", "X-API-Key": cast.alice.key},
    ):
        assert asked(headers) == (401, "unauthenticated"), headers


def test_nobody_is_anonymous_unless_a_tenant_is_named(settings: Settings) -> None:
    for slug in ("", "nobody"):
        settings.VOXGATE_ANONYMOUS_TENANT = slug
        assert asked({}) == (401, "unauthenticated")


def test_anonymous_callers_read_no_usage_and_delete_nothing() -> None:
    assert {Scope.SPEECH_WRITE, Scope.HISTORY_READ, Scope.VOICES_READ} == ANONYMOUS_SCOPES


def test_a_suspended_tenant_is_refused_until_it_is_not(cast: Cast, settings: Settings) -> None:
    assert tenant_suspend(tenant=cast.alice.tenant)
    assert asked(cast.alice.headers) == (403, "tenant_suspended")
    assert asked(cast.bob.headers) == (200, "")
    settings.VOXGATE_ANONYMOUS_TENANT = "alice"
    assert asked({}) == (403, "tenant_suspended")
    assert tenant_reactivate(tenant=cast.alice.tenant)
    assert asked(cast.alice.headers) == (200, "")


ROUTES: list[tuple[str, str, Scope]] = [
    ("post", "/api/tts", Scope.SPEECH_WRITE),
    ("post", "/api/text/preview", Scope.SPEECH_WRITE),
    ("get", "/api/requests", Scope.HISTORY_READ),
    ("get", f"/api/requests/{SOME_ID}", Scope.HISTORY_READ),
    ("delete", f"/api/requests/{SOME_ID}", Scope.HISTORY_DELETE),
    ("post", f"/api/requests/{SOME_ID}/cancel", Scope.SPEECH_WRITE),
    ("get", f"/api/requests/{SOME_ID}/audio", Scope.HISTORY_READ),
    ("get", "/api/voices", Scope.VOICES_READ),
    ("get", "/api/account", Scope.USAGE_READ),
    ("get", "/api/usage", Scope.USAGE_READ),
    ("get", "/api/usage/export", Scope.USAGE_READ),
    ("get", "/api/usage/exports", Scope.USAGE_READ),
    ("post", "/api/usage/exports", Scope.USAGE_READ),
    ("get", f"/api/usage/exports/{SOME_ID}", Scope.USAGE_READ),
    ("get", f"/api/usage/exports/{SOME_ID}/file", Scope.USAGE_READ),
    ("get", f"/api/usage/exports/{SOME_ID}/manifest", Scope.USAGE_READ),
]


@pytest.mark.parametrize(
    ("method", "path", "scope"), ROUTES, ids=[f"{route[0]} {route[1]}" for route in ROUTES]
)
def test_each_route_asks_for_its_scope_and_no_other(cast: Cast, method: str, path: str, scope: Scope) -> None:
    def answer(scopes: list[str]) -> Any:
        _, key = key_issue(tenant=cast.alice.tenant, name="some", scopes=scopes)
        send = getattr(Client(), method)
        response = send(path, content_type="application/json", headers={"X-API-Key": key})
        if response.streaming:
            # It holds a connection of its own until it is read.
            list(response)
        return response

    refused = answer([other for other in Scope if other != scope])
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert scope in refused.json()["detail"]
    assert answer([scope]).status_code in (200, 202, 400, 404)


def test_every_api_route_is_in_the_table_of_scopes() -> None:
    known = {path.removeprefix("/api/").replace(str(SOME_ID), "<id>") for _, path, _ in ROUTES}
    routes = {re.sub(r"<uuid:\w+>", "<id>", str(route.pattern)) for route in urlpatterns}
    assert routes - known == {"<path:rest>"}


def test_a_request_that_is_let_in_is_noted_as_the_last_use(cast: Cast) -> None:
    def noted() -> Any:
        return ApiKey.all_tenants.get(pk=cast.alice.row.pk).last_used_at

    key_update(key=cast.alice.row, allowed_addresses=["192.0.2.1"])
    assert asked(cast.alice.headers) == (403, "address_refused")
    key_update(key=cast.alice.row, allowed_addresses=None)
    tenant_suspend(tenant=cast.alice.tenant)
    assert asked(cast.alice.headers) == (403, "tenant_suspended")
    tenant_reactivate(tenant=cast.alice.tenant)
    assert noted() is None

    before = timezone.now()
    assert asked(cast.alice.headers) == (200, "")
    assert before <= noted() <= timezone.now()


def test_a_good_key_costs_one_query_and_one_more_each_minute(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    key_rotate(key=cast.alice.row, overlap=timedelta(hours=1))
    authentication = KeyAuthentication()
    request = Request(RequestFactory().get(PATH, headers=cast.alice.headers))
    with django_assert_num_queries(2):
        authentication.authenticate(request)
    with django_assert_num_queries(1):
        authentication.authenticate(request)
    ApiKey.all_tenants.update(last_used_at=timezone.now() - timedelta(seconds=61))
    with django_assert_num_queries(2):
        authentication.authenticate(request)


def test_unknown_wrong_and_good_keys_cost_two_digests_each(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = []

    def counting(text: str, pepper: str) -> str:
        counted.append(text)
        return digest(text, pepper)

    digest = keys.digest
    monkeypatch.setattr(keys, "digest", counting)
    wrong = keys.generate("live", cast.bob.row.public_id).text
    key_rotate(key=cast.alice.row, overlap=timedelta(0))
    counted.clear()
    for text, good in (
        (cast.charlie_key, False),
        (wrong, False),
        (cast.alice.key, False),
        (cast.bob.key, True),
    ):
        assert (caller_by_key(text=text, now=timezone.now()) is not None) is good
        assert counted == [text, text]
        counted.clear()


def test_a_key_of_one_environment_is_none_of_the_other(cast: Cast) -> None:
    body = cast.alice.key[: -keys.CHECKSUM_LENGTH].replace("vg_live_", "vg_test_")
    other = body + keys.checksum(body)
    assert keys.parse(other) is not None
    ApiKey.all_tenants.filter(pk=cast.alice.row.pk).update(digest=keys.digest(other, pepper_current().secret))
    assert asked({"X-API-Key": other}) == (401, "unauthenticated")


def test_a_malformed_key_costs_no_query(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        asked({"Authorization": f"Bearer {cast.alice.key[:-1]}"})
    with django_assert_num_queries(1):
        asked({"Authorization": f"Bearer {cast.charlie_key}"})


def test_keys_outlive_a_new_pepper_and_die_with_their_own(cast: Cast, settings: Settings) -> None:
    ((number, old),) = settings.VOXGATE_KEY_PEPPERS.items()
    assert number == "1"
    settings.VOXGATE_KEY_PEPPERS = {"1": old, "2": "ab" * 32}
    assert asked(cast.alice.headers) == (200, "")
    row, new_key = key_issue(tenant=cast.alice.tenant, name="new")
    assert row.pepper_number == 2
    assert asked({"X-API-Key": new_key}) == (200, "")
    settings.VOXGATE_KEY_PEPPERS = {"2": "ab" * 32}
    assert asked(cast.alice.headers) == (401, "unauthenticated")
    assert asked({"X-API-Key": new_key}) == (200, "")


def test_a_key_of_another_pepper_under_the_same_number_is_dead(cast: Cast, settings: Settings) -> None:
    settings.VOXGATE_KEY_PEPPERS = {"1": "cd" * 32}
    assert asked(cast.alice.headers) == (401, "unauthenticated")
