"""Who called, behind none, one or two proxies of ours, whatever the caller claims."""

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from accounts.addresses import client_address

CLAIM = "203.0.113.99"
CASES: list[tuple[str, int, str, str | None, str | None]] = [
    ("no proxy", 0, "198.51.100.7", None, "198.51.100.7"),
    ("no proxy, a claim", 0, "198.51.100.7", CLAIM, "198.51.100.7"),
    ("one proxy", 1, "10.0.0.1", "198.51.100.7", "198.51.100.7"),
    ("one proxy, a claim", 1, "10.0.0.1", f"{CLAIM}, 198.51.100.7", "198.51.100.7"),
    ("one proxy, many claims", 1, "10.0.0.1", f"{CLAIM},{CLAIM},  ,198.51.100.7", "198.51.100.7"),
    ("one proxy that was gone round", 1, "198.51.100.7", None, "198.51.100.7"),
    ("two proxies", 2, "10.0.0.1", "198.51.100.7, 10.0.0.2", "198.51.100.7"),
    ("two proxies, a claim", 2, "10.0.0.1", f"{CLAIM}, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
    ("two proxies, one gone round", 2, "198.51.100.7", CLAIM, "198.51.100.7"),
    ("no address in the place of one", 1, "10.0.0.1", "unknown", None),
    ("a Unix socket", 0, "", None, None),
    ("an address and markup", 1, "10.0.0.1", "<script>", None),
    ("IPv6", 0, "2001:DB8::7", None, "2001:db8::7"),
    ("IPv6 with a zone", 0, "fe80::1%eth0", None, "fe80::1"),
    ("IPv4 inside IPv6", 0, "::ffff:198.51.100.7", None, "198.51.100.7"),
]


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "expected"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_the_address_is_the_one_our_outermost_proxy_saw(
    settings: Settings, proxies: int, peer: str, forwarded: str | None, expected: str | None
) -> None:
    settings.VOXGATE_TRUSTED_PROXIES = proxies
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    request = RequestFactory().get("/", REMOTE_ADDR=peer, headers=headers)
    assert client_address(request) == expected
