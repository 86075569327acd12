"""Any order of reserving, settling and giving back ends where plain arithmetic does."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import ApiKey, Tenant, UsagePeriod
from accounts.services.keys import key_issue
from accounts.services.quota import QuotaExhausted, Reservation, quota_reserve, quota_settle
from tests.accounts.test_quota import NOW
from tests.cast import Cast

LIMITS = st.one_of(st.none(), st.integers(0, 60))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("reserve"), st.integers(0, 2), st.integers(1, 25)),
        st.tuples(st.sampled_from(["settle", "give back"]), st.integers(0, 30), st.just(0)),
        st.tuples(st.just("limit"), st.integers(0, 2), LIMITS),
    ),
    max_size=30,
)


class Model:
    """Reserved and used characters and requests of the tenant (0) and of two keys (1, 2), and their limits."""

    def __init__(self, limits: list[int | None]) -> None:
        self.limits = limits
        self.reserved, self.used, self.requests = [0] * 3, [0] * 3, [0] * 3

    def reserve(self, key: int, characters: int) -> bool:
        rows = {0, key}
        for row in rows:
            limit = self.limits[row]
            if limit is not None and self.reserved[row] + self.used[row] + characters > limit:
                return False
        for row in rows:
            self.reserved[row] += characters
        return True

    def settle(self, key: int, characters: int, *, charged: bool) -> None:
        for row in {0, key}:
            self.reserved[row] -= characters
            if charged:
                self.used[row] += characters
                self.requests[row] += 1


def reserved(
    tenant: Tenant, key: ApiKey | None, characters: int, limit: int | None, key_limit: int | None
) -> Reservation | None:
    try:
        return quota_reserve(
            tenant=tenant,
            key=key,
            characters=characters,
            limit=limit,
            key_limit=None if key is None else key_limit,
            now=NOW,
        )
    except QuotaExhausted:
        return None


def figures(period: UsagePeriod) -> tuple[int, int, int]:
    return period.reserved_characters, period.used_characters, period.requests


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limits=st.lists(LIMITS, min_size=3, max_size=3), steps=STEPS)
def test_any_order_of_calls_ends_where_arithmetic_does(
    cast: Cast, limits: list[int | None], steps: list[tuple[str, int, int | None]]
) -> None:
    """`cast` is made once for all examples, so each starts with keys and periods of its own."""
    UsagePeriod.objects.of(cast.alice.tenant).delete()
    tenant = cast.alice.tenant
    keys = [None, cast.alice.row, key_issue(tenant=tenant, name="other")[0]]
    model = Model(limits)
    open_: list[tuple[Reservation, int, int]] = []
    for name, which, value in steps:
        if name == "limit":
            model.limits[which] = value
        elif name == "reserve" and value is not None:
            reservation = reserved(tenant, keys[which], value, model.limits[0], model.limits[which])
            assert (reservation is not None) == model.reserve(which, value)
            if reservation is not None:
                assert reservation.taken == model.reserved[0] + model.used[0]
                open_.append((reservation, which, value))
        elif open_:
            reservation, key, characters = open_.pop(which % len(open_))
            periods = [row for row in (reservation.period_id, reservation.key_period_id) if row is not None]
            charged = name == "settle"
            quota_settle(period_ids=periods, characters=characters, charged=charged, now=NOW)
            model.settle(key, characters, charged=charged)
    found = {period.api_key: period for period in UsagePeriod.objects.of(tenant)}
    for row, key_row in enumerate(keys):
        period = found.get(key_row)
        seen = (0, 0, 0) if period is None else figures(period)
        assert seen == (model.reserved[row], model.used[row], model.requests[row])
