"""One tenant has hundreds of requests waiting, another has one at a time."""

import statistics
from dataclasses import dataclass

from benchmarks.proofs.table import Verdict
from tests.e2e.asking import asks
from tests.system import System, wait_for

WAITING = 300
CONCURRENT = 2
SINGLE = 8


@dataclass(frozen=True, slots=True)
class Fairness:
    """How long each single request waited for its turn, in lengths of a synthesis, and how many of the other tenant
    waited even after the last of them.
    """

    delays: tuple[float, ...]
    still_waiting: int


def crowded(system: System) -> Fairness:
    """300 requests of a tenant that may have two at work, and eight, one after the other, of another."""
    asks(system, "crowd", WAITING, "--concurrent", str(CONCURRENT))
    asks(system, "single", SINGLE, "--one-by-one")
    ((waiting,),) = system.sql("SELECT count(*) FROM tts_synthesisrequest WHERE status = 'queued'")
    spoken = _seconds(system, "crowd", "finished_at - started_at")
    waits = _seconds(system, "single", "started_at - request.created_at")
    # Whoever waits is let go, or the system would not end before they are served.
    system.sql("UPDATE tts_synthesisrequest SET deadline_at = now() WHERE status = 'queued' RETURNING id")
    unfinished = "SELECT count(*) FROM tts_synthesisrequest WHERE status IN ('queued', 'running')"
    wait_for(lambda: system.sql(unfinished) == [(0,)], seconds=60, what="the end of everything")
    length = statistics.median(spoken)
    return Fairness(tuple(sorted(wait / length for wait in waits)), int(waiting))


def _seconds(system: System, slug: str, interval: str) -> list[float]:
    rows = system.sql(
        f"SELECT extract(epoch FROM {interval})::float FROM tts_synthesisrequest request"  # noqa: S608 - from above
        " JOIN accounts_tenant tenant ON tenant.id = tenant_id WHERE slug = %s AND request.status = 'succeeded'",
        slug,
    )
    return [seconds for (seconds,) in rows]


def fairness(system: System) -> Verdict:
    """The longest delay is at most the crowd's concurrency and one, in lengths of a synthesis."""
    found = crowded(system)
    longest = found.delays[-1]
    return Verdict(
        f"delay behind {WAITING} of another tenant",
        f"≤ {CONCURRENT + 1} lengths of a synthesis",
        f"{longest:.1f}, median {statistics.median(found.delays):.1f}",
        longest <= CONCURRENT + 1 and len(found.delays) == SINGLE and found.still_waiting > 0,
    )
