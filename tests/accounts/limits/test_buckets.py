from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.limits.buckets import LARGEST_DEBT, MINUTE, Bucket, BucketState, Taken

LARGEST_RATE = 2**31 - 1


def bucket(**changes: Any) -> Bucket:
    values: dict[str, Any] = {"units_per_minute": 60, "burst": 10, "cost": 1, **changes}
    return Bucket(name="tenant-requests", owner="a", **values)


@st.composite
def states(draw: st.DrawFn) -> BucketState:
    rate = draw(st.integers(1, LARGEST_RATE))
    one = bucket(
        units_per_minute=rate, burst=draw(st.integers(1, min(LARGEST_RATE, LARGEST_DEBT * rate // MINUTE)))
    )
    return BucketState(one, True, draw(st.integers(0, one.largest_debt)))


@given(states())
def test_what_remains_can_be_had_and_no_unit_more(state: BucketState) -> None:
    free = state.bucket.largest_debt - state.debt
    assert state.bucket.debt_of(state.remaining) <= free
    assert state.remaining == state.bucket.burst or state.bucket.debt_of(state.remaining + 1) > free


@given(states(), st.integers(1, LARGEST_RATE))
def test_the_wait_for_units_is_exactly_as_long_as_they_need(state: BucketState, units: int) -> None:
    wait = state.seconds_until(units)
    if units > state.bucket.burst:
        assert wait is None
        return
    assert wait is not None
    microseconds = round(wait * 1e6)
    later = replace(state, debt=max(state.debt - microseconds, 0))
    assert later.remaining >= units
    if microseconds:
        assert replace(state, debt=later.debt + 1).remaining < units


@given(st.integers(1, LARGEST_RATE), st.integers(0, LARGEST_RATE))
def test_a_charge_is_less_than_a_microsecond_too_much_and_never_too_little(rate: int, units: int) -> None:
    charged = bucket(units_per_minute=rate).debt_of(units) * rate
    assert units * MINUTE <= charged < units * MINUTE + rate


def test_a_bucket_tells_its_limit_what_remains_and_when_it_is_full() -> None:
    state = BucketState(bucket(cost=3), allowed=False, debt=8_500_000)
    assert (state.bucket.limit, state.remaining) == (10, 1)
    assert (state.reset_seconds, state.retry_after_seconds) == (8.5, 1.5)
    assert state.bucket.window_seconds == 10.0


def test_a_bucket_of_no_units_has_none_and_never_will() -> None:
    none = bucket(units_per_minute=0)
    state = BucketState(none, allowed=False, debt=0)
    assert (none.limit, state.remaining, none.window_seconds) == (0, 0, None)
    assert state.retry_after_seconds is None
    assert BucketState(replace(none, cost=0), allowed=False, debt=0).retry_after_seconds is None


def test_a_refusal_lasts_as_long_as_its_slowest_enforced_bucket() -> None:
    refused = BucketState(bucket(), allowed=False, debt=12_000_000)
    sooner = BucketState(bucket(), allowed=False, debt=10_000_000)
    allowing = BucketState(bucket(), allowed=True, debt=9_000_000)
    observed = BucketState(bucket(enforced=False, cost=99), allowed=False, debt=0)
    result = Taken(False, (sooner, refused, allowing, observed))
    assert result.retry_after_seconds == 3.0
    assert result.refusing == (sooner, refused)
    assert result.would_refuse == (observed,)
    assert Taken(True, (allowing, observed)).retry_after_seconds == 0.0
    never = BucketState(bucket(units_per_minute=0), allowed=False, debt=0)
    assert Taken(False, (refused, never)).retry_after_seconds is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"cost": -1},
        {"units_per_minute": -1},
        {"burst": 0},
        {"units_per_minute": 1, "burst": LARGEST_DEBT // MINUTE + 1},
        {"unit": "Requests"},
    ],
)
def test_a_bucket_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="and"):
        bucket(**wrong)


@pytest.mark.parametrize("wrong", ["", "a b", "voice of alice", "你好", "a\n"])
def test_owners_are_ids_and_no_text(wrong: str) -> None:
    with pytest.raises(ValueError, match="owner"):
        Bucket(name="tenant-requests", owner=wrong, units_per_minute=1, burst=1, cost=1)


def test_all_keys_start_alike_and_an_observed_bucket_has_its_own() -> None:
    keys = {bucket().redis_key, bucket(enforced=False).redis_key}
    assert keys == {"voxgate:bucket:tenant-requests:a", "voxgate:bucket:tenant-requests:observed:a"}
