"""How long a page takes, from the first byte of the request to the last one of the answer."""

import statistics
import time
from dataclasses import dataclass

import requests

WAIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Measured:
    """Times in milliseconds. `status` is the worst that was answered."""

    p50: float
    p95: float
    longest: float
    status: int
    times: int


FIRST = 5
"""Times that every page is opened."""


def measure(session: requests.Session, url: str, times: int, *, fast: float = 0.0) -> Measured:
    """Open a page `times` times over one connection, the first time cold; `FIRST` times when none took `fast` ms."""
    took: list[float] = []
    status = 0
    for number in range(times):
        if number == FIRST and max(took) < fast:
            break
        started = time.perf_counter()
        answer = session.get(url, timeout=WAIT_SECONDS, allow_redirects=False)
        took.append(1000 * (time.perf_counter() - started))
        status = max(status, answer.status_code)
    p95 = statistics.quantiles(took, n=20, method="inclusive")[-1] if len(took) > 1 else took[0]
    return Measured(statistics.median(took), p95, max(took), status, len(took))
