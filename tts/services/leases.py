"""Who is alive: workers renew a lease in Redis every second, and tell how their engines are.

A lease lives by the clock of Redis, so that machines need not agree on the time. A worker that misses five renewals
counts as gone and its request is given to another.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any, cast

from redis import Redis

from tts.connections import volatile_redis

LEASE_SECONDS = 5.0
RENEW_SECONDS = 1.0
FORGET_SECONDS = 120.0

_LEASES = "voxgate:workers"
_FACTS = "voxgate:workers:facts"
_JANITOR = "voxgate:janitor"
JANITOR_SECONDS = 10
DEAD_WORKERS = "voxgate:dead-workers"
"""A list on which a supervisor puts the name of a worker it saw die; the janitor waits on it."""


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """How one engine of one worker is: `ok` tells of its last real synthesis, `at` in Unix seconds (0.0: none)."""

    role: str
    name: str
    ok: bool
    at: float
    seconds: float
    voices_ready: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class WorkerFacts:
    """What a worker says of itself with every renewal."""

    name: str
    started_at: float
    jobs: int
    engines: tuple[EngineFacts, ...]


def _redis_seconds(redis: Redis) -> float:
    seconds, microseconds = redis.time()
    return seconds + microseconds / 1e6


def lease_renew(*, facts: WorkerFacts) -> None:
    redis = volatile_redis()
    with redis.pipeline(transaction=False) as pipeline:
        pipeline.zadd(_LEASES, {facts.name: _redis_seconds(redis)})
        pipeline.hset(_FACTS, facts.name, json.dumps(asdict(facts)))
        pipeline.execute()


def lease_end(*, worker: str) -> None:
    """A worker leaves, or is known to be dead."""
    with volatile_redis().pipeline(transaction=False) as pipeline:
        pipeline.zrem(_LEASES, worker)
        pipeline.hdel(_FACTS, worker)
        pipeline.execute()


def workers_alive() -> frozenset[str]:
    """Names of the workers whose lease runs."""
    redis = volatile_redis()
    names = cast(
        list[bytes], redis.zrange(_LEASES, _redis_seconds(redis) - LEASE_SECONDS, "+inf", byscore=True)
    )
    return frozenset(name.decode() for name in names)


def workers_facts() -> list[WorkerFacts]:
    """What the live workers last said, by name."""
    alive = sorted(workers_alive())
    if not alive:
        return []
    stored = cast(list[bytes | None], volatile_redis().hmget(_FACTS, alive))
    return [_facts(json.loads(text)) for text in stored if text is not None]


def janitor_renew() -> None:
    """The janitor that sweeps says that it is there."""
    volatile_redis().set(_JANITOR, 1, ex=JANITOR_SECONDS)


def janitor_alive() -> bool:
    """Whether a janitor swept in the last ten seconds."""
    return bool(volatile_redis().exists(_JANITOR))


def leases_prune() -> None:
    """Forget workers that have been gone for two minutes."""
    redis = volatile_redis()
    gone = cast(
        list[bytes], redis.zrange(_LEASES, "-inf", _redis_seconds(redis) - FORGET_SECONDS, byscore=True)
    )
    for name in gone:
        lease_end(worker=name.decode())


def dead_worker_wait(*, seconds: float) -> str | None:
    """The name of a worker that a supervisor saw die, as soon as there is one; None after `seconds`."""
    found = cast(tuple[bytes, bytes] | None, volatile_redis().brpop([DEAD_WORKERS], timeout=seconds))
    return None if found is None else found[1].decode()


def _facts(data: dict[str, Any]) -> WorkerFacts:
    engines = tuple(EngineFacts(**engine) for engine in data.pop("engines"))
    return WorkerFacts(**data, engines=engines)
