"""Every page of the admin over a large history: `python -m benchmarks.admin_at_scale [--data DIRECTORY]`.

Seeds a Postgres of its own, runs gunicorn as production does, logs in as a superuser, an operator, somebody of finance
and a member of a tenant, and opens every page that the URL table has, every filter that a list offers, pairs of them,
searches and far pages, 30 times each, one after the other. Pages whose first five answers all stayed within a quarter
of the limit are not opened again. Prints the median, 95th percentile and longest time in milliseconds with the number
of queries and the time they took, and how Postgres answered the slowest query of what took too long. Exits with 1 when
a 95th percentile is over the limit or a page fails. With `--data` the servers' files stay there, and the next run needs
no seeding.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.admin_pages.measuring import Measured, measure
from benchmarks.admin_pages.server import Server, running_server

LIMIT_MILLISECONDS = 300.0


def main() -> int:
    wish = _arguments()
    with _directory(wish.data) as directory, running_server(directory) as server:
        server.seed(requests=wish.requests, attempts=wish.attempts)
        with server.serving():
            return _report(server, wish)


def _report(server: Server, wish: argparse.Namespace) -> int:
    # Django is set up by now, and not before: it reads the servers' addresses.
    from benchmarks.admin_pages.explaining import explain
    from benchmarks.admin_pages.pages import PEOPLE, Visit, visits

    slow: list[tuple[Visit, Measured]] = []
    print(f"{'p50':>7} {'p95':>7} {'max':>7} {'times':>5} {'queries':>7} {'Postgres':>8} status who: page")
    for visit in visits(tuple(wish.who or PEOPLE), wish.only):
        session = server.session(visit.who)
        found = measure(session, server.base_url + visit.path, wish.times, fast=wish.limit / 4)
        times = f"{found.p50:7.1f} {found.p95:7.1f} {found.longest:7.1f} {found.times:5}"
        queries, in_postgres = visit.cost()
        print(f"{times} {queries:7} {in_postgres:8.1f} {found.status}  {visit}", flush=True)
        if found.p95 > wish.limit or found.status >= 500:
            slow.append((visit, found))
    print(f"\n{len(slow)} over {wish.limit:.0f} ms or failed")
    for visit, found in slow:
        print(f"\n== {visit}: {found.p95:.0f} ms, status {found.status}")
        print(explain(visit))
    return 1 if slow else 0


@contextmanager
def _directory(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="voxgate-scale-") as temporary:
        # Postgres runs as another user when this runs as root.
        Path(temporary).chmod(0o755)
        yield Path(temporary)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, help="keep the servers' files here")
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--attempts", type=int, default=3_000_000)
    parser.add_argument(
        "--times", type=int, default=30, help="how often each page is opened (default: %(default)s)"
    )
    parser.add_argument(
        "--limit", type=float, default=LIMIT_MILLISECONDS, help="milliseconds (default: %(default)s)"
    )
    parser.add_argument("--only", default="", metavar="TEXT", help="pages whose address contains this")
    parser.add_argument("--who", action="append", help="only this person; may be given several times")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
