from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.utils import timezone, translation
from pytest_django import DjangoAssertNumQueries

from tests.cast import Cast
from tests.outages import flush_redis, redis_away
from tests.tts.background_workers import registered
from tests.tts.desk.buckets import bucket
from tests.tts.rows import admitted, claimed
from tts.desk.live import ErrorRate, Refusals, live_figures
from tts.desk.strip import Figure, duration, figures, percent
from tts.services.background import background_enqueue
from tts.services.leases import WorkerFacts, lease_renew
from tts.services.refusal_counts import refusals_count

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture(autouse=True)
def empty_redis() -> Iterator[None]:
    flush_redis()
    yield
    flush_redis()


def shown() -> dict[str, Figure]:
    with translation.override("en"):
        return {figure.key: figure for figure in figures(live_figures(now=timezone.now()))}


def test_what_waits_is_told_by_postgres_with_its_age(cast: Cast, now: datetime) -> None:
    admitted(cast.alice, now=now - timedelta(seconds=30))
    admitted(cast.bob, now=now - timedelta(seconds=3))
    flush_redis()
    claimed(cast.bob, worker="one.1")
    speech = live_figures(now=now).speech
    assert (speech.waiting, speech.running, speech.workers_busy) == (2, 1, 1)
    assert speech.oldest_seconds == pytest.approx(30)
    assert shown()["queue-tts"].tone == "bad"


def test_what_waits_in_the_background_is_told_by_rq(now: datetime) -> None:
    background_enqueue(job="tts.jobs.nothing", job_id="report-1")
    background = live_figures(now=now + timedelta(minutes=5)).background
    assert background is not None
    exports, housekeeping = background
    assert (exports.waiting, housekeeping.waiting) == (1, 0)
    assert exports.oldest_seconds == pytest.approx(300, abs=20)


def test_a_background_queue_that_nobody_serves_is_an_alarm() -> None:
    assert (shown()["queue-background"].note, shown()["queue-background"].tone) == (
        "nothing waits · no worker is up",
        "bad",
    )
    with registered("background"):
        assert (shown()["queue-background"].note, shown()["queue-background"].tone) == (
            "nothing waits · 0 of 1 busy",
            "",
        )
        assert shown()["queue-housekeeping"].tone == "bad"


def test_what_clients_canceled_is_no_error(now: datetime) -> None:
    began = now - timedelta(minutes=10, seconds=now.timestamp() % 300)
    bucket(began, succeeded=8, failed=2, canceled=90, errors={"synthesis_failed": 2, "canceled": 90})
    assert live_figures(now=now).errors == [ErrorRate("synthesis_failed", 2, 0.2)]
    errors = shown()["errors"]
    assert (errors.value, errors.note) == ("20 %", "2 of 10 requests")
    assert errors.rows == (("synthesis_failed", "2 · 20 %"),)


def test_workers_count_while_their_lease_runs(cast: Cast) -> None:
    assert (shown()["workers"].value, shown()["workers"].tone) == ("0 of 0 busy", "bad")
    for name in ("one.1", "two.2"):
        lease_renew(facts=WorkerFacts(name, started_at=0.0, jobs=0, engines=()))
    claimed(cast.alice, worker="one.1")
    assert (shown()["workers"].value, shown()["workers"].tone) == ("1 of 2 busy", "")


def test_the_last_quarter_is_summed_over_shards_and_nothing_older(now: datetime) -> None:
    for shard in (0, 1):
        bucket(
            now - timedelta(minutes=10, seconds=now.timestamp() % 300),
            shard,
            succeeded=8,
            failed=1,
            expired=1,
            fallbacks=2,
            audio_seconds=20.0,
            synthesis_seconds=2.0,
            errors={"synthesis_failed": 1, "deadline_exceeded": 1},
            waits=(0.1,) * 10,
        )
    bucket(now - timedelta(minutes=60, seconds=now.timestamp() % 300), failed=1000, errors={"internal": 1000})
    live = live_figures(now=now)
    assert live.recent.ended == 20
    assert live.waits.p50 == pytest.approx(0.1, rel=0.15)
    assert live.recent.real_time_factor == 0.1
    assert sorted(live.errors, key=lambda error: error.code) == [
        ErrorRate("deadline_exceeded", 2, 0.1),
        ErrorRate("synthesis_failed", 2, 0.1),
    ]
    assert (shown()["errors"].value, shown()["errors"].tone) == ("20 %", "bad")
    assert (shown()["fallback"].value, shown()["fallback"].tone) == ("25 %", "busy")


def test_refusals_are_listed_by_limit_the_most_frequent_first(now: datetime) -> None:
    refusals_count(limits=["tenant-requests"], now=now - timedelta(minutes=14))
    refusals_count(limits=["tenant-requests", "key-requests"], now=now)
    refusals_count(limits=["key-requests"], now=now - timedelta(minutes=16))
    assert live_figures(now=now).refusals == [Refusals("tenant-requests", 2), Refusals("key-requests", 1)]
    assert shown()["refusals"].rows[0] == ("requests per minute, tenant", "2")


@pytest.mark.parametrize("away", [{"volatile": True, "queue": False}, {"volatile": False, "queue": True}])
def test_what_a_redis_knows_is_left_open_while_it_is_away(away: dict[str, bool]) -> None:
    with redis_away(**away):
        found = shown()
    assert "–" in {figure.value for figure in found.values()}
    assert found["queue-tts"].value == "0 waiting"


def test_three_short_queries_are_enough(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries, now: datetime
) -> None:
    with django_assert_num_queries(3):
        live_figures(now=now)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (0.0, "0 ms"),
        (0.0846, "85 ms"),
        (0.9999, "1 s"),
        (1.254, "1.25 s"),
        (59.96, "60 s"),
        (200, "3 min 20 s"),
        (7500, "2 h 5 min"),
    ],
)
def test_durations_have_about_three_digits(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


def test_shares_are_per_cent_with_a_digit_where_they_are_small() -> None:
    assert [percent(share) for share in (None, 0.0, 0.004, 0.5)] == ["–", "0 %", "0.4 %", "50 %"]
