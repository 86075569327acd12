"""Months of tenants: where they begin, and that they join."""

from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Tenant, UsagePeriod
from accounts.services.keys import key_issue
from accounts.services.periods import month_bounds, period_at, periods_ensure
from accounts.services.tenants import tenant_update
from benchmarks.proofs.racing import database_connections
from tests.cast import Cast
from tests.tts.rows import together

ZONES = [
    "UTC",
    "Asia/Shanghai",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/Asuncion",
    "America/Havana",
]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "now", "starts", "ends"),
    [
        pytest.param("UTC", "2026-02-11 12:00", "2026-02-01 00:00", "2026-03-01 00:00", id="UTC"),
        pytest.param(
            "Asia/Shanghai",
            "2026-01-31 16:00",
            "2026-01-31 16:00",
            "2026-02-28 16:00",
            id="the first instant",
        ),
        pytest.param(
            "Asia/Shanghai",
            "2026-01-31 15:59:59.999999",
            "2025-12-31 16:00",
            "2026-01-31 16:00",
            id="the last",
        ),
        pytest.param(
            "America/New_York", "2026-03-15 12:00", "2026-03-01 05:00", "2026-04-01 04:00", id="summer begins"
        ),
        pytest.param(
            "America/New_York", "2026-11-15 12:00", "2026-11-01 04:00", "2026-12-01 05:00", id="summer ends"
        ),
        pytest.param(
            "Asia/Kathmandu", "2026-06-15 12:00", "2026-05-31 18:15", "2026-06-30 18:15", id="+05:45"
        ),
        pytest.param(
            "Australia/Lord_Howe",
            "2026-04-15 12:00",
            "2026-03-31 13:00",
            "2026-04-30 13:30",
            id="half an hour",
        ),
        pytest.param(
            "Pacific/Apia", "2011-12-30 10:01", "2011-12-01 10:00", "2011-12-31 10:00", id="a day is missing"
        ),
        pytest.param(
            "America/Asuncion", "2017-10-15 12:00", "2017-10-01 04:00", "2017-11-01 03:00", id="no midnight"
        ),
        pytest.param(
            "America/Havana", "2015-11-01 05:30", "2015-11-01 04:00", "2015-12-01 05:00", id="midnight twice"
        ),
    ],
)
def test_a_month_is_that_of_the_zone(zone: str, now: str, starts: str, ends: str) -> None:
    assert month_bounds(utc(now), zone) == (utc(starts), utc(ends))


@pytest.mark.parametrize("zone", ZONES)
@given(
    now=st.datetimes(min_value=datetime(1995, 1, 2), max_value=datetime(2040, 1, 1), timezones=st.just(UTC))
)
def test_months_join(zone: str, now: datetime) -> None:
    starts, ends = month_bounds(now, zone)
    assert starts <= now < ends
    assert (
        month_bounds(starts, zone) == month_bounds(ends - timedelta(microseconds=1), zone) == (starts, ends)
    )
    assert month_bounds(ends, zone)[0] == ends
    assert month_bounds(starts - timedelta(microseconds=1), zone)[1] == starts


def test_the_day_that_is_missing_is_no_gap() -> None:
    """Samoa went from the 29th to the 31st of December 2011."""
    before, after = utc("2011-12-30 09:59"), utc("2011-12-30 10:00")
    samoa = ZoneInfo("Pacific/Apia")
    assert [moment.astimezone(samoa).day for moment in (before, after)] == [29, 31]
    assert month_bounds(before, "Pacific/Apia") == month_bounds(after, "Pacific/Apia")


def periods_of(tenant: Tenant) -> list[tuple[datetime, datetime]]:
    found = UsagePeriod.objects.of(tenant).filter(api_key=None).order_by("starts_at")
    return [(period.starts_at, period.ends_at) for period in found]


@pytest.mark.django_db
def test_there_is_no_period_before_the_first_request(cast: Cast) -> None:
    now = utc("2026-02-11 12:00")
    assert period_at(tenant=cast.alice.tenant, key=None, now=now) is None
    periods_ensure(tenant=cast.alice.tenant, key=None, now=now)
    assert periods_of(cast.alice.tenant) == [(utc("2026-01-31 16:00"), utc("2026-02-28 16:00"))]
    assert periods_of(cast.bob.tenant) == []


@pytest.mark.django_db
def test_the_end_of_a_period_belongs_to_the_next(cast: Cast) -> None:
    tenant = cast.alice.tenant
    for now in ("2026-02-28 15:59:59.999999", "2026-02-28 16:00"):
        periods_ensure(tenant=tenant, key=None, now=utc(now))
    (_, ends), (starts, _) = periods_of(tenant)
    assert ends == starts == utc("2026-02-28 16:00")


@pytest.mark.django_db
def test_a_key_has_the_months_of_its_tenant(cast: Cast) -> None:
    alice, now = cast.alice, utc("2026-02-11 12:00")
    periods_ensure(tenant=alice.tenant, key=None, now=now)
    periods_ensure(tenant=alice.tenant, key=alice.row, now=now)
    own = period_at(tenant=alice.tenant, key=alice.row, now=now)
    whole = period_at(tenant=alice.tenant, key=None, now=now)
    assert own is not None
    assert whole is not None
    assert own.pk != whole.pk
    assert (own.starts_at, own.ends_at) == (whole.starts_at, whole.ends_at)


@pytest.mark.django_db(transaction=True)
def test_first_requests_at_once_make_one_period_each(cast: Cast) -> None:
    """Ten of the tenant and ten of each of two keys."""
    tenant, one, now = cast.alice.tenant, cast.alice.row, utc("2026-02-11 12:00")
    other, _ = key_issue(tenant=tenant, name="other")
    with database_connections(30):
        together(
            *(partial(periods_ensure, tenant=tenant, key=key, now=now) for key in [None, one, other] * 10)
        )
    periods = UsagePeriod.objects.of(tenant)
    assert {period.api_key for period in periods} == {None, one, other}
    assert len(periods) == 3
    assert len({(period.starts_at, period.ends_at) for period in periods}) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Kiritimati", "Asia/Kathmandu"])
def test_a_change_of_zone_leaves_the_period_in_force_and_overlaps_none(cast: Cast, zone: str) -> None:
    tenant = cast.alice.tenant
    periods_ensure(tenant=tenant, key=None, now=utc("2026-02-11 12:00"))
    (february,) = periods_of(tenant)
    tenant_update(tenant=tenant, time_zone=zone)
    periods_ensure(tenant=tenant, key=None, now=utc("2026-02-12 12:00"))
    assert periods_of(tenant) == [february]

    moment = february[1] - timedelta(microseconds=1)
    while moment < utc("2026-05-02 00:00"):
        periods_ensure(tenant=tenant, key=None, now=moment)
        assert period_at(tenant=tenant, key=None, now=moment) is not None
        moment += timedelta(hours=13)
    periods = periods_of(tenant)
    assert all(one[1] <= other[0] for one, other in pairwise(periods))
    april = month_bounds(utc("2026-04-15 12:00"), zone)
    assert april in periods
    assert all(ends - starts > timedelta(days=15) for starts, ends in periods), "no quota for a few hours"


@pytest.mark.django_db
def test_a_month_without_requests_is_no_period(cast: Cast) -> None:
    tenant = cast.alice.tenant
    for now in ("2026-02-11 12:00", "2026-04-11 12:00"):
        periods_ensure(tenant=tenant, key=None, now=utc(now))
    assert [month_bounds(utc(f"2026-0{month}-11 12:00"), "Asia/Shanghai") for month in (2, 4)] == periods_of(
        tenant
    )
