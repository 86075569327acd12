"""Another tenant's id is answered as one that never was: byte for byte, query by query."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.identifiers import uuid7
from tests.cast import plan
from tests.isolation.belongings import Belongings
from tests.isolation.people import body
from tests.isolation.routes import API, OWN_REQUEST
from tests.outages import flush_redis
from tests.tts.admin.history import failed, queued, succeeded
from tts.models import SynthesisRequest

WITH_IDS = [pattern for pattern, route in API.items() if OWN_REQUEST in route.path]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
EXTRA: dict[str, dict[str, str]] = {
    "plain": {},
    "a range": {"Range": "bytes=0-9"},
    "an impossible range": {"Range": "bytes=999999999-"},
    "if changed": {"If-None-Match": "*"},
    "if the same": {"If-Match": "*"},
    "a range if the same": {"Range": "bytes=0-9", "If-Range": '"x"'},
    "since": {"If-Modified-Since": "Mon, 01 Jan 2035 00:00:00 GMT"},
    "for audio": {"Accept": "audio/wav"},
    "an idempotency key": {"Idempotency-Key": "quokka-once"},
}

CALLS = [(method, "plain") for method in METHODS] + [("GET", name) for name in EXTRA if name != "plain"]


@pytest.fixture(autouse=True)
def counted(settings: Settings) -> Iterator[None]:
    settings.VOXGATE_ANONYMOUS_TENANT = ""
    flush_redis()
    yield
    flush_redis()


def answer(method: str, path: str, headers: dict[str, str]) -> tuple[Any, ...]:
    """What a client sees of an answer; the limits begin afresh with each, so that their headers can be compared."""
    flush_redis()
    response = Client().generic(method, path, headers={**headers, "X-Request-ID": "same"})
    headers_seen = {name: value for name, value in response.headers.items() if name != "Date"}
    return response.status_code, headers_seen, body(response), response.cookies.output()


@pytest.fixture(params=["queued", "succeeded", "failed", "audio gone"])
def foreign(request: pytest.FixtureRequest, quokka: Belongings) -> SynthesisRequest:
    tenant = quokka.member.tenant
    match request.param:
        case "queued":
            return queued(tenant)
        case "succeeded":
            return succeeded(tenant)
        case "failed":
            return failed(tenant)
        case _:
            return succeeded(tenant, audio=None)


@pytest.mark.parametrize("pattern", WITH_IDS)
def test_a_foreign_id_is_like_one_that_never_was(
    foreign: SynthesisRequest, walrus: Belongings, pattern: str
) -> None:
    walrus.member.tenant.plan = plan("of-walrus", requests_per_minute=600, requests_burst=60)
    walrus.member.tenant.save()
    route = API[pattern]
    for method, name in CALLS:
        headers = {**walrus.member.headers, **EXTRA[name]}
        theirs = answer(method, route.address(foreign.id), headers)
        assert theirs == answer(method, route.address(uuid7()), headers), (method, name)
        assert str(foreign.id) not in str(theirs)
        assert theirs[0] == (404 if route.names_a_request(method) else route.status(method)), method
        assert "RateLimit" in theirs[1]


@pytest.mark.parametrize("pattern", WITH_IDS)
def test_the_owner_sees_a_difference(quokka: Belongings, pattern: str) -> None:
    """Otherwise the test above could not fail."""
    route = API[pattern]
    method = "GET" if "GET" in route.answers else "POST"
    ours = answer(method, route.address(quokka.request.id), quokka.member.headers)
    assert ours != answer(method, route.address(uuid4()), quokka.member.headers)
    assert ours[0] == 200


@pytest.mark.parametrize("pattern", WITH_IDS)
def test_both_ask_the_database_the_same(quokka: Belongings, walrus: Belongings, pattern: str) -> None:
    """What is not asked takes no time, so time tells nothing either."""

    def asked(request_id: object) -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            Client().get(API[pattern].address(request_id), headers=walrus.member.headers)
        return [re.sub(r"'[^']*'", "'…'", query["sql"]) for query in queries]

    asked(uuid4())
    foreign, unknown = asked(quokka.request.id), asked(uuid4())
    assert foreign == unknown
    assert foreign


def test_an_idempotency_key_of_another_tenant_means_nothing(quokka: Belongings, walrus: Belongings) -> None:
    """Neither a replay, nor a conflict, nor a mismatch: a refusal of the body is all there is to see."""
    body = {"text": ""}
    seen = set()
    for key in ("quokka-once", "never-used"):
        flush_redis()
        response = Client().post(
            "/api/tts",
            body,
            content_type="application/json",
            headers={**walrus.member.headers, "Idempotency-Key": key, "X-Request-ID": "same"},
        )
        seen.add((response.status_code, response.content))
    assert len(seen) == 1


def test_two_tenants_may_use_one_idempotency_key(quokka: Belongings, walrus: Belongings) -> None:
    from tests.tts.rows import PARAMETERS, caller
    from tts.services.admission import request_admit

    made = [
        request_admit(
            caller=caller(whose.member),
            parameters=PARAMETERS,
            request_id="test",
            address=None,
            now=timezone.now(),
            idempotency_key="shared",
        ).row
        for whose in (quokka, walrus)
    ]
    assert [row.tenant_id for row in made] == [quokka.member.tenant.id, walrus.member.tenant.id]
    assert made[0].pk != made[1].pk
