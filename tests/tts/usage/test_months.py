"""Months of all tenants together, and how fast each of them goes."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.limits.names import Limit
from accounts.models import LimitOverride, Plan, UsagePeriod
from tests.cast import Member, member
from tests.tts.usage.events import used
from tts.usage.months import month_standing, months_standing
from tts.usage.pace import pace_of

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 11, 4, tzinfo=UTC)
"""Noon of the 11th in Shanghai, midnight in New York."""
NEW_YORK = "America/New_York"


def in_zone(slug: str, zone: str, **limits: int | None) -> Member:
    found = member(slug, **limits)
    found.tenant.time_zone = zone
    found.tenant.save()
    return found


def month_of(who: Member, *, used_characters: int, reserved: int = 0) -> None:
    UsagePeriod.objects.create(
        tenant=who.tenant,
        starts_at=NOW - timedelta(days=10),
        ends_at=NOW + timedelta(days=20),
        used_characters=used_characters,
        reserved_characters=reserved,
    )


def observed(who: Member) -> None:
    plan: Plan = who.tenant.plan
    plan.observe_only = True
    plan.save()


def overridden(who: Member, value: int | None, *, observe_only: bool = False) -> None:
    LimitOverride.objects.create(
        tenant=who.tenant, limit=Limit.CHARACTERS_PER_MONTH, value=value, observe_only=observe_only
    )


@pytest.fixture
def tenants() -> list[Member]:
    """One of each kind that a month can be of."""
    found = [
        in_zone("steady", "Asia/Shanghai", characters_per_month=100_000),
        in_zone("fast", NEW_YORK, characters_per_month=20_000),
        in_zone("open", "Asia/Kathmandu", characters_per_month=None),
        in_zone("new", "Australia/Lord_Howe", characters_per_month=500),
        in_zone("raised", NEW_YORK, characters_per_month=1),
        in_zone("watched", "UTC", characters_per_month=5),
        in_zone("tried", "UTC", characters_per_month=700),
    ]
    steady, fast, unlimited, new, raised, watched, tried = found
    month_of(steady, used_characters=50_000, reserved=7)
    month_of(fast, used_characters=10_000, reserved=5)
    month_of(unlimited, used_characters=1_000)
    month_of(new, used_characters=40)
    for who, each in ((steady, 100), (fast, 1_000), (unlimited, 10)):
        for day in range(1, 20):
            used(who.tenant, NOW - timedelta(days=day), characters=each)
    used(new.tenant, NOW - timedelta(hours=3), characters=40)
    overridden(raised, 9_000)
    observed(watched)
    overridden(tried, 3, observe_only=True)
    return found


def test_each_tenants_month_is_what_its_own_page_shows(tenants: list[Member]) -> None:
    months = months_standing(now=NOW).by_tenant
    for who in tenants:
        who.tenant.refresh_from_db()
        assert months[who.tenant.pk] == month_standing(tenant=who.tenant, now=NOW), who.tenant.slug
    assert [months[who.tenant.pk].limit for who in tenants] == [
        *(100_000, 20_000, None, 500, 9_000, None, 700),
    ]


def test_months_of_all_tenants_are_added_up(tenants: list[Member]) -> None:
    months = months_standing(now=NOW)
    assert (months.used, months.reserved) == (61_040, 12)
    # For twenty days each: a hundred, a thousand and ten a day, and what one day is too short to judge by.
    assert months.projected == 52_000 + 30_000 + 1_200 + 40
    assert (months.unjudged, months.exhausted) == (1, 1)
    limited = months.limited()
    assert len(limited.by_tenant) == 5
    assert (limited.used, limited.reserved, limited.limit) == (60_040, 12, 130_200)


def test_it_takes_the_same_queries_however_many_tenants_there_are(
    tenants: list[Member], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    # Plans, exceptions, tenants, months, paces.
    with django_assert_num_queries(5):
        months_standing(now=NOW)


@pytest.mark.parametrize(
    ("zone", "now", "first", "hours"),
    [
        ("Asia/Shanghai", "2026-05-11T12:00+08:00", "2026-05-01T00:00+08:00", 168),
        ("Asia/Shanghai", "2026-05-11T12:00+08:00", "2026-05-09T18:00+08:00", 30),
        ("Asia/Shanghai", "2026-05-11T00:00+08:00", "2026-05-10T00:00+08:00", 24),
        ("America/New_York", "2026-03-10T12:00-04:00", "2026-03-01T00:00-05:00", 167),
        ("America/New_York", "2026-11-03T12:00-05:00", "2026-10-01T00:00-04:00", 169),
        ("America/New_York", "2026-03-09T12:00-04:00", "2026-03-08T00:00-05:00", 23),
        ("Australia/Lord_Howe", "2026-04-07T12:00+10:30", "2026-04-05T00:00+11:00", 48.5),
        ("Asia/Kathmandu", "2026-05-11T12:00+05:45", "2026-05-09T23:45+05:45", 24.25),
    ],
)
def test_a_pace_is_by_the_hours_that_days_have(zone: str, now: str, first: str, hours: float) -> None:
    who = in_zone("paced", zone)
    moment = datetime.fromisoformat(now)
    used(who.tenant, first)
    used(who.tenant, moment - timedelta(hours=13), characters=8_000)
    used(who.tenant, moment, characters=10**9)
    pace = pace_of(tenant=who.tenant, now=moment)
    assert pace is not None
    assert (pace.until - pace.since) / timedelta(hours=1) == hours
    assert pace.mean == pytest.approx(8_000 * 24 / hours)


def test_there_is_no_pace_before_a_full_day_of_the_clock() -> None:
    who = in_zone("young", "Asia/Shanghai")
    used(who.tenant, "2026-05-10T00:15+08:00", characters=1)
    assert pace_of(tenant=who.tenant, now=datetime.fromisoformat("2026-05-11T23:59+08:00")) is None
    assert pace_of(tenant=who.tenant, now=datetime.fromisoformat("2026-05-12T00:00+08:00")) is not None


def test_a_day_that_was_left_out_leaves_no_pace_and_fails_nothing() -> None:
    """Apia had no 30th of December 2011: on the 31st, yesterday begins when today does."""
    who = in_zone("samoan", "Pacific/Apia")
    now = datetime(2011, 12, 30, 20, tzinfo=UTC)
    used(who.tenant, datetime(2011, 12, 30, 10, tzinfo=UTC), characters=5)
    assert pace_of(tenant=who.tenant, now=now) is None
