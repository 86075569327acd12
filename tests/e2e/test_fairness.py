"""Tenants beside each other on real workers: hundreds of requests of one cost another next to nothing."""

import os
import signal
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.e2e.asking import asks
from tests.system import System, running_system, wait_for

pytestmark = pytest.mark.slow

WORKERS = 2
HOG_CONCURRENT = 2


@pytest.fixture(scope="module")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Two workers that take 0.2 s for everything."""
    data: Path = tmp_path_factory.mktemp("steady")
    engine = "tests.engines_for_tests:build_steady"
    with running_system(data, VOXGATE_WORKERS=str(WORKERS), VOXGATE_PRIMARY_ENGINE=engine) as system:
        yield system


def rows_of(system: System, slug: str, columns: str, condition: str = "true") -> list[tuple[Any, ...]]:
    query = (
        f"SELECT {columns} FROM tts_synthesisrequest request"  # noqa: S608 - literals of this file
        f" JOIN accounts_tenant tenant ON tenant.id = tenant_id WHERE slug = %s AND {condition}"
    )
    return system.sql(query, slug)


def count_of(system: System, slug: str, condition: str) -> int:
    return int(rows_of(system, slug, "count(*)", condition)[0][0])


def end_what_waits(system: System) -> None:
    """Let what is left expire, and wait for it."""
    system.sql("UPDATE tts_synthesisrequest SET deadline_at = now() WHERE status = 'queued' RETURNING id")
    query = "SELECT count(*) FROM tts_synthesisrequest WHERE status IN ('queued', 'running')"
    wait_for(lambda: system.sql(query) == [(0,)], seconds=60, what="the end of everything")


def test_five_hundred_requests_of_one_tenant_do_not_delay_another(steady: System) -> None:
    asks(steady, "hog", 500, "--concurrent", str(HOG_CONCURRENT))
    asks(steady, "small", 12, "--one-by-one")
    waiting = count_of(steady, "hog", "request.status = 'queued'")
    seconds = "extract(epoch FROM {} - {})::float"
    hog = rows_of(steady, "hog", seconds.format("finished_at", "started_at"), "request.status = 'succeeded'")
    length = statistics.median(took for (took,) in hog)
    small = rows_of(steady, "small", seconds.format("started_at", "request.created_at"))
    delays = sorted(delay / length for (delay,) in small)
    end_what_waits(steady)

    assert waiting > 300, "the queue was long all the time"
    assert len(delays) == 12
    assert delays[-1] <= HOG_CONCURRENT + 1, delays
    assert statistics.median(delays) <= 1.5
    engines = rows_of(steady, "small", "DISTINCT engine_used || ' ' || fallback")
    assert engines == [("steady none",)], "nor is it shed to the fallback for what others have waiting"


def test_nothing_is_left_lying_after_deaths_and_a_redis_that_forgets(steady: System) -> None:
    """Two tenants at their limits; a worker dies and the queue's Redis is emptied in the middle."""
    asks(steady, "one", 25, "--concurrent", "1")
    asks(steady, "two", 25, "--concurrent", "2")
    most = {"one": 0, "two": 0}

    def watched(done: int) -> bool:
        for slug in most:
            most[slug] = max(most[slug], count_of(steady, slug, "request.status = 'running'"))
        return sum(count_of(steady, slug, "request.status = 'succeeded'") for slug in most) >= done

    wait_for(lambda: watched(10), seconds=60, what="the first ten")
    victim = next(iter(wait_for(steady.workers).values()))
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: watched(20), seconds=60, what="the first twenty")
    redis.Redis.from_url(steady.services["REDIS_URL"]).flushall()
    wait_for(lambda: watched(50), seconds=60, what="all fifty")

    assert most["one"] == 1
    assert 1 <= most["two"] <= 2
    assert steady.sql("SELECT count(*) FROM tts_usageevent GROUP BY request_id HAVING count(*) > 1") == []
    query = "SELECT coalesce(sum(reserved_characters), 0)::int FROM accounts_usageperiod"
    assert steady.sql(query) == [(0,)]
