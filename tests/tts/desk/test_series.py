from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.tts.desk.buckets import bucket
from tts.desk.charts import quality_charts, volume_charts
from tts.desk.series import ServicePoint, Span, service_points

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 10, 12, 2, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")


def test_a_day_is_96_quarters_that_end_now() -> None:
    bucket(datetime(2026, 5, 10, 12, 0, tzinfo=UTC), 1, succeeded=1)
    bucket(datetime(2026, 5, 10, 11, 50, tzinfo=UTC), 2, succeeded=2)
    bucket(datetime(2026, 5, 10, 11, 45, tzinfo=UTC), 3, succeeded=4)
    bucket(datetime(2026, 5, 9, 12, 0, tzinfo=UTC), 3, succeeded=8)
    points = service_points(span=Span.DAY, now=NOW, zone=UTC_ZONE)
    assert (points[0].at, points[-1].at, len(points)) == (
        NOW - timedelta(hours=23, minutes=47),
        NOW - timedelta(minutes=2),
        96,
    )
    assert [point.succeeded for point in points if point.succeeded] == [6, 1]


@pytest.mark.parametrize(("zone", "day"), [("UTC", 9), ("Asia/Shanghai", 10), ("America/New_York", 9)])
def test_a_month_is_30_days_of_the_zone(zone: str, day: int) -> None:
    bucket(datetime(2026, 5, 9, 20, 0, tzinfo=UTC), succeeded=3)
    points = service_points(span=Span.MONTH, now=NOW, zone=ZoneInfo(zone))
    assert len(points) == 30
    assert [point.at.astimezone(ZoneInfo(zone)).day for point in points if point.succeeded] == [day]


def test_days_of_a_change_of_clocks_lose_nothing() -> None:
    zone = ZoneInfo("America/New_York")
    now = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
    for hours in range(72):
        bucket(now - timedelta(hours=hours), succeeded=1)
    points = service_points(span=Span.MONTH, now=now, zone=zone)
    assert sum(point.succeeded for point in points) == 72
    assert points[-2].succeeded == 23


def test_shares_leave_out_what_tells_nothing() -> None:
    point = ServicePoint(NOW, succeeded=8, failed=1, expired=1, canceled=10, fallbacks=2)
    assert (point.error_share, point.fallback_share) == (0.2, 0.25)
    empty = ServicePoint(NOW)
    assert (empty.error_share, empty.fallback_share, empty.real_time_factor) == (None, None, None)


def test_a_chart_has_a_value_for_every_moment() -> None:
    bucket(
        NOW - timedelta(minutes=62), waits=(0.5,) * 10, succeeded=10, audio_seconds=4.0, synthesis_seconds=1.0
    )
    points = service_points(span=Span.DAY, now=NOW, zone=UTC_ZONE)
    charts = {chart.key: chart.data for chart in [*volume_charts(points), *quality_charts(points)]}
    for data in charts.values():
        assert {len(line["values"]) for line in data["series"]} == {len(data["x"])}
    place = charts["chart-wait"]["x"].index(int((NOW - timedelta(minutes=62)).timestamp()))
    assert charts["chart-wait"]["series"][0]["values"][place] == pytest.approx(0.5, rel=0.1)
    assert charts["chart-pace"]["series"][0]["values"][place] == 0.25
    assert charts["chart-wait"]["series"][0]["values"][0] is None


@pytest.mark.parametrize("span", Span)
def test_all_of_it_is_one_query(span: Span, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        service_points(span=span, now=NOW, zone=UTC_ZONE)


def test_who_cancels_is_no_error_in_the_chart() -> None:
    bucket(NOW - timedelta(minutes=17), succeeded=8, failed=1, expired=1)
    bucket(NOW - timedelta(minutes=2), succeeded=8, failed=1, expired=1, canceled=90)
    charts = quality_charts(service_points(span=Span.DAY, now=NOW, zone=UTC_ZONE))
    [errors] = [chart.data["series"][1]["values"] for chart in charts if chart.key == "chart-shares"]
    assert errors[-2:] == [20.0, 20.0]
