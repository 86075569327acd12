"""Reserving, settling, giving back; thresholds; which month a request belongs to."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import QuotaThreshold, UsagePeriod
from accounts.services.keys import key_issue
from accounts.services.quota import QuotaExhausted, Reservation, quota_reserve, quota_settle
from tests.cast import Cast, Member

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 2, 11, 12, tzinfo=UTC)


def reserve(member: Member, characters: int, *, now: datetime = NOW, **changes: Any) -> Reservation:
    values = {"key": member.row, "limit": None, "key_limit": None, **changes}
    return quota_reserve(tenant=member.tenant, characters=characters, now=now, **values)


def settle(reservation: Reservation, characters: int, *, charged: bool = True, now: datetime = NOW) -> None:
    periods = [period for period in (reservation.period_id, reservation.key_period_id) if period is not None]
    quota_settle(period_ids=periods, characters=characters, charged=charged, now=now)


def figures(period_id: UUID | None) -> tuple[int, int, int]:
    """Reserved and used characters, and requests."""
    assert period_id is not None
    period = UsagePeriod.all_tenants.get(pk=period_id)
    return period.reserved_characters, period.used_characters, period.requests


def test_what_is_reserved_is_used_when_it_is_charged(cast: Cast) -> None:
    reservation = reserve(cast.alice, 30)
    assert reservation.key_period_id is not None
    assert reservation.taken == 30
    assert figures(reservation.period_id) == figures(reservation.key_period_id) == (30, 0, 0)
    settle(reservation, 30)
    assert figures(reservation.period_id) == figures(reservation.key_period_id) == (0, 30, 1)


def test_what_is_not_charged_is_given_back(cast: Cast) -> None:
    reservation = reserve(cast.alice, 30)
    settle(reservation, 30, charged=False)
    assert figures(reservation.period_id) == figures(reservation.key_period_id) == (0, 0, 0)


def test_callers_without_a_key_have_the_tenants_period_alone(cast: Cast) -> None:
    reservation = reserve(cast.alice, 30, key=None)
    assert reservation.key_period_id is None
    settle(reservation, 30)
    assert figures(reservation.period_id) == (0, 30, 1)
    assert UsagePeriod.all_tenants.count() == 1


def test_a_key_counts_its_own_and_the_tenant_all(cast: Cast) -> None:
    other, _ = key_issue(tenant=cast.alice.tenant, name="other")
    one, two = reserve(cast.alice, 10), reserve(cast.alice, 20, key=other)
    assert one.period_id == two.period_id
    assert two.taken == 30
    assert [figures(row)[0] for row in (one.period_id, one.key_period_id, two.key_period_id)] == [30, 10, 20]


def test_tenants_do_not_share(cast: Cast) -> None:
    reserve(cast.alice, 10, limit=10)
    assert reserve(cast.bob, 10, limit=10).taken == 10


def test_a_request_settled_without_periods_changes_nothing(cast: Cast) -> None:
    quota_settle(period_ids=[], characters=30, charged=True, now=NOW)
    assert not UsagePeriod.all_tenants.exists()


@pytest.mark.parametrize("limit", [30, None])
def test_the_last_character_fits(cast: Cast, limit: int | None) -> None:
    reserve(cast.alice, 10, limit=limit)
    assert reserve(cast.alice, 20, limit=limit).taken == 30


def test_used_and_reserved_count_alike(cast: Cast) -> None:
    settle(reserve(cast.alice, 10, limit=30), 10)
    reserve(cast.alice, 10, limit=30)
    with pytest.raises(QuotaExhausted) as refused:
        reserve(cast.alice, 11, limit=30)
    assert (refused.value.of_key, refused.value.remaining, refused.value.allowed) == (False, 10, 30)
    assert refused.value.characters == 11
    assert refused.value.period.ends_at == datetime(2026, 2, 28, 16, tzinfo=UTC)


def test_a_key_is_refused_by_its_own_limit(cast: Cast) -> None:
    reserve(cast.alice, 10, limit=100, key_limit=15)
    with pytest.raises(QuotaExhausted) as refused:
        reserve(cast.alice, 10, limit=100, key_limit=15)
    assert (refused.value.of_key, refused.value.remaining, refused.value.allowed) == (True, 5, 15)


def test_where_both_refuse_the_tenant_is_named(cast: Cast) -> None:
    reserve(cast.alice, 10)
    with pytest.raises(QuotaExhausted) as refused:
        reserve(cast.alice, 10, limit=15, key_limit=15)
    assert not refused.value.of_key


@pytest.mark.parametrize("limits", [{"limit": 35, "key_limit": None}, {"limit": None, "key_limit": 35}])
def test_a_refusal_reserves_nothing_anywhere(cast: Cast, limits: dict[str, Any]) -> None:
    before = reserve(cast.alice, 30)
    with pytest.raises(QuotaExhausted):
        reserve(cast.alice, 6, **limits)
    assert figures(before.period_id) == figures(before.key_period_id) == (30, 0, 0)


def test_a_limit_below_what_is_used_leaves_nothing(cast: Cast) -> None:
    settle(reserve(cast.alice, 30), 30)
    with pytest.raises(QuotaExhausted) as refused:
        reserve(cast.alice, 1, limit=20)
    assert refused.value.remaining == 0


def test_none_is_none(cast: Cast) -> None:
    with pytest.raises(QuotaExhausted):
        reserve(cast.alice, 1, limit=0)
    with pytest.raises(QuotaExhausted):
        reserve(cast.alice, 1, key_limit=0)


def test_the_period_tells_the_limit_of_the_last_reservation(cast: Cast) -> None:
    first = reserve(cast.alice, 10, limit=100, key_limit=50)
    limits = UsagePeriod.all_tenants.order_by("-characters_limit").values_list("characters_limit", flat=True)
    assert list(limits) == [100, 50]
    reserve(cast.alice, 10, limit=None, key_limit=60)
    assert UsagePeriod.all_tenants.get(pk=first.period_id).characters_limit is None


def test_what_the_transaction_rolls_back_was_not_reserved(cast: Cast) -> None:
    before = reserve(cast.alice, 10)
    with transaction.atomic():
        reserve(cast.alice, 20)
        transaction.set_rollback(True)
    assert figures(before.period_id) == (10, 0, 0)


def test_a_reservation_is_one_statement_and_the_end_of_one_as_well(cast: Cast) -> None:
    reserve(cast.alice, 1, limit=100)
    with CaptureQueriesContext(connection) as found:
        reservation = reserve(cast.alice, 1, limit=100)
    assert len(found) == 1
    with CaptureQueriesContext(connection) as found:
        settle(reservation, 1)
    assert len(found) == 1


def passed() -> list[tuple[int, int]]:
    """Thresholds passed: per cent, and the characters used then."""
    rows = QuotaThreshold.all_tenants.filter(period__api_key=None).order_by("pk")
    return list(rows.values_list("percent", "used_characters"))


def use(member: Member, characters: int, *, limit: int | None = 100, **changes: Any) -> None:
    settle(reserve(member, characters, limit=limit, **changes), characters)


def test_each_threshold_is_told_once_when_use_reaches_it(cast: Cast) -> None:
    for characters, told in [
        (49, []),
        (1, [50]),
        (29, [50]),
        (1, [50, 80]),
        (19, [50, 80]),
        (1, [50, 80, 100]),
    ]:
        use(cast.alice, characters)
        assert [percent for percent, _ in passed()] == told
    assert passed() == [(50, 50), (80, 80), (100, 100)]


def test_one_request_may_pass_them_all(cast: Cast) -> None:
    use(cast.alice, 100)
    assert passed() == [(50, 100), (80, 100), (100, 100)]


def test_only_what_is_used_counts_for_thresholds(cast: Cast) -> None:
    settle(reserve(cast.alice, 100, limit=100), 100, charged=False)
    reserve(cast.alice, 100, limit=100)
    assert passed() == []


@pytest.mark.parametrize("limit", [None, 7])
def test_thresholds_need_a_limit_and_no_round_number(cast: Cast, limit: int | None) -> None:
    for _ in range(7):
        use(cast.alice, 1, limit=limit)
    assert passed() == ([] if limit is None else [(50, 4), (80, 6), (100, 7)])


def test_a_threshold_passed_again_under_a_higher_limit_is_not_told_again(cast: Cast) -> None:
    use(cast.alice, 60, limit=100)
    use(cast.alice, 60, limit=200)
    use(cast.alice, 60, limit=200)
    assert passed() == [(50, 60), (80, 180)]


def test_a_key_has_thresholds_of_its_own(cast: Cast) -> None:
    use(cast.alice, 50, limit=1_000, key_limit=100)
    assert passed() == []
    (told,) = QuotaThreshold.objects.of(cast.alice.tenant)
    assert told.period.api_key == cast.alice.row
    assert (told.percent, told.used_characters, told.characters_limit, told.at) == (50, 50, 100, NOW)


def test_each_month_has_thresholds_of_its_own(cast: Cast) -> None:
    use(cast.alice, 100)
    use(cast.alice, 100, now=NOW + timedelta(days=31))
    assert [percent for percent, _ in passed()] == [50, 80, 100] * 2


@pytest.mark.parametrize("charged", [True, False])
def test_a_request_belongs_to_the_month_it_was_reserved_in(cast: Cast, charged: bool) -> None:
    last = datetime(2026, 2, 28, 15, 59, 59, tzinfo=UTC)
    crossing = reserve(cast.alice, 30, limit=100, now=last)
    march = reserve(cast.alice, 100, limit=100, now=last + timedelta(seconds=1))
    assert march.period_id != crossing.period_id
    settle(crossing, 30, charged=charged, now=last + timedelta(seconds=5))
    assert figures(crossing.period_id) == ((0, 30, 1) if charged else (0, 0, 0))
    assert figures(march.period_id) == (100, 0, 0)


def test_a_new_month_begins_with_nothing_taken(cast: Cast) -> None:
    reserve(cast.alice, 100, limit=100)
    assert reserve(cast.alice, 100, limit=100, now=NOW + timedelta(days=31)).taken == 100


def test_periods_are_those_of_now(cast: Cast) -> None:
    """Reserving by today's clock and by that of a year ago does not mix."""
    today = timezone.now()
    assert reserve(cast.alice, 5, now=today).period_id != reserve(cast.alice, 5).period_id
