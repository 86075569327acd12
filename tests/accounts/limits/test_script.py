"""The script against exact arithmetic, over any sequence of calls."""

import math
import uuid
from dataclasses import replace
from fractions import Fraction

from django.conf import settings as django_settings
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from accounts.connections import limits_client
from accounts.limits.buckets import LARGEST_DEBT, MINUTE, Bucket
from accounts.limits.taking import SCRIPT
from tests.accounts.limits.clocked import CLOCK, CLOCKED_SCRIPT, call_at

YEAR_2024 = 1_704_067_200 * 10**6
YEAR_2111 = 4_449_600_000 * 10**6
RATES = st.one_of(st.sampled_from([0, 1, 7, 60, 600, 7000, 60_000_000, 2**31 - 1]), st.integers(1, 10**5))
BURSTS = st.one_of(st.integers(1, 20), st.sampled_from([1000, 10**6, 2**31 - 1]))
COSTS = st.one_of(st.integers(0, 25), st.integers(0, 10**6), st.just(2**40))


@st.composite
def wanted(draw: st.DrawFn) -> tuple[Bucket, ...]:
    """Some of four buckets, each time with other rates and costs. Enforced ones may ask for more than they can hold,
    too: that the caller is told so before Redis is asked is not the script's concern."""
    buckets = []
    for name in draw(st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True)):
        rate = draw(RATES)
        buckets.append(
            Bucket(
                name=name,
                owner="whose",
                units_per_minute=rate,
                burst=min(draw(BURSTS), max(LARGEST_DEBT * rate // MINUTE, 1)),
                cost=draw(COSTS),
                enforced=draw(st.sampled_from([True, True, False])),
            )
        )
    return tuple(buckets)


class Model:
    """The same in exact fractions: for each bucket when it is full again, in microseconds."""

    def __init__(self, now: int) -> None:
        self.now = now
        self.full_again: dict[str, int] = {}

    def largest(self, bucket: Bucket) -> int:
        return math.ceil(Fraction(bucket.burst * 60 * 10**6, bucket.units_per_minute))

    def debt(self, bucket: Bucket) -> int:
        if bucket.units_per_minute == 0:
            return 0
        debt = max(self.full_again.get(bucket.redis_key, self.now), self.now) - self.now
        return min(debt, self.largest(bucket))

    def added(self, bucket: Bucket) -> int:
        return math.ceil(Fraction(bucket.cost * 60 * 10**6, bucket.units_per_minute))

    def allows(self, bucket: Bucket) -> bool:
        if bucket.units_per_minute == 0:
            return False
        return self.debt(bucket) + self.added(bucket) <= self.largest(bucket)

    def take(self, buckets: tuple[Bucket, ...]) -> tuple[bool, list[tuple[bool, int]], set[str]]:
        """Admitted; allowed and debt of each bucket; the keys written."""
        enforced = [bucket for bucket in buckets if bucket.enforced]
        observed = [bucket for bucket in buckets if not bucket.enforced]
        allowed = [self.allows(bucket) for bucket in buckets]
        admitted = all(self.allows(bucket) for bucket in enforced)
        taking = list(enforced) if admitted else []
        if admitted and all(self.allows(bucket) for bucket in observed):
            taking += observed
        written = {bucket.redis_key: self.added(bucket) for bucket in taking if bucket.cost}
        debts = [self.debt(bucket) + written.get(bucket.redis_key, 0) for bucket in buckets]
        for bucket, debt in zip(buckets, debts, strict=True):
            if bucket.redis_key in written:
                self.full_again[bucket.redis_key] = self.now + debt
        return admitted, list(zip(allowed, debts, strict=True)), set(written)


class ScriptMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.redis = limits_client(django_settings.REDIS_VOLATILE_URL)
        self.run = uuid.uuid4().hex

    @initialize(now=st.one_of(st.just(YEAR_2024), st.integers(YEAR_2024, YEAR_2111)))
    def begin(self, now: int) -> None:
        self.model = Model(now)

    @rule(buckets=wanted(), repeat=st.integers(1, 3))
    def take(self, buckets: tuple[Bucket, ...], repeat: int) -> None:
        buckets = self._ours(buckets)
        for _ in range(repeat):
            called = call_at(self.redis, self.model.now, buckets)
            admitted, states, written = self.model.take(buckets)
            assert called.taken.admitted == admitted
            assert [(state.allowed, state.debt) for state in called.taken.states] == states
            assert called.stored == {key: self.model.full_again.get(key) for key in called.stored}
            assert set(called.lives) == written
            for state in called.taken.states:
                life = called.lives.get(state.bucket.redis_key)
                assert life is None or state.debt / 1000 <= life <= state.debt / 1000 + 1001

    @rule(buckets=wanted())
    def peek(self, buckets: tuple[Bucket, ...]) -> None:
        buckets = self._ours(buckets)
        called = call_at(self.redis, self.model.now, buckets, write=False)
        assert [state.allowed for state in called.taken.states] == [self.model.allows(one) for one in buckets]
        assert [state.debt for state in called.taken.states] == [self.model.debt(one) for one in buckets]
        assert called.stored == {key: self.model.full_again.get(key) for key in called.stored}
        assert called.lives == {}

    @rule(microseconds=st.one_of(st.integers(0, 10**6), st.integers(0, 10**9), st.integers(-(10**8), 0)))
    def time_passes_or_is_set_back(self, microseconds: int) -> None:
        self.model.now += microseconds

    def teardown(self) -> None:
        if keys := list(self.redis.scan_iter(f"voxgate:bucket:*{self.run}")):
            self.redis.delete(*keys)
        self.redis.close()

    def _ours(self, buckets: tuple[Bucket, ...]) -> tuple[Bucket, ...]:
        return tuple(replace(bucket, owner=self.run) for bucket in buckets)


ScriptMachine.TestCase.settings = settings(max_examples=50, stateful_step_count=25, deadline=None)
TestScript = ScriptMachine.TestCase


def test_only_the_clock_of_the_script_under_test_is_another() -> None:
    assert SCRIPT.count(CLOCK) == 1
    assert SCRIPT.count("TIME") == 1
    assert CLOCK not in CLOCKED_SCRIPT
