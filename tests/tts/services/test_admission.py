"""What is reserved when a request is accepted, what is refused, and what its end does with the reservation."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from accounts.limits.names import Limit
from accounts.models import LimitOverride, QuotaThreshold, ShadowRefusal, UsagePeriod
from accounts.services.quota import QuotaExhausted
from tests.cast import Cast, Member, member
from tests.tts.rows import OUTCOME, PARAMETERS, admitted, caller, claimed, fresh, together
from tts.models import SynthesisRequest, UsageEvent
from tts.services.admission import request_admit
from tts.services.in_flight import ConcurrencyLimited, in_flight_count
from tts.services.states import (
    request_cancel,
    request_expire,
    request_fail,
    request_give_up,
    request_succeed,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_redis")]


def figures(of: Member, *, key: bool = False) -> tuple[int, int]:
    """Characters reserved and used in the only period of a tenant, or of its key."""
    period = UsagePeriod.objects.of(of.tenant).get(api_key=of.row if key else None)
    return period.reserved_characters, period.used_characters


def observe(of: Member, limit: Limit, value: int | None) -> None:
    LimitOverride.objects.create(tenant=of.tenant, limit=limit, value=value, observe_only=True)


def test_characters_are_reserved_for_tenant_and_key(cast: Cast) -> None:
    admitted(cast.alice, characters=6)
    admitted(cast.alice, characters=5)
    assert figures(cast.alice) == (11, 0)
    assert figures(cast.alice, key=True) == (11, 0)


def succeed(row: SynthesisRequest) -> bool:
    return request_succeed(row=row, outcome=OUTCOME, attempts=[], now=timezone.now())


ENDS: dict[str, tuple[Callable[[SynthesisRequest], bool], int]] = {
    "succeeded": (succeed, 6),
    "failed": (lambda row: request_fail(row=row, code="x", detail="", now=timezone.now()), 0),
    "canceled": (lambda row: request_cancel(request_id=row.id, now=timezone.now()), 0),
    "expired": (lambda row: request_expire(request_id=row.id, now=timezone.now()), 0),
    "given up": (
        lambda row: request_give_up(request_id=row.id, claim=1, code="x", detail="", now=timezone.now()),
        0,
    ),
}


@pytest.mark.parametrize("end", ENDS)
def test_an_end_settles_what_was_reserved(cast: Cast, end: str) -> None:
    row = claimed(cast.alice, characters=6)
    way, charged = ENDS[end]
    assert way(row)
    assert figures(cast.alice) == figures(cast.alice, key=True) == (0, charged)
    assert UsagePeriod.objects.of(cast.alice.tenant).get(api_key=None).requests == (1 if charged else 0)


@pytest.mark.parametrize("end", ENDS)
def test_a_second_end_settles_nothing(cast: Cast, end: str) -> None:
    row = claimed(cast.alice, characters=6)
    succeed(row)
    ENDS[end][0](row)
    assert figures(cast.alice) == (0, 6)


def test_ends_at_once_settle_once(cast: Cast) -> None:
    for _ in range(5):
        row = claimed(cast.alice, characters=6)
        together(*(partial(way, row) for way, _ in ENDS.values()))
    reserved, used = figures(cast.alice)
    assert reserved == 0
    assert used == 6 * UsageEvent.all_tenants.filter(outcome="succeeded").count()


def test_what_does_not_fit_is_refused_and_leaves_nothing() -> None:
    carol = member("carol", characters_per_month=10)
    admitted(carol, characters=6)
    with pytest.raises(QuotaExhausted) as raised:
        admitted(carol, characters=5)
    assert (raised.value.remaining, raised.value.of_key) == (4, False)
    assert figures(carol) == figures(carol, key=True) == (6, 0)
    assert SynthesisRequest.all_tenants.count() == 1
    admitted(carol, characters=4)


def test_a_key_has_a_quota_of_its_own(cast: Cast) -> None:
    cast.alice.row.characters_per_month = 6
    cast.alice.row.save()
    admitted(cast.alice, characters=6)
    with pytest.raises(QuotaExhausted) as raised:
        admitted(cast.alice, characters=1)
    assert raised.value.of_key
    assert figures(cast.alice) == (6, 0), "the tenant's reservation was undone with the key's"


def test_released_characters_can_be_had_again() -> None:
    carol = member("carol", characters_per_month=6)
    row = claimed(carol, characters=6)
    request_fail(row=row, code="x", detail="", now=timezone.now())
    admitted(carol, characters=6)


def test_zero_is_none_and_null_is_unlimited() -> None:
    carol, dave = member("carol", characters_per_month=0), member("dave")
    with pytest.raises(QuotaExhausted):
        admitted(carol, characters=1)
    admitted(dave, characters=10**6)


def test_thresholds_are_recorded_once_when_use_passes_them() -> None:
    carol = member("carol", characters_per_month=100)
    for characters, passed in ((40, []), (20, [50]), (10, [50]), (30, [50, 80, 100])):
        succeed(claimed(carol, characters=characters))
        found = QuotaThreshold.objects.of(carol.tenant).filter(period__api_key=None)
        assert sorted(found.values_list("percent", flat=True)) == passed


@pytest.mark.parametrize(("concurrent", "queued", "allowed"), [(2, 3, 5), (1, 0, 1), (0, 10, 0), (2, 0, 2)])
def test_as_many_are_in_flight_as_work_and_wait(concurrent: int, queued: int, allowed: int) -> None:
    carol = member("carol", concurrent_requests=concurrent, queued_requests=queued)
    for _ in range(allowed):
        admitted(carol)
    with pytest.raises(ConcurrencyLimited) as raised:
        admitted(carol)
    assert (raised.value.current, raised.value.allowed) == (allowed, allowed)
    assert figures(carol)[0] == 6 * allowed if allowed else not UsagePeriod.all_tenants.exists()


def test_what_has_ended_is_in_flight_no_more() -> None:
    carol = member("carol", concurrent_requests=1, queued_requests=0)
    succeed(claimed(carol))
    request_cancel(request_id=admitted(carol).id, now=timezone.now())
    admitted(carol)
    assert in_flight_count(caller=caller(carol)).tenant == 1


def test_a_key_may_have_fewer_in_flight(cast: Cast) -> None:
    cast.alice.row.concurrent_requests = 1
    cast.alice.row.save()
    admitted(cast.alice)
    with pytest.raises(ConcurrencyLimited) as raised:
        admitted(cast.alice)
    assert raised.value.of_key


def test_forty_at_once_are_as_many_as_allowed() -> None:
    carol = member("carol", concurrent_requests=3, queued_requests=4)

    def ask() -> bool:
        try:
            admitted(carol)
        except ConcurrencyLimited:
            return False
        return True

    assert sum(together(*[ask] * 40)) == 7
    assert figures(carol) == (42, 0)


def test_a_plan_that_observes_refuses_nothing_and_counts() -> None:
    carol = member(
        "carol",
        observe_only=True,
        concurrent_requests=1,
        queued_requests=0,
        characters_per_month=10,
        max_characters_sync=5,
    )
    for _ in range(3):
        admitted(carol, characters=6)
    counted = {row.limit: (row.requests, row.characters) for row in ShadowRefusal.objects.of(carol.tenant)}
    assert counted == {
        "max_characters_sync": (3, 18),
        "characters_per_month": (2, 12),
        "concurrent_requests": (2, 12),
        "queued_requests": (2, 12),
    }


def test_an_override_can_be_tried_while_the_plan_holds() -> None:
    carol = member("carol", concurrent_requests=2, queued_requests=0)
    observe(carol, Limit.CONCURRENT_REQUESTS, 1)
    admitted(carol)
    admitted(carol)
    with pytest.raises(ConcurrencyLimited):
        admitted(carol)
    assert ShadowRefusal.objects.of(carol.tenant).get().requests == 1


def test_rates_over_observed_limits_are_counted_with_the_request(cast: Cast) -> None:
    request_admit(
        caller=caller(cast.alice),
        parameters=PARAMETERS,
        request_id="test",
        address=None,
        now=timezone.now(),
        would_refuse=[Limit.REQUESTS_PER_MINUTE],
    )
    assert ShadowRefusal.objects.of(cast.alice.tenant).get().limit == "requests_per_minute"


def test_a_request_belongs_to_the_period_it_was_reserved_in(cast: Cast) -> None:
    row = claimed(cast.alice, characters=6)
    later = timezone.now() + timedelta(days=40)
    request_succeed(row=row, outcome=OUTCOME, attempts=[], now=later)
    assert figures(cast.alice) == (0, 6)


@pytest.mark.parametrize("end", ENDS)
def test_without_retention_the_text_goes_when_the_request_ends(cast: Cast, end: str) -> None:
    cast.alice.tenant.zero_retention = True
    row = claimed(cast.alice)
    assert fresh(row).text == "你好，世界。"
    ENDS[end][0](row)
    assert fresh(row).text == ""


def test_the_record_keeps_what_held_when_it_was_accepted(cast: Cast) -> None:
    cast.alice.tenant.allowed_voices, cast.alice.row.allowed_voices = ["a", "b"], ["b", "c"]
    cast.alice.tenant.overload_policy = "wait"
    row = fresh(admitted(cast.alice))
    assert (row.allowed_voices, row.overload_policy, row.zero_retention) == (["b"], "wait", False)
    assert fresh(admitted(cast.bob)).allowed_voices is None
