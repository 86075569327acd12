from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.tts.desk.buckets import bucket, histogram
from tts.desk.folding import service_buckets_fold
from tts.desk.series import Span, service_points
from tts.models import ServiceBucket

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 10, 12, 0, tzinfo=UTC)
OLD = datetime(2026, 5, 7, 9, 0, tzinfo=UTC)
MINUTES = timedelta(minutes=1)


def rows() -> list[tuple[datetime, int, int, int]]:
    found = ServiceBucket.objects.order_by("starts_at", "seconds", "shard")
    return list(found.values_list("starts_at", "seconds", "shard", "succeeded"))


def test_old_buckets_become_hours() -> None:
    bucket(OLD, 3, succeeded=2, characters=10, audio_seconds=1.5, errors={"internal": 1}, waits=(0.1, 2.0))
    bucket(
        OLD + 55 * MINUTES,
        4,
        succeeded=1,
        characters=5,
        audio_seconds=0.5,
        errors={"internal": 2},
        waits=(0.1,),
    )
    bucket(OLD + 60 * MINUTES, 4, succeeded=7)
    assert service_buckets_fold(now=NOW) == 3
    assert rows() == [(OLD, 3600, 0, 3), (OLD + 60 * MINUTES, 3600, 0, 7)]
    hour = ServiceBucket.objects.get(starts_at=OLD)
    assert (hour.characters, hour.audio_seconds, hour.errors) == (15, 2.0, {"internal": 3})
    assert hour.wait_histogram == histogram(0.1, 2.0, 0.1)


def test_what_comes_late_is_added_to_its_hour_and_nothing_twice() -> None:
    bucket(OLD, succeeded=2)
    assert [service_buckets_fold(now=NOW), service_buckets_fold(now=NOW)] == [1, 0]
    bucket(OLD + 5 * MINUTES, 9, succeeded=1)
    assert service_buckets_fold(now=NOW) == 1
    assert rows() == [(OLD, 3600, 0, 3)]


def test_shards_of_settled_buckets_become_one_row_of_five_minutes() -> None:
    settled, fresh = NOW - 60 * MINUTES, NOW - 10 * MINUTES
    for shard in (0, 1, 15):
        bucket(settled, shard, succeeded=1, waits=(0.2,))
        bucket(fresh, shard, succeeded=1)
    assert service_buckets_fold(now=NOW) == 2
    assert rows() == [(settled, 300, 0, 3), *((fresh, 300, shard, 1) for shard in (0, 1, 15))]
    assert ServiceBucket.objects.get(starts_at=settled).wait_histogram == histogram(0.2, 0.2, 0.2)


def test_the_charts_show_the_same_before_and_after() -> None:
    for number in range(40):
        bucket(
            NOW - number * 7 * 60 * MINUTES, number % 3, succeeded=number, failed=1, waits=(0.01 * number,)
        )
    before = {span: service_points(span=span, now=NOW, zone=ZoneInfo("UTC")) for span in Span}
    assert service_buckets_fold(now=NOW) > 0
    assert {span: service_points(span=span, now=NOW, zone=ZoneInfo("UTC")) for span in Span} == before
