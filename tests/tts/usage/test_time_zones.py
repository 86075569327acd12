"""Single days add up to their range, and a range to its events, wherever midnight is."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.cast import Cast, Member
from tests.tts.usage.events import used
from tests.tts.usage.odd_days import SPANS, sown, span_of
from tests.tts.usage.reading import asked
from tts.models import UsageEvent
from tts.usage.dimensions import Dimension
from tts.usage.ranges import UsageRange
from tts.usage.reports import usage_report
from tts.usage.sums import Sums

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_redis")]


def by_day(events: list[tuple[datetime, Sums]], zone: ZoneInfo) -> dict[date, Sums]:
    """What a clock on the wall says, of each event by itself."""
    days: dict[date, Sums] = {}
    for at, sums in events:
        day = at.astimezone(zone).date()
        days[day] = days.get(day, Sums()) + sums
    return days


def of_single_days(member: Member, span: UsageRange) -> dict[date, Sums]:
    return {
        day: usage_report(
            tenant=member.tenant, span=UsageRange(day, day, span.zone), group_by=[Dimension.OUTCOME]
        ).totals
        for day in span.days()
    }


def of_events(member: Member, span: UsageRange) -> Sums:
    rows = UsageEvent.objects.of(member.tenant).filter(at__gte=span.starts_at, at__lt=span.ends_at)
    sums = rows.aggregate(characters=Sum("characters"), audio=Sum("audio_seconds"))
    return Sums(rows.count(), sums["characters"] or 0, sums["audio"] or Decimal(0))


def of_answer(cells: dict[str, Any]) -> Sums:
    return Sums(cells["requests"], cells["characters"], cells["audio_seconds"])


@pytest.mark.parametrize("name", SPANS)
def test_days_range_events_and_api_agree(cast: Cast, name: str) -> None:
    span = span_of(*SPANS[name])
    expected = by_day(sown(cast.alice, span), span.zone)
    wanted = {day: expected.get(day, Sums()) for day in span.days()}
    total = sum(wanted.values(), Sums())
    assert total.requests > 40

    report = usage_report(tenant=cast.alice.tenant, span=span, group_by=[Dimension.DAY])
    assert {row.values[Dimension.DAY]: row.sums for row in report.rows} == wanted
    assert of_single_days(cast.alice, span) == wanted
    assert report.totals == of_events(cast.alice, span) == total

    answer = asked(cast.alice, **{"from": span.first, "to": span.last, "timezone": span.zone.key})
    assert {date.fromisoformat(row["day"]): of_answer(row) for row in answer["rows"]} == wanted
    assert of_answer(answer["totals"]) == total
    single = [
        asked(cast.alice, **{"from": day, "to": day, "timezone": span.zone.key, "group_by": "outcome"})
        for day in span.days()
    ]
    assert sum((of_answer(day["totals"]) for day in single), Sums()) == total


def test_each_day_is_tested_to_be_as_long_as_it_is() -> None:
    """The spans above hold the odd days they are named after."""

    def hours(name: str) -> set[float]:
        beginnings = span_of(*SPANS[name]).beginnings()
        return {(end - begin).total_seconds() / 3600 for begin, end in pairwise(beginnings)}

    lengths = {name: hours(name) - {24.0} for name in SPANS}
    assert list(lengths.values()) == [
        *([set()] * 4), {23.0}, {25.0}, {24.5}, {23.5}, {0.0}, {23.0}, {25.0},
    ]  # fmt: skip


ZONES = sorted(
    {zone for zone, *_ in SPANS.values()} | {"America/St_Johns", "Pacific/Chatham", "Africa/Casablanca"}
)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))


@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    zone=st.sampled_from(ZONES),
    first=st.dates(date(2026, 1, 1), date(2026, 12, 1)),
    lengths=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    moments=st.lists(MOMENTS, max_size=12),
    near=st.lists(st.tuples(st.integers(0, 80), st.integers(-1800, 1800)), max_size=12),
)
def test_a_range_is_the_sum_of_its_parts_wherever_it_is_cut(
    cast: Cast,
    zone: str,
    first: date,
    lengths: tuple[int, int],
    moments: list[datetime],
    near: list[tuple[int, int]],
) -> None:
    cut = first + timedelta(days=lengths[0])
    whole = UsageRange(first, cut + timedelta(days=lengths[1] - 1), ZoneInfo(zone))
    parts = UsageRange(first, cut - timedelta(days=1), whole.zone), UsageRange(cut, whole.last, whole.zone)
    beginnings = whole.beginnings()
    instants = moments + [
        beginnings[place % len(beginnings)] + timedelta(seconds=seconds) for place, seconds in near
    ]
    with transaction.atomic():
        for number, at in enumerate(instants):
            used(cast.alice.tenant, at, characters=2**number, audio_seconds=number / 8)
        totals = [
            usage_report(tenant=cast.alice.tenant, span=span, group_by=[Dimension.DAY]).totals
            for span in (whole, *parts)
        ]
        assert totals[0] == totals[1] + totals[2] == of_events(cast.alice, whole)
        assert sum(of_single_days(cast.alice, parts[1]).values(), Sums()) == totals[2]
        transaction.set_rollback(True)
