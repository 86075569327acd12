"""Many callers reserve at once: what is granted ends at the limit, and nobody waits for each other for ever."""

from collections.abc import Sequence

import pytest
from django.utils import timezone

from accounts.models import UsagePeriod
from accounts.services import quota
from accounts.services.keys import key_issue
from benchmarks.proofs.quota import EACH, MIXED_SIZES, THREADS, QuotaRace, Runner, quota_race
from tests.cast import Cast, Member

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ATTEMPTS = THREADS * EACH
LIMIT = ATTEMPTS * 4 // 5
GUARD = " AND bool_and(allowed IS NULL OR taken + %(characters)s <= allowed)"
PERIOD_LOCK = "    FOR NO KEY UPDATE OF period\n"
TENANT_LOCK = " FOR NO KEY UPDATE\n), locked"


def race_of(
    member: Member, *, limit: int | None = LIMIT, sizes: Sequence[int] = (1,), each: int = EACH
) -> QuotaRace:
    runners = [Runner(member.tenant, None, limit)] * THREADS
    return quota_race(runners, now=timezone.now(), sizes=sizes, each=each)


def test_what_is_granted_is_the_limit(cast: Cast) -> None:
    race = race_of(cast.alice)
    assert race.granted == race.highest == LIMIT
    assert race.reserved == {None: LIMIT}
    assert race.refused == {1: ATTEMPTS - LIMIT}


def test_what_is_granted_in_sizes_is_the_limit(cast: Cast) -> None:
    race = race_of(cast.alice, limit=13_000, sizes=MIXED_SIZES)
    assert race.granted == race.highest == 13_000
    assert race.reserved == {None: 13_000}
    assert race.refused[1]
    assert race.refused[40]


def test_what_does_not_fit_leaves_room_for_less(cast: Cast) -> None:
    """With sizes of 7 and 40, less than the smaller of them is left."""
    race = race_of(cast.alice, limit=9_000, sizes=(7, 40), each=10)
    assert 9_000 - 7 < race.granted <= 9_000
    assert race.reserved == {None: race.granted}
    assert race.refused[7]
    assert race.refused[40]


def test_a_key_ends_at_its_own_limit(cast: Cast) -> None:
    alice = cast.alice
    race = quota_race([Runner(alice.tenant, alice.row, None, LIMIT)] * THREADS, now=timezone.now())
    assert race.granted == LIMIT
    assert race.reserved == {None: LIMIT, alice.row: LIMIT}


def test_two_keys_and_their_tenant_end_at_their_limits(cast: Cast) -> None:
    """One key's quota is smaller than its share; what it leaves is for the other, up to the tenant's."""
    tenant, one = cast.alice.tenant, cast.alice.row
    other, _ = key_issue(tenant=tenant, name="other")
    runners = [Runner(tenant, one, 2_500, 300), Runner(tenant, other, 2_500, 5_000)] * (THREADS // 2)
    race = quota_race(runners, now=timezone.now(), sizes=(1, 2, 5))
    assert race.granted == race.reserved[None] == race.highest == 2_500
    assert race.granted_to(one) == race.reserved[one] == 300
    assert race.granted_to(other) == race.reserved[other] == 2_200


def test_a_key_with_room_ends_where_its_tenant_does(cast: Cast) -> None:
    alice = cast.alice
    runners = [Runner(alice.tenant, alice.row, 300, LIMIT)] * THREADS
    race = quota_race(runners, now=timezone.now(), each=8)
    assert race.granted == 300
    assert race.reserved == {None: 300, alice.row: 300}


def test_without_limits_all_is_granted(cast: Cast) -> None:
    race = race_of(cast.alice, limit=None, each=8)
    assert race.granted == race.reserved[None] == THREADS * 8
    assert not race.refused


def test_a_limit_of_none_grants_nothing(cast: Cast) -> None:
    race = race_of(cast.alice, limit=0, each=2)
    assert race.granted == sum(race.reserved.values()) == 0
    assert race.refused == {1: THREADS * 2}


def without(monkeypatch: pytest.MonkeyPatch, *fragments: str) -> None:
    """Take `fragments` out of the statement that reserves."""
    statement = quota._RESERVE
    for fragment in fragments:
        assert statement.count(fragment) == 1
        kept = "\n), locked" if fragment == TENANT_LOCK else "\n" if fragment.endswith("\n") else ""
        statement = statement.replace(fragment, kept)
    monkeypatch.setattr(quota, "_RESERVE", statement)


def test_without_its_guard_the_quota_is_overspent(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the first test would see if the condition were lost."""
    without(monkeypatch, GUARD)
    race = race_of(cast.alice)
    assert race.granted == race.reserved[None] == ATTEMPTS > LIMIT


def test_without_its_locks_the_quota_is_overspent(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The condition alone is not enough: it would be true of what was there when the statement began."""
    without(monkeypatch, PERIOD_LOCK, TENANT_LOCK)
    race = race_of(cast.alice)
    assert race.reserved[None] > LIMIT


def test_the_first_requests_of_a_month_make_one_period(cast: Cast) -> None:
    alice = cast.alice
    runners = [Runner(alice.tenant, alice.row, None, None)] * THREADS
    race = quota_race(runners, now=timezone.now(), each=1)
    assert race.granted == THREADS
    periods = UsagePeriod.objects.of(alice.tenant)
    assert sorted(
        (period.api_key_id is None, period.reserved_characters, period.starts_at) for period in periods
    ) == [(own, THREADS, periods[0].starts_at) for own in (False, True)]
