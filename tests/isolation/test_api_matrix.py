"""Every route outside the admin × everybody who may call it × every method."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts import keys
from accounts.scopes import ALL_SCOPES, ANONYMOUS_SCOPES, Scope
from accounts.services.keys import key_issue, key_revoke
from accounts.services.tenants import tenant_suspend
from tests.admin_cast import superuser
from tests.cast import member, plan
from tests.isolation.belongings import Belongings
from tests.isolation.routes import API, ApiRoute
from tests.outages import flush_redis
from tests.tts.admin.history import succeeded
from tts.models import SynthesisRequest

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
SCOPED = [pattern for pattern, route in API.items() if route.scope is not None]

Headers = dict[str, str]
Refusal = tuple[int, str]


@pytest.fixture(autouse=True)
def nobody_is_anonymous(settings: Settings) -> Iterator[None]:
    """As in production; failed keys of other tests are forgotten."""
    settings.VOXGATE_ANONYMOUS_TENANT = ""
    settings.VOXGATE_AUTH_FAILURES_PER_MINUTE = 1000
    flush_redis()
    yield
    flush_redis()


def call(
    route: ApiRoute, method: str, owner: Belongings, headers: Headers, client: Client | None = None
) -> HttpResponse:
    sent: dict[str, Any] = {"headers": {**headers, "X-Request-ID": "same"}}
    if method not in ("GET", "HEAD", "TRACE"):
        sent |= {"data": json.dumps(route.body), "content_type": "application/json"}
    address = route.address(owner.request.id, owner.export.pk)
    response = (client or Client()).generic(method, address, **sent)
    return whole(response)


def whole(response: HttpResponseBase) -> HttpResponse:
    """An answer with all of its content, in parts or not."""
    if isinstance(response, StreamingHttpResponse):
        return HttpResponse(response.getvalue(), status=response.status_code, headers=dict(response.items()))
    assert isinstance(response, HttpResponse)
    return response


def bearer(text: str) -> Headers:
    return {"Authorization": f"Bearer {text}"}


def assert_refused(response: HttpResponse, refusal: Refusal, method: str) -> None:
    status, code = refusal
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    if method != "HEAD":
        assert json.loads(response.content)["code"] == code
    assert ("WWW-Authenticate" in response) is (status == 401)


def key_of(owner: Belongings, **values: Any) -> Headers:
    return bearer(key_issue(tenant=owner.member.tenant, name="another", **values)[1])


def never_issued(owner: Belongings, route: ApiRoute) -> Headers:
    return bearer(keys.generate("live").text)


def with_another_secret(owner: Belongings, route: ApiRoute) -> Headers:
    """The right id, a good checksum, and a secret that is not its."""
    guessed = keys.generate("live", owner.member.row.public_id).text
    assert keys.parse(guessed) is not None
    return bearer(guessed)


def mistyped(owner: Belongings, route: ApiRoute) -> Headers:
    text = owner.member.key
    return bearer(text[:-1] + ("a" if text[-1] != "a" else "b"))


def revoked(owner: Belongings, route: ApiRoute) -> Headers:
    row, text = key_issue(tenant=owner.member.tenant, name="revoked")
    key_revoke(key=row)
    return bearer(text)


def expired(owner: Belongings, route: ApiRoute) -> Headers:
    return key_of(owner, expires_at=timezone.now() - timedelta(seconds=1))


def without_the_scope(owner: Belongings, route: ApiRoute) -> Headers:
    needed = {route.scope, *route.scopes.values()}
    return key_of(owner, scopes=[scope for scope in ALL_SCOPES if scope not in needed])


def of_a_refused_address(owner: Belongings, route: ApiRoute) -> Headers:
    return key_of(owner, allowed_addresses=["192.0.2.0/24"])


def of_a_suspended_tenant(owner: Belongings, route: ApiRoute) -> Headers:
    tenant_suspend(tenant=owner.member.tenant)
    return owner.member.headers


UNAUTHENTICATED = (401, "unauthenticated")
BAD_KEYS: dict[str, Callable[[Belongings, ApiRoute], Headers]] = {
    "no key": lambda owner, route: {},
    "empty key": lambda owner, route: bearer(""),
    "malformed key": lambda owner, route: bearer("nonsense"),
    "malformed X-API-Key": lambda owner, route: {"X-API-Key": "nonsense"},
    "another scheme": lambda owner, route: {"Authorization": "Basic cXVva2thOnNlY3JldA=="},
    "never issued": never_issued,
    "another's secret": with_another_secret,
    "mistyped": mistyped,
    "revoked": revoked,
    "expired": expired,
}
REFUSED: dict[str, tuple[Callable[[Belongings, ApiRoute], Headers], Refusal]] = {
    **{name: (make, UNAUTHENTICATED) for name, make in BAD_KEYS.items()},
    "without the scope": (without_the_scope, (403, "scope_missing")),
    "refused address": (of_a_refused_address, (403, "address_refused")),
    "suspended tenant": (of_a_suspended_tenant, (403, "tenant_suspended")),
}
"""Callers that only public routes answer, and what the others tell them."""


@pytest.mark.parametrize("pattern", API)
@pytest.mark.parametrize("who", REFUSED)
def test_who_may_not_is_refused_by_every_method(quokka: Belongings, who: str, pattern: str) -> None:
    make, refusal = REFUSED[who]
    route = API[pattern]
    headers = make(quokka, route)
    rows = SynthesisRequest.all_tenants.count()
    for method in METHODS:
        response = call(route, method, quokka, headers)
        if route.scope is None:
            assert response.status_code == route.status(method), method
        else:
            assert_refused(response, refusal, method)
    assert SynthesisRequest.all_tenants.count() == rows


@pytest.mark.parametrize("pattern", API)
def test_a_session_is_no_key(quokka: Belongings, pattern: str) -> None:
    route = API[pattern]
    client = Client()
    client.force_login(superuser())
    for method in METHODS:
        response = call(route, method, quokka, {}, client)
        if route.scope is None:
            assert response.status_code == route.status(method), method
        else:
            assert_refused(response, UNAUTHENTICATED, method)


@pytest.mark.parametrize("pattern", SCOPED)
def test_nothing_tells_one_bad_key_from_another(quokka: Belongings, pattern: str) -> None:
    route = API[pattern]
    for method in ("GET", "POST"):
        answers = {answer_of(call(route, method, quokka, make(quokka, route))) for make in BAD_KEYS.values()}
        assert len(answers) == 1, method


def answer_of(response: HttpResponse) -> tuple[int, bytes, str]:
    return response.status_code, response.content, str(sorted(response.headers.items()))


@pytest.mark.parametrize("pattern", API)
@pytest.mark.parametrize("narrow", [False, True], ids=["own key", "key of this scope alone"])
def test_the_owner_gets_what_the_table_says(quokka: Belongings, pattern: str, narrow: bool) -> None:
    route = API[pattern]
    headers = quokka.member.headers
    if narrow and route.scope is not None:
        headers = key_of(quokka, scopes=[route.scope, *route.scopes.values()])
    found = {method: call(route, method, quokka, headers).status_code for method in METHODS}
    assert found == {method: route.status(method) for method in METHODS}


@pytest.mark.parametrize("pattern", API)
def test_another_tenants_key_shows_nothing_of_the_owner(
    quokka: Belongings, walrus: Belongings, pattern: str
) -> None:
    route = API[pattern]
    for method in METHODS:
        response = call(route, method, quokka, walrus.member.headers)
        if route.names_a_request(method):
            assert_refused(response, (404, "not_found"), method)
        else:
            # What it may do, it does as itself.
            assert response.status_code == route.status(method), method
        shown = response.content.decode() + str(response.headers)
        assert [mark for mark in quokka.marks if mark in shown] == [], method


@pytest.mark.parametrize("pattern", API)
def test_callers_without_a_key_act_as_the_anonymous_tenant_only(
    quokka: Belongings, settings: Settings, pattern: str
) -> None:
    member("visitors")
    settings.VOXGATE_ANONYMOUS_TENANT = "visitors"
    route = API[pattern]
    for method in METHODS:
        response = call(route, method, quokka, {})
        scope = route.scope_of(method)
        if scope is not None and scope not in ANONYMOUS_SCOPES:
            assert_refused(response, (403, "scope_missing"), method)
        elif route.names_a_request(method):
            assert_refused(response, (404, "not_found"), method)
        elif pattern == "api/requests" and method in ("GET", "HEAD"):
            assert_refused(response, (403, "forbidden"), method)
        else:
            assert response.status_code == route.status(method), method


@pytest.mark.django_db
def test_callers_without_a_key_learn_of_no_request_but_their_own(settings: Settings) -> None:
    visitors = member("visitors").tenant
    settings.VOXGATE_ANONYMOUS_TENANT = "visitors"
    row = succeeded(visitors)
    answer = Client().get("/api/requests")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert str(row.pk) not in answer.content.decode()
    assert Client().get(f"/api/requests/{row.pk}").status_code == 200


def test_the_anonymous_tenant_may_do_no_more_than_the_contract_says() -> None:
    assert {Scope.SPEECH_WRITE, Scope.HISTORY_READ, Scope.VOICES_READ} == ANONYMOUS_SCOPES


@pytest.mark.parametrize("pattern", API)
def test_what_others_call_costs_the_owner_nothing(
    quokka: Belongings, walrus: Belongings, pattern: str
) -> None:
    quokka.member.tenant.plan = plan("of-quokka", requests_per_minute=60, requests_burst=10)
    quokka.member.tenant.save()
    for method in METHODS:
        for headers in ({}, bearer("nonsense"), walrus.member.headers):
            call(API[pattern], method, quokka, headers)
    answer = call(API["api/voices"], "GET", quokka, quokka.member.headers)
    # Its own first request, and no other.
    assert answer["X-RateLimit-Remaining"] == "9"
