from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.limits.buckets import Bucket, BucketState, Taken
from accounts.limits.headers import limit_headers, retry_after

TENANT = Bucket(name="tenant-requests", owner="a", units_per_minute=600, burst=60, cost=1)
KEY = Bucket(name="key-requests", owner="b", units_per_minute=60, burst=10, cost=1)
CHARACTERS = Bucket(
    name="tenant-characters", owner="a", units_per_minute=1000, burst=1000, cost=500, unit="characters"
)


def test_an_admitted_call_tells_every_policy_and_what_remains() -> None:
    states = [
        BucketState(TENANT, True, TENANT.debt_of(1)),
        BucketState(CHARACTERS, True, CHARACTERS.debt_of(500)),
    ]
    assert limit_headers(states) == {
        "RateLimit-Policy": '"tenant-requests";q=60;w=6, "tenant-characters";q=1000;qu="characters";w=60',
        "RateLimit": '"tenant-requests";r=59;t=6, "tenant-characters";r=500;t=30',
        "X-RateLimit-Limit": "1000",
        "X-RateLimit-Remaining": "500",
        "X-RateLimit-Reset": "30",
    }


def test_an_empty_bucket_tells_when_the_next_unit_comes() -> None:
    slow = replace(KEY, units_per_minute=6)
    headers = limit_headers([BucketState(slow, True, slow.debt_of(10) - 2_500_000)])
    assert headers["RateLimit"] == '"key-requests";r=0;t=8'
    assert headers["X-RateLimit-Reset"] == "98"


def test_no_window_of_a_refusal_ends_after_retry_after() -> None:
    refusing = BucketState(CHARACTERS, False, CHARACTERS.debt_of(600))
    other = BucketState(KEY, True, KEY.debt_of(1))
    result = Taken(False, (other, refusing))
    assert result.retry_after_seconds == 6.0
    headers = limit_headers(result.states)
    assert headers["RateLimit"] == '"key-requests";r=9;t=6, "tenant-characters";r=400;t=6'
    assert headers["X-RateLimit-Limit"] == "1000"


def test_the_older_fields_are_of_the_bucket_that_refuses() -> None:
    refusing = BucketState(replace(CHARACTERS, cost=900), False, CHARACTERS.debt_of(200))
    nearly_empty = BucketState(KEY, True, KEY.debt_of(9))
    assert limit_headers([nearly_empty, refusing])["X-RateLimit-Remaining"] == "800"
    assert limit_headers([nearly_empty])["X-RateLimit-Remaining"] == "1"


def test_a_limit_of_none_has_no_window() -> None:
    none = BucketState(replace(KEY, units_per_minute=0), False, 0)
    assert limit_headers([none]) == {
        "RateLimit-Policy": '"key-requests";q=0',
        "RateLimit": '"key-requests";r=0',
        "X-RateLimit-Limit": "0",
        "X-RateLimit-Remaining": "0",
    }


def test_observed_buckets_are_not_told() -> None:
    observed = BucketState(replace(KEY, enforced=False), False, 0)
    assert limit_headers([observed]) == {}
    assert limit_headers([]) == {}
    told = limit_headers([observed, BucketState(TENANT, True, 0)])
    assert told["RateLimit"] == '"tenant-requests";r=60;t=6'


@given(st.integers(1, 10**6), st.integers(1, 10**4), st.data())
def test_what_remains_is_never_advised_faster_than_the_policy_allows(
    rate: int, burst: int, data: st.DataObject
) -> None:
    bucket = replace(KEY, units_per_minute=rate, burst=burst)
    state = BucketState(bucket, True, data.draw(st.integers(0, bucket.largest_debt)))
    window = int(limit_headers([state])["RateLimit"].rpartition("t=")[2])
    assert window >= 1
    assert state.remaining * 60 <= rate * window


@pytest.mark.parametrize(
    ("seconds", "value"), [(0.0, "1"), (0.2, "1"), (1.0, "1"), (1.000001, "2"), (60.0, "60")]
)
def test_retry_after_is_in_whole_seconds_and_never_too_early(seconds: float, value: str) -> None:
    assert retry_after(seconds) == value
