"""What limits cost: `python -m tests.services python -m benchmarks.admission_cost [--requests 1000]`.

Lets requests in one after the other, by turns of a tenant with every limit and of one without any: the key is checked,
rates are taken, the request is admitted and recorded. Prints how long that takes, without and with RQ's enqueue, and
how much of it is this process' own work: on a busy machine the rest is mostly waiting for a core. Exits with 1 when the
median with every limit is above the bar.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.proofs.django_here import set_up

if TYPE_CHECKING:  # models can be imported once Django is set up
    from tests.cast import Member

BAR_MILLISECONDS = 6.0
EVERY_LIMIT = {
    "requests_per_minute": 6_000_000,
    "requests_burst": 1_000_000,
    "characters_per_minute": 600_000_000,
    "concurrent_requests": 100,
    "queued_requests": 100,
    "characters_per_month": 10**12,
}
OF_KEY = {"requests_per_minute": 6_000_000, "concurrent_requests": 100, "characters_per_month": 10**12}
WARM_UP = 50


@dataclass(slots=True)
class Cost:
    """Milliseconds of each request: without RQ's enqueue, with it, and of the processor in this process, with it."""

    without: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


def measure(members: Sequence["Member"], *, requests: int) -> list[Cost]:
    """The cost of `requests` of each of `members`, who take turns."""
    from django.db import connection
    from django.utils import timezone

    from benchmarks.proofs.cost import enqueueing_timed, let_in
    from tts.services.states import request_cancel

    costs = [Cost() for _ in members]
    with enqueueing_timed() as enqueueing:
        for number in range(requests + WARM_UP):
            for member, cost in zip(members, costs, strict=True):
                # As every HTTP request does, each takes a connection from the pool and gives it back.
                connection.close()
                began, worked = time.perf_counter(), time.process_time()
                row = let_in(member)
                seconds, processor = time.perf_counter() - began, time.process_time() - worked
                request_cancel(request_id=row.id, now=timezone.now())
                if number >= WARM_UP:
                    cost.without.append(1000 * (seconds - enqueueing.seconds))
                    cost.whole.append(1000 * seconds)
                    cost.processor.append(1000 * processor)
    return costs


def _lines(name: str, cost: Cost) -> str:
    parts = {"": cost.without, ", with enqueue": cost.whole, ", with enqueue, processor": cost.processor}
    return "\n".join(
        f"{name + part:<44}{statistics.median(values):>8.2f}{_p95(values):>8.2f}{min(values):>8.2f}"
        for part, values in parts.items()
    )


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=1000, help="of each tenant")
    options = parser.parse_args()
    set_up()
    from accounts.models import ApiKey
    from tests.cast import member

    limited, free = member("limited", **EVERY_LIMIT), member("free")
    ApiKey.objects.of(limited.tenant).update(**OF_KEY)
    of_limited, of_free = measure([limited, free], requests=options.requests)
    print(f"{'milliseconds':<44}{'p50':>8}{'p95':>8}{'least':>8}")
    print(_lines("every limit", of_limited))
    print(_lines("no limit", of_free))
    median, baseline = statistics.median(of_limited.without), statistics.median(of_free.without)
    print(f"limits make it {median / baseline:.2f} times as long; the bar is {BAR_MILLISECONDS} ms")
    print(f"{os.getloadavg()[0]:.1f} processes were running or waiting on {os.cpu_count()} cores")
    return 0 if median <= BAR_MILLISECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
