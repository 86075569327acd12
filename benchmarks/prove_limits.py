"""Whether limits hold: `python -m tests.services python -m benchmarks.prove_limits [--seconds 10] [--only WORD …]`.

Races against every limit (`rates`, `quotas`, `admissions`), then a running Voxgate whose workers die at each point of a
request (`deaths`), which loses its clients and Redis' memory (`recoveries`), and where one tenant crowds another
(`turns`). Prints one table: what was promised, what was seen, the verdict. Exits with 1 when a promise was not kept.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.proofs.django_here import set_up
from benchmarks.proofs.table import Verdict, print_row, print_title

if TYPE_CHECKING:  # engines can be imported once Django is set up
    from tests.system import System

Proof = Callable[[], Iterator[Verdict]]


def rates(seconds: float = 10.0) -> Iterator[Verdict]:
    """One bucket under 4 processes × 8 threads, with true clocks and with clocks two minutes off."""
    from benchmarks.limits_race import race

    for clocks, offsets in (("true clocks", [0.0]), ("clocks ±120 s", [-120.0, 120.0])):
        result = race(
            os.environ["REDIS_VOLATILE_URL"], processes=4, threads=8, seconds=seconds, clock_offsets=offsets
        )
        yield Verdict(
            f"rate, 4 × 8 threads, {clocks}",
            f"{result.least:.1f} … {result.most:.1f}",
            f"{result.admitted} of {result.calls}",
            result.is_exact,
        )


def quotas() -> Iterator[Verdict]:
    from django.utils import timezone

    from benchmarks.proofs.quota import key_quota, mixed_quota, tenant_quota
    from tests.cast import member

    now = timezone.now()
    yield tenant_quota(member("quota").tenant, now=now)
    yield mixed_quota(member("quota-mixed").tenant, now=now)
    keyed = member("quota-key")
    yield key_quota(keyed.tenant, keyed.row, now=now)


def admissions() -> Iterator[Verdict]:
    from benchmarks.proofs.admission import concurrency, idempotency
    from tests.cast import member

    yield concurrency(member("in-flight", concurrent_requests=5, queued_requests=2), limit=7)
    yield idempotency(member("idempotency"))


def deaths() -> Iterator[Verdict]:
    """A worker dies at each point of a request."""
    from tests.kill_points import ENGINE, Point, kill_at

    with _system(ENGINE) as system:
        for point in Point:
            left = kill_at(system, point, timeout=8)
            yield Verdict(
                f"SIGKILL {point}",
                "charged 1, reserved 0, files ≤ 1",
                f"{left.usage_events}, {left.reserved_characters}, {left.audio_files}",
                left.is_clean,
            )


def recoveries() -> Iterator[Verdict]:
    """What is in flight after Redis forgot, clients left, workers died."""
    from benchmarks.proofs.in_flight import ENGINE, clients_gone, memory_lost, verdict, workers_killed

    with _system(ENGINE) as system:
        yield verdict("Redis flushed", memory_lost(system), within_seconds=12)
        yield verdict("clients hung up", clients_gone(system), within_seconds=4)
        yield verdict("workers killed", workers_killed(system), within_seconds=14)


def turns() -> Iterator[Verdict]:
    """One tenant's crowd, another's single requests."""
    from benchmarks.proofs.fairness import fairness
    from benchmarks.proofs.in_flight import ENGINE

    with _system(ENGINE) as system:
        yield fairness(system)


@contextmanager
def _system(engine: str) -> Iterator["System"]:
    """A running Voxgate of two workers with a fixture voice, gone afterwards."""
    from tests.fixture_voices import write_fixture_voice
    from tests.system import running_system

    with tempfile.TemporaryDirectory(prefix="voxgate-proofs-") as directory:
        data = Path(directory, "data")
        write_fixture_voice(data / "voices", "steady")
        with running_system(data, VOXGATE_WORKERS="2", VOXGATE_PRIMARY_ENGINE=engine) as system:
            yield system


def main() -> int:
    proofs: dict[str, Proof] = {
        "rates": rates,
        "quotas": quotas,
        "admissions": admissions,
        "deaths": deaths,
        "recoveries": recoveries,
        "turns": turns,
    }
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each race for a rate")
    parser.add_argument("--only", nargs="+", choices=proofs, default=list(proofs), metavar="PROOF")
    options = parser.parse_args()
    proofs["rates"] = lambda: rates(options.seconds)
    set_up()
    began, kept = time.monotonic(), True
    print_title()
    for name in options.only:
        for verdict in proofs[name]():
            print_row(verdict)
            kept = kept and verdict.kept
    print(f"{'All promises kept' if kept else 'NOT EVERY PROMISE KEPT'}; {time.monotonic() - began:.0f} s")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
