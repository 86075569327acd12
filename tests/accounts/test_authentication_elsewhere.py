"""What is changed here holds for the next request in every other process."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.services.key_rotation import key_rotate
from accounts.services.keys import key_issue, key_revoke, key_update
from accounts.services.tenants import tenant_reactivate, tenant_suspend, tenant_update
from tests.accounts.asking import Asking, asking
from tests.cast import Cast, plan

pytestmark = pytest.mark.django_db(transaction=True)

BAD = (401, "unauthenticated")


@pytest.fixture(scope="module")
def others(django_db_setup: None) -> Iterator[list[Asking]]:
    with asking() as one, asking() as another:
        yield [one, another]


@pytest.fixture
def processes(others: list[Asking], cast: Cast) -> list[Asking]:
    """Two, which have both let Alice's key in."""
    assert answers(others, cast.alice.key) == [(200, "")] * 2
    return others


def answers(processes: list[Asking], key: str) -> list[tuple[int, str]]:
    return [process.ask(key)[:2] for process in processes]


def policies(processes: list[Asking], key: str) -> list[str]:
    return [process.ask(key)[2] for process in processes]


def test_a_revoked_key(cast: Cast, processes: list[Asking]) -> None:
    key_revoke(key=cast.alice.row)
    assert answers(processes, cast.alice.key) == [BAD] * 2
    assert answers(processes, cast.bob.key) == [(200, "")] * 2


def test_a_rotated_key(cast: Cast, processes: list[Asking]) -> None:
    _, second = key_rotate(key=cast.alice.row, overlap=timedelta(hours=1))
    assert answers(processes, second) == answers(processes, cast.alice.key) == [(200, "")] * 2
    _, third = key_rotate(key=cast.alice.row, overlap=timedelta(0))
    assert answers(processes, cast.alice.key) == answers(processes, second) == [BAD] * 2
    assert answers(processes, third) == [(200, "")] * 2


def test_a_suspended_tenant(cast: Cast, processes: list[Asking]) -> None:
    tenant_suspend(tenant=cast.alice.tenant)
    assert answers(processes, cast.alice.key) == [(403, "tenant_suspended")] * 2
    tenant_reactivate(tenant=cast.alice.tenant)
    assert answers(processes, cast.alice.key) == [(200, "")] * 2


def test_a_narrowed_key(cast: Cast, processes: list[Asking]) -> None:
    key_update(key=cast.alice.row, allowed_addresses=["192.0.2.1"])
    assert answers(processes, cast.alice.key) == [(403, "address_refused")] * 2
    key_update(key=cast.alice.row, allowed_addresses=None, scopes=["speech:write"])
    assert answers(processes, cast.alice.key) == [(403, "scope_missing")] * 2
    key_update(key=cast.alice.row, scopes=["voices:read"], requests_per_minute=0)
    assert answers(processes, cast.alice.key) == [(429, "rate_limited")] * 2
    key_update(key=cast.alice.row, requests_per_minute=None, expires_at=timezone.now())
    assert answers(processes, cast.alice.key) == [BAD] * 2


def test_another_plan_and_another_limit_of_the_plan(cast: Cast, processes: list[Asking]) -> None:
    own = plan("of-alice", requests_per_minute=1234)
    tenant_update(tenant=cast.alice.tenant, plan=own)
    before = policies(processes, cast.alice.key)
    plan("of-alice", requests_per_minute=4321)
    after = policies(processes, cast.alice.key)
    assert before[0] == before[1] != after[0] == after[1]


def test_a_new_key(cast: Cast, processes: list[Asking]) -> None:
    _, key = key_issue(tenant=cast.bob.tenant, name="new")
    assert answers(processes, key) == [(200, "")] * 2
