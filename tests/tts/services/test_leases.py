from typing import cast

import pytest

from tts.connections import volatile_redis
from tts.services.leases import (
    DEAD_WORKERS,
    FORGET_SECONDS,
    LEASE_SECONDS,
    EngineFacts,
    WorkerFacts,
    dead_worker_wait,
    lease_end,
    lease_renew,
    leases_prune,
    workers_alive,
    workers_facts,
)
from voxgate.ops.up import dead_workers

pytestmark = pytest.mark.usefixtures("empty_redis")

ENGINES = (
    EngineFacts("primary", "onnx", ok=False, at=0.0, seconds=0.0, voices_ready=0, problem="no-voice"),
    EngineFacts("fallback", "espeak", ok=True, at=1.5, seconds=0.01, voices_ready=4),
)


def facts(name: str) -> WorkerFacts:
    return WorkerFacts(name, started_at=1.0, jobs=7, engines=ENGINES)


def last_renewed(name: str, seconds_ago: float) -> None:
    """A worker that renewed its lease that long ago by the clock of Redis."""
    lease_renew(facts=facts(name))
    score = cast(float, volatile_redis().zscore("voxgate:workers", name))
    volatile_redis().zadd("voxgate:workers", {name: score - seconds_ago})


def test_who_renews_is_alive_and_says_how_it_is() -> None:
    for name in ("b.2", "a.1"):
        lease_renew(facts=facts(name))
    assert workers_alive() == {"a.1", "b.2"}
    assert workers_facts() == [facts("a.1"), facts("b.2")]


def test_who_is_late_is_gone_until_it_renews() -> None:
    last_renewed("late.1", LEASE_SECONDS + 0.5)
    last_renewed("slow.2", LEASE_SECONDS - 2)
    assert workers_alive() == {"slow.2"}
    assert [worker.name for worker in workers_facts()] == ["slow.2"]
    lease_renew(facts=facts("late.1"))
    assert workers_alive() == {"late.1", "slow.2"}


def test_who_leaves_is_gone_at_once() -> None:
    lease_renew(facts=facts("a.1"))
    lease_end(worker="a.1")
    assert workers_alive() == frozenset()
    assert workers_facts() == []
    assert volatile_redis().keys("*") == []


def test_long_gone_workers_are_forgotten() -> None:
    last_renewed("old.1", FORGET_SECONDS + 1)
    last_renewed("gone.2", FORGET_SECONDS - 10)
    leases_prune()
    assert volatile_redis().zrange("voxgate:workers", 0, -1) == [b"gone.2"]
    assert volatile_redis().hkeys("voxgate:workers:facts") == [b"gone.2"]


def test_deaths_are_told_once_in_the_order_they_happened() -> None:
    volatile_redis().lpush(DEAD_WORKERS, "a.1")
    volatile_redis().lpush(DEAD_WORKERS, "b.2")
    assert [dead_worker_wait(seconds=0.05) for _ in range(3)] == ["a.1", "b.2", None]


def test_the_supervisor_tells_where_the_janitor_listens() -> None:
    assert dead_workers.KEY == DEAD_WORKERS
