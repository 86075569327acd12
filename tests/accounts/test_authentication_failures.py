"""Addresses that keep sending bad keys."""

from ipaddress import IPv6Address
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.services.keys import key_issue, key_revoke
from tests.cast import Cast
from tests.outages import redis_away

pytestmark = pytest.mark.django_db

ALLOWED = 3


@pytest.fixture(autouse=True)
def limited(settings: Settings) -> None:
    settings.VOXGATE_AUTH_FAILURES_PER_MINUTE = ALLOWED


@pytest.fixture
def address() -> str:
    """An address of a network that no other test has failed from."""
    return str(IPv6Address(uuid4().int))


def asked(address: str, key: str) -> Any:
    return Client().get("/api/voices", headers={"X-API-Key": key}, REMOTE_ADDR=address)


def fail_too_often(address: str, key: str) -> None:
    assert [asked(address, key).status_code for _ in range(ALLOWED)] == [401] * ALLOWED


def test_it_is_refused_before_the_database_is_asked(
    cast: Cast, address: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    fail_too_often(address, cast.charlie_key)
    with django_assert_num_queries(0):
        answer = asked(address, cast.charlie_key)
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert 1 <= int(answer["Retry-After"]) <= 60 / ALLOWED + 1
    assert "WWW-Authenticate" not in answer


def test_malformed_and_empty_keys_count_too(cast: Cast, address: str) -> None:
    for key in ("nonsense", "", "vg_live_ключ"):
        assert asked(address, key).status_code == 401
    assert asked(address, "nonsense").status_code == 429


def test_a_key_that_was_good_lately_is_not_held_up(cast: Cast, address: str) -> None:
    assert asked(address, cast.alice.key).status_code == 200
    fail_too_often(address, cast.charlie_key)
    assert asked(address, cast.alice.key).status_code == 200
    # One that this process does not know yet waits with the others of its address.
    assert asked(address, cast.bob.key).status_code == 429


def test_other_addresses_and_callers_without_a_key_are_not_held_up(
    cast: Cast, address: str, settings: Settings
) -> None:
    settings.VOXGATE_ANONYMOUS_TENANT = "alice"
    fail_too_often(address, cast.charlie_key)
    assert asked(str(IPv6Address(uuid4().int)), cast.bob.key).status_code == 200
    assert Client().get("/api/voices", REMOTE_ADDR=address).status_code == 200


def test_a_key_that_ended_counts_as_a_failure_and_is_held_up_then(cast: Cast, address: str) -> None:
    row, key = key_issue(tenant=cast.alice.tenant, name="ends")
    assert asked(address, key).status_code == 200
    key_revoke(key=row)
    fail_too_often(address, key)
    assert asked(address, key).status_code == 429


def test_good_keys_count_nothing(cast: Cast, address: str) -> None:
    for _ in range(2 * ALLOWED):
        _, key = key_issue(tenant=cast.alice.tenant, name="good")
        assert asked(address, key).status_code == 200
    assert asked(address, cast.charlie_key).status_code == 401


def test_proxies_do_not_fail_for_their_clients(cast: Cast, settings: Settings, address: str) -> None:
    settings.VOXGATE_TRUSTED_PROXIES = 1
    proxy = "10.0.0.1"

    def through(client: str, key: str) -> int:
        headers = {"X-API-Key": key, "X-Forwarded-For": f"192.0.2.99, {client}"}
        return Client().get("/api/voices", headers=headers, REMOTE_ADDR=proxy).status_code

    other = str(IPv6Address(uuid4().int))
    assert [through(address, cast.charlie_key) for _ in range(ALLOWED + 1)] == [*[401] * ALLOWED, 429]
    assert through(other, cast.bob.key) == 200


def test_without_redis_the_database_decides(cast: Cast, address: str) -> None:
    with redis_away():
        for _ in range(2 * ALLOWED):
            assert asked(address, cast.charlie_key).status_code == 401
        assert asked(address, cast.alice.key).status_code == 200
