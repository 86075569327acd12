"""Keys that may be used from some addresses only."""

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.services.keys import key_update
from accounts.services.tenants import tenant_suspend
from tests.cast import Cast

pytestmark = pytest.mark.django_db

PATH = "/api/voices"


def asked(cast: Cast, peer: str, forwarded: str | None = None) -> tuple[int, str]:
    """Status and code of Alice's request over a connection from `peer`."""
    headers = cast.alice.headers | ({} if forwarded is None else {"X-Forwarded-For": forwarded})
    response = Client().get(PATH, headers=headers, REMOTE_ADDR=peer)
    return response.status_code, response.json().get("code", "")


REFUSED = (403, "address_refused")


def test_a_key_is_used_from_its_networks_only(cast: Cast) -> None:
    key_update(key=cast.alice.row, allowed_addresses=["192.0.2.0/28", "2001:db8::/64"])
    for peer in ("192.0.2.15", "2001:db8::ffff", "::ffff:192.0.2.1"):
        assert asked(cast, peer) == (200, ""), peer
    for peer in ("192.0.2.16", "2001:db8:0:1::", "127.0.0.1", ""):
        assert asked(cast, peer) == REFUSED, peer


def test_an_empty_list_lets_nobody_in(cast: Cast) -> None:
    key_update(key=cast.alice.row, allowed_addresses=[])
    assert asked(cast, "127.0.0.1") == REFUSED


def test_without_trusted_proxies_the_header_is_not_believed(cast: Cast, settings: Settings) -> None:
    settings.VOXGATE_TRUSTED_PROXIES = 0
    key_update(key=cast.alice.row, allowed_addresses=["192.0.2.1"])
    assert asked(cast, "198.51.100.1", "192.0.2.1") == REFUSED
    assert asked(cast, "192.0.2.1", "198.51.100.1") == (200, "")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "answer"),
    [
        (1, "192.0.2.1", (200, "")),
        (1, "198.51.100.9, 192.0.2.1", (200, "")),
        # What stands left of the trusted entries is the client's own claim.
        (1, "192.0.2.1, 198.51.100.9", REFUSED),
        (2, "192.0.2.1, 10.0.0.1", (200, "")),
        (2, "198.51.100.9, 10.0.0.1", REFUSED),
        (2, "192.0.2.1, 198.51.100.9, 10.0.0.1", REFUSED),
        # Fewer entries than proxies: it did not come through all of them.
        (2, "192.0.2.1", REFUSED),
        (1, "", REFUSED),
        (1, "not an address", REFUSED),
        (1, "::ffff:192.0.2.1", (200, "")),
    ],
)
def test_behind_proxies_the_address_is_taken_from_the_right(
    cast: Cast, settings: Settings, proxies: int, forwarded: str, answer: tuple[int, str]
) -> None:
    settings.VOXGATE_TRUSTED_PROXIES = proxies
    key_update(key=cast.alice.row, allowed_addresses=["192.0.2.1"])
    assert asked(cast, "10.0.0.2", forwarded) == answer


def test_a_refused_address_learns_no_more_of_the_tenant(cast: Cast) -> None:
    key_update(key=cast.alice.row, allowed_addresses=["192.0.2.1"])
    tenant_suspend(tenant=cast.alice.tenant)
    assert asked(cast, "198.51.100.1") == REFUSED
    assert asked(cast, "192.0.2.1") == (403, "tenant_suspended")
