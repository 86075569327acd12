"""Charts of the home page on days that are not 24 hours long: nothing is lost, counted twice or moved."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.cast import Cast
from tests.tts.desk.buckets import bucket
from tests.tts.usage.odd_days import SPANS, changes, sown, sown_at, span_of
from tts.desk.series import DAYS, ServicePoint, Span, service_points
from tts.desk.tenants import usage_charts
from tts.usage.dimensions import Dimension
from tts.usage.ranges import UsageRange
from tts.usage.reports import usage_report

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_redis")]

HOUR = timedelta(hours=1)


def month_until(span: UsageRange) -> tuple[UsageRange, datetime]:
    """The thirty days whose last is that of `span`, and a moment at its end."""
    first = span.last - timedelta(days=DAYS - 1)
    return UsageRange(first, span.last, span.zone), span.ends_at - timedelta(microseconds=1)


def charts_of(cast: Cast, span: Span, now: datetime, zone: ZoneInfo) -> dict[str, dict[str, Any]]:
    found = usage_charts(tenants=[cast.alice.tenant], span=span, now=now, zone=zone)
    return {chart.key: chart.data for chart in found}


def asked_for(data: dict[str, Any]) -> list[int]:
    return [sum(layers) for layers in zip(*(one["values"] for one in data["series"]), strict=True)]


@pytest.mark.parametrize("name", SPANS)
def test_days_of_a_members_chart_are_those_of_the_report(cast: Cast, name: str) -> None:
    span = span_of(*SPANS[name])
    sown(cast.alice, span)
    month, now = month_until(span)
    report = usage_report(tenant=cast.alice.tenant, span=month, group_by=[Dimension.DAY])
    assert report.totals.requests > 40
    charts = charts_of(cast, Span.MONTH, now, span.zone)
    assert asked_for(charts["chart-requests"])[:-1] == [row.sums.requests for row in report.rows][:-1]
    [characters] = [one["values"] for one in charts["chart-characters"]["series"]]
    assert characters[:-1] == [row.sums.characters for row in report.rows][:-1]
    assert characters[-1] >= report.rows[-1].sums.characters > 0
    assert charts["chart-audio"]["x"] == [int(at.timestamp()) for at in month.beginnings()[:-1]]


def moments() -> list[tuple[str, datetime]]:
    """Moments to look back a day from: some while after each change of clocks, or after a midnight without any."""
    found = []
    for name, arguments in SPANS.items():
        span = span_of(*arguments)
        for change in list(changes(span)) or [span.starts_at]:
            found += [(name, change + timedelta(minutes=minutes)) for minutes in (0, 20, 70, 1430)]
    return found


@pytest.mark.parametrize(("name", "now"), moments())
def test_24_hours_of_a_member_are_24_hours(cast: Cast, name: str, now: datetime) -> None:
    zone = ZoneInfo(SPANS[name][0])
    quarters = {now - timedelta(minutes=15 * number, seconds=number % 3) for number in range(104)}
    events = sown_at(cast.alice, quarters, name)
    charts = charts_of(cast, Span.DAY, now, zone)
    x = [datetime.fromtimestamp(at, UTC) for at in charts["chart-requests"]["x"]]
    assert {later - earlier for earlier, later in pairwise(x)} == {HOUR}
    assert (len(x), x[-1] <= now < x[-1] + HOUR) == (24, True)
    # Full hours by the clock as it goes now, however it went before.
    assert (x[-1] + (now.astimezone(zone).utcoffset() or HOUR)).minute == 0
    [characters] = [one["values"] for one in charts["chart-characters"]["series"]]
    hours = [[sums for at, sums in events if begin <= at < begin + HOUR] for begin in x]
    assert characters == [sum(sums.characters for sums in hour) for hour in hours]
    assert asked_for(charts["chart-requests"]) == [len(hour) for hour in hours]
    audio = [sum((sums.audio_seconds for sums in hour), Decimal(0)) for hour in hours]
    assert charts["chart-audio"]["series"][0]["values"] == [float(round(seconds, 1)) for seconds in audio]


def by_day(points: Sequence[ServicePoint]) -> list[int]:
    return [point.characters for point in points]


@pytest.mark.parametrize("name", SPANS)
def test_days_of_the_platform_begin_when_those_of_the_report_do(name: str) -> None:
    month, now = month_until(span_of(*SPANS[name]))
    # Each quarter by itself, so that one of them in another day than its own is seen.
    at, number = month.starts_at - timedelta(days=1), 0
    days: dict[date, int] = dict.fromkeys(month.days(), 0)
    around = [*month.beginnings(), *changes(month)]
    while at < month.ends_at:
        if any(abs(at - instant) <= timedelta(minutes=75) for instant in around):
            number += 1
            bucket(at, succeeded=1, characters=number)
            local = at.astimezone(month.zone).date()
            if local in days:
                days[local] += number
        at += timedelta(minutes=15)
    assert sum(days.values()) > 0
    assert by_day(service_points(span=Span.MONTH, now=now, zone=month.zone)) == list(days.values())
