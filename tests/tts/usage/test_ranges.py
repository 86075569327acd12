from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from tts.usage.ranges import QUARTER_SECONDS, UsageRange, day_begins

YEARS = date(2020, 1, 1), date(2041, 1, 1)


def span(first: str, last: str, zone: str = "UTC") -> UsageRange:
    return UsageRange(date.fromisoformat(first), date.fromisoformat(last), ZoneInfo(zone))


def test_a_range_ends_where_the_day_after_it_begins() -> None:
    march = span("2026-03-07", "2026-03-08", "America/New_York")
    assert len(march) == 2
    assert list(march.days()) == [date(2026, 3, 7), date(2026, 3, 8)]
    assert [f"{instant:%d %H:%M}" for instant in march.beginnings()] == ["07 05:00", "08 05:00", "09 04:00"]
    assert (march.starts_at, march.ends_at) == (march.beginnings()[0], march.beginnings()[-1])


def test_a_range_does_not_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="before the first"):
        span("2026-03-08", "2026-03-07")


def test_a_day_that_a_zone_left_out_has_no_length() -> None:
    """Samoa went from the 29th to the 31st."""
    thirtieth = span("2011-12-30", "2011-12-30", "Pacific/Apia")
    assert thirtieth.starts_at == thirtieth.ends_at == datetime(2011, 12, 30, 10, tzinfo=UTC)


def test_a_zone_off_the_quarter_hour_is_told_by_its_first_such_day() -> None:
    liberia = span("1972-01-05", "1972-01-09", "Africa/Monrovia")
    assert liberia.misaligned_day() == date(1972, 1, 5)
    assert span("1972-01-08", "1972-01-09", "Africa/Monrovia").misaligned_day() is None


@pytest.mark.slow
def test_every_day_of_every_zone_begins_on_a_quarter_hour_and_is_that_day() -> None:
    """If a country chooses otherwise one day, this fails with the next edition of the time zones."""
    count = (YEARS[1] - YEARS[0]).days
    days = [YEARS[0] + timedelta(days=number) for number in range(count)]
    wrong, changes = [], 0
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        offset: timedelta | None = None
        for day in days:
            before = offset
            offset = datetime(day.year, day.month, day.day, tzinfo=zone).utcoffset()
            assert offset is not None
            if offset.total_seconds() % QUARTER_SECONDS:
                wrong.append((name, day, "off the quarter"))
            if before not in (None, offset):
                changes += 1
                # The clocks were changed in the last day: where midnight itself may have been skipped or repeated.
                for night in (day - timedelta(days=1), day):
                    begins = day_begins(night, zone)
                    just_before = begins - timedelta(microseconds=1)
                    if (
                        begins.astimezone(zone).date() != night
                        or just_before.astimezone(zone).date() >= night
                    ):
                        wrong.append((name, night, "another date"))
    assert wrong == []
    assert changes > 1000
