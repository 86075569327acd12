"""Fifty people at once, on a fresh system: `python -m benchmarks.article_load [--users 50] [--seconds 60]`.

Starts Voxgate as `make run` does, on a temporary data directory and a free port, runs `examples/locustfile.py`
against it and prints the response times beside the figures of the article whose load this is. The load generator
shares the machine with the server. Exits with 1 when any request failed.
"""

import argparse
import csv
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.system import ROOT, running_system

ARTICLE_MEAN_SECONDS = 3.2
ARTICLE_P95_SECONDS = 4.7
_MILLISECOND = 0.001


@dataclass(frozen=True, slots=True)
class LoadResult:
    """Totals of a locust run; times in seconds from request to last byte."""

    requests: int
    failures: int
    requests_per_second: float
    mean: float
    p50: float
    p95: float
    longest: float


def run_locust(address: str, key: str, results: Path, *, users: int, seconds: int) -> LoadResult:
    """Load `address` with `users` who arrive within two seconds, for `seconds`. Files go below `results`.

    Raises `RuntimeError` with locust's last lines when it wrote no results.
    """
    prefix = results / "load"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "locust", "-f", str(ROOT / "examples" / "locustfile.py")),
            *("--host", address, "--headless", "--only-summary", "--csv", str(prefix)),
            *("-u", str(users), "-r", str(max(1, users // 2)), "-t", f"{seconds}s", "--stop-timeout", "30"),
        ],
        env={**os.environ, "VOXGATE_KEY": key},
        cwd=results,
        capture_output=True,
        text=True,
        timeout=seconds + 120,
        check=False,
    )
    stats = Path(f"{prefix}_stats.csv")
    if not stats.exists():
        raise RuntimeError(f"locust ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return read_stats(stats)


def read_stats(path: Path) -> LoadResult:
    """The line `Aggregated` of a `…_stats.csv`."""
    with path.open(newline="", encoding="utf-8") as file:
        total = next(row for row in csv.DictReader(file) if row["Name"] == "Aggregated")
    return LoadResult(
        requests=int(total["Request Count"]),
        failures=int(total["Failure Count"]),
        requests_per_second=float(total["Requests/s"]),
        mean=float(total["Average Response Time"]) * _MILLISECOND,
        p50=float(total["50%"]) * _MILLISECOND,
        p95=float(total["95%"]) * _MILLISECOND,
        longest=float(total["Max Response Time"]) * _MILLISECOND,
    )


def report(result: LoadResult, *, users: int, seconds: int) -> str:
    """A table for people."""
    lines = [
        f"{users} users for {seconds} s on {os.cpu_count()} cores: {result.requests} requests, "
        f"{result.failures} failed, {result.requests_per_second:.1f} requests/s",
        "",
        f"{'seconds':<10}{'here':>8}{'article':>10}",
        f"{'mean':<10}{result.mean:>8.2f}{ARTICLE_MEAN_SECONDS:>10.1f}",
        f"{'P50':<10}{result.p50:>8.2f}",
        f"{'P95':<10}{result.p95:>8.2f}{ARTICLE_P95_SECONDS:>10.1f}",
        f"{'max':<10}{result.longest:>8.2f}",
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description="Load a fresh Voxgate with 50 users.")
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="voxgate-bench-") as directory:
        results = Path(directory, "results")
        results.mkdir()
        with running_system(Path(directory, "data")) as system:
            result = run_locust(
                system.base_url, system.key, results, users=options.users, seconds=options.seconds
            )
    sys.stdout.write(report(result, users=options.users, seconds=options.seconds))
    return 1 if result.failures or not result.requests else 0


if __name__ == "__main__":
    sys.exit(main())
