"""Whether rate limits are exact when many take at once: `python -m benchmarks.limits_race [--seconds 10]`.

Processes and threads take from one bucket of the Redis at REDIS_VOLATILE_URL as fast as they can, first with true
clocks, then with clocks shifted by two minutes either way. Prints what was admitted beside what the rate allows, then
what a call costs. Exits with 1 when a limit was not kept.
"""

import argparse
import multiprocessing
import os
import sys
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

from redis import Redis

from accounts.connections import limits_client
from accounts.limits.buckets import Bucket
from accounts.limits.taking import take

# Slow enough that a pause of this machine between two calls is worth less than a unit or two.
UNITS_PER_MINUTE = 600
BURST = 60
# Taken before the race begins, so that the bucket is not full when it does and no refill is lost.
HEAD_START = 50
READY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class RaceResult:
    """What a race admitted, in units, and how long it took by the clock of Redis.

    `inner_seconds` runs from just after the first take to just before the last one, `outer_seconds` from just before
    the first to just after the last.
    """

    admitted: int
    calls: int
    inner_seconds: float
    outer_seconds: float
    units_per_minute: int = UNITS_PER_MINUTE
    burst: int = BURST

    @property
    def least(self) -> float:
        """What a bucket that is never full admits at least: all that had refilled, but for one unit not yet whole."""
        return self.burst + self.units_per_minute / 60 * self.inner_seconds - 1

    @property
    def most(self) -> float:
        """What it admits at most."""
        return self.burst + self.units_per_minute / 60 * self.outer_seconds

    @property
    def is_exact(self) -> bool:
        return self.least <= self.admitted <= self.most


def race(
    url: str, *, processes: int, threads: int, seconds: float, clock_offsets: Sequence[float]
) -> RaceResult:
    """Let `processes` × `threads` take from a new bucket of the Redis at `url` for `seconds`.

    The clock of process i is `clock_offsets[i % len(clock_offsets)]` seconds off. Raises `RuntimeError` when a process
    did not get ready or did not report.
    """
    owner = uuid.uuid4().hex
    redis = limits_client(url)
    context = multiprocessing.get_context("spawn")
    workers = []
    for number in range(processes):
        ours, theirs = context.Pipe()
        offset = clock_offsets[number % len(clock_offsets)]
        process = context.Process(target=_worker, args=(theirs, url, owner, threads, seconds, offset))
        process.start()
        # Ours would keep the pipe open after the process has died.
        theirs.close()
        workers.append((process, ours))
    try:
        for _, pipe in workers:
            _receive(pipe, READY_SECONDS)
        before_first = _redis_seconds(redis)
        admitted, calls = HEAD_START, 2
        take([_bucket(owner, HEAD_START)], redis=redis)
        after_first = _redis_seconds(redis)
        for _, pipe in workers:
            pipe.send("go")
        for _, pipe in workers:
            counted = _receive(pipe, seconds + READY_SECONDS)
            admitted, calls = admitted + counted[0], calls + counted[1]
        before_last = after_last = after_first
        refused = False
        while not refused:
            before_last = _redis_seconds(redis)
            refused = not take([_bucket(owner, 1)], redis=redis).admitted
            after_last = _redis_seconds(redis)
            admitted, calls = admitted + (not refused), calls + 1
    finally:
        for process, pipe in workers:
            pipe.close()
            process.join(READY_SECONDS)
        redis.delete(_bucket(owner, 1).redis_key)
        redis.close()
    return RaceResult(admitted, calls, before_last - after_first, after_last - before_first)


def call_microseconds(url: str, *, buckets: int, calls: int) -> float:
    """What one call to take from so many `buckets` costs on average, one after the other."""
    redis = limits_client(url)
    owner = uuid.uuid4().hex
    wanted = [
        Bucket(name=f"bench-{number}", owner=owner, units_per_minute=60_000_000, burst=10_000_000, cost=1)
        for number in range(buckets)
    ]
    take(wanted, redis=redis)
    started = time.perf_counter()
    for _ in range(calls):
        take(wanted, redis=redis)
    spent = time.perf_counter() - started
    redis.delete(*(bucket.redis_key for bucket in wanted))
    redis.close()
    return spent / calls * 1e6


def _bucket(owner: str, cost: int) -> Bucket:
    return Bucket(name="race", owner=owner, units_per_minute=UNITS_PER_MINUTE, burst=BURST, cost=cost)


def _redis_seconds(redis: Redis) -> float:
    seconds, microseconds = redis.time()
    return seconds + microseconds / 1e6


def _receive(pipe: Connection, seconds: float) -> tuple[int, int]:
    if not pipe.poll(seconds):
        raise RuntimeError("a process of the race does not answer")
    try:
        admitted, calls = pipe.recv()
    except EOFError as error:
        raise RuntimeError("a process of the race died") from error
    return admitted, calls


def _worker(
    pipe: Connection, url: str, owner: str, threads: int, seconds: float, clock_offset: float
) -> None:
    _shift_clock(clock_offset)
    redis = limits_client(url)
    counts = [(0, 0)] * threads
    go = threading.Event()
    deadline = 0.0

    def run(number: int) -> None:
        admitted = calls = 0
        go.wait(READY_SECONDS)
        while time.monotonic() < deadline:
            admitted += take([_bucket(owner, 1)], redis=redis).admitted
            calls += 1
        counts[number] = admitted, calls

    runners = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for runner in runners:
        runner.start()
    redis.ping()
    pipe.send((0, 0))
    try:
        pipe.recv()
        deadline = time.monotonic() + seconds
    except EOFError:
        pass  # the race was called off; the threads find their deadline in the past
    go.set()
    for runner in runners:
        runner.join()
    pipe.send((sum(admitted for admitted, _ in counts), sum(calls for _, calls in counts)))


def _shift_clock(seconds: float) -> None:
    """Set the wall clock of this process off, as far as Python code can tell."""
    true_time, true_time_ns = time.time, time.time_ns
    time.time = lambda: true_time() + seconds
    time.time_ns = lambda: true_time_ns() + int(seconds * 1e9)


def _report(title: str, result: RaceResult) -> bool:
    print(
        f"{title}: {result.admitted} of {result.calls} calls admitted in {result.outer_seconds:.3f} s, "
        f"allowed {result.least:.2f} to {result.most:.2f}: {'exact' if result.is_exact else 'NOT KEPT'}"
    )
    return result.is_exact


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--calls", type=int, default=5000, help="how many calls to time")
    options = parser.parse_args()
    url = os.environ["REDIS_VOLATILE_URL"]
    shape = {"processes": options.processes, "threads": options.threads, "seconds": options.seconds}
    exact = [
        _report("true clocks", race(url, **shape, clock_offsets=[0.0])),
        _report("clocks 120 s off either way", race(url, **shape, clock_offsets=[-120.0, 120.0])),
    ]
    for buckets in (1, 3):
        cost = call_microseconds(url, buckets=buckets, calls=options.calls)
        print(f"a call with {buckets} bucket(s): {cost:.0f} µs")
    return 0 if all(exact) else 1


if __name__ == "__main__":
    sys.exit(main())
