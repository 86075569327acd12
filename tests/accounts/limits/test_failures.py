import logging
import uuid
from collections.abc import Iterator
from ipaddress import IPv6Address
from typing import TYPE_CHECKING

import pytest
from redis import Redis

from accounts.connections import limits_client
from accounts.limits.failures import failure_check, failure_record, network_of
from tests.outages import closed_port

if TYPE_CHECKING:
    from pytest_django import Settings


@pytest.fixture
def address() -> str:
    """An address of a network that no other test has failed from."""
    return str(IPv6Address(uuid.uuid4().int))


@pytest.fixture
def away() -> Iterator[Redis]:
    with closed_port() as port:
        yield limits_client(f"redis://127.0.0.1:{port}/0")


def test_an_address_that_failed_too_often_has_to_wait(
    settings: "Settings", redis: Redis, address: str
) -> None:
    settings.VOXGATE_AUTH_FAILURES_PER_MINUTE = 3
    for _ in range(3):
        assert failure_check(address, redis=redis) is None
        failure_record(address, redis=redis)
    wait = failure_check(address, redis=redis)
    assert wait is not None
    assert 0 < wait <= 20


def test_checking_alone_counts_nothing(settings: "Settings", redis: Redis, address: str) -> None:
    settings.VOXGATE_AUTH_FAILURES_PER_MINUTE = 1
    assert [failure_check(address, redis=redis) for _ in range(3)] == [None] * 3


def test_a_neighbour_in_the_same_ipv6_network_counts_as_the_same_client(
    settings: "Settings", redis: Redis, address: str
) -> None:
    settings.VOXGATE_AUTH_FAILURES_PER_MINUTE = 1
    failure_record(address, redis=redis)
    neighbour = str(IPv6Address(int(IPv6Address(address)) ^ (2**64 - 1)))
    stranger = str(IPv6Address(int(IPv6Address(address)) ^ 2**64))
    assert failure_check(neighbour, redis=redis) is not None
    assert failure_check(stranger, redis=redis) is None


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:DB8:1:2::", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("::1", "::"),
    ],
)
def test_whom_a_failure_counts_for(address: str, network: str) -> None:
    assert network_of(address) == network


def test_failures_are_not_limited_without_an_address_or_with_a_setting_of_none(
    settings: "Settings", away: Redis, address: str
) -> None:
    failure_record(None, redis=away)
    assert failure_check(None, redis=away) is None
    settings.VOXGATE_AUTH_FAILURES_PER_MINUTE = 0
    failure_record(address, redis=away)
    assert failure_check(address, redis=away) is None


def test_while_redis_is_away_the_database_decides(
    settings: "Settings", away: Redis, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    settings.VOXGATE_AUTH_FAILURES_PER_MINUTE = 30
    with caplog.at_level(logging.WARNING):
        assert failure_check(address, redis=away) is None
        failure_record(address, redis=away)
    assert "not limited" in caplog.text
    assert address not in caplog.text
