"""What a large usage export costs: `python -m tests.services python -m benchmarks.export_lines [--lines 1000000]`.

Makes that many usage events of one month in an empty Postgres, streams them as line items through a real gunicorn, and
has the background worker write them as a workbook. Prints the seconds until the first byte of the file, those for all
of it, megabytes per second, and by how much the memory of the serving process grew. Exits with 1 when a stream's first
byte takes a second or more, or when memory grows by 50 MB or more.
"""

import argparse
import contextlib
import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.proofs.django_here import set_up
from tests.system import ROOT, free_port, wait_for

FIRST_BYTE_SECONDS = 1.0
GROWTH_BYTES = 50_000_000
TARGET = "/api/usage/export?detail=lines&from=2026-05-01&to=2026-05-31&timezone=UTC"
ONE_DAY = "/api/usage/export?detail=lines&from=2026-05-01&to=2026-05-01&timezone=UTC"

EVENTS = """
INSERT INTO tts_usageevent (id, request_id, tenant_id, api_key_id, api_key_name, at, outcome, error_code, characters,
    audio_seconds, engine, voice, fallback, reference)
SELECT gen_random_uuid(), gen_random_uuid(), %(tenant)s, %(key)s, 'app', '2026-05-01Z'::timestamptz
        + number * interval '31 days' / %(lines)s,
    CASE WHEN number %% 50 = 0 THEN 'failed' ELSE 'succeeded' END,
    CASE WHEN number %% 50 = 0 THEN 'synthesis_failed' ELSE '' END,
    CASE WHEN number %% 50 = 0 THEN 0 ELSE number %% 800 END, (number %% 90000) / 1000.0,
    CASE WHEN number %% 20 = 0 THEN 'espeak' ELSE 'onnx' END, 'zh_CN-voice-' || number %% 12,
    CASE WHEN number %% 20 = 0 THEN 'error' ELSE 'none' END, 'book-' || number %% 5000
FROM generate_series(0, %(lines)s - 1) number
"""
BUCKETS = """
INSERT INTO tts_usagebucket (tenant_id, api_key_id, starts_at, outcome, engine, voice, fallback, requests, characters,
    audio_seconds)
SELECT tenant_id, api_key_id, date_bin('15 minutes', at, '2000-01-01T00:00Z'), outcome, engine, voice, fallback,
    count(*), sum(characters), sum(audio_seconds)
FROM tts_usageevent GROUP BY 1, 2, 3, 4, 5, 6, 7
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one file: `first_seconds` until its first byte (None where nobody waits for it), `grown` in bytes."""

    name: str
    first_seconds: float | None
    seconds: float
    size: int
    grown: int

    @property
    def kept(self) -> bool:
        return (self.first_seconds or 0.0) < FIRST_BYTE_SECONDS and self.grown < GROWTH_BYTES

    def __str__(self) -> str:
        first = "-" if self.first_seconds is None else f"{self.first_seconds:.2f} s"
        megabytes = self.size / 1e6
        return (
            f"{self.name:<16}{first:>12}{self.seconds:>10.1f} s{megabytes:>10.1f} MB"
            f"{megabytes / self.seconds:>9.1f} MB/s{self.grown / 1e6:>11.1f} MB  {'kept' if self.kept else 'BROKEN'}"
        )


SETTLING_SECONDS = 1.0
"""What a process that was just forked takes until its own pages count as its own."""


def memory(pid: int) -> dict[str, int]:
    """`VmRSS` and `VmHWM` of a process in bytes; empty when it is gone."""
    # It may end between two looks.
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        parts = [line.split() for line in lines if line.startswith(("VmRSS:", "VmHWM:"))]
        return {name.rstrip(":"): int(kilobytes) * 1024 for name, kilobytes, _ in parts}
    return {}


def children(pid: int) -> list[int]:
    # As above.
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


@contextlib.contextmanager
def gunicorn() -> Iterator[tuple[int, int]]:
    """A server with one process; its port, and the pid of that process."""
    port = free_port()
    configuration = ROOT / "platform" / "voxgate" / "ops" / "gunicorn_conf.py"
    command = [sys.executable, "-m", "gunicorn", "voxgate.wsgi:application", "-c", str(configuration)]
    environment = os.environ | {
        "VOXGATE_HOST": "127.0.0.1",
        "VOXGATE_PORT": str(port),
        "VOXGATE_WEB_PROCESSES": "1",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "platform")]),
    }
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: answers(port), seconds=60, what="gunicorn")
        (serving,) = children(process.pid)
        yield port, serving
    finally:
        process.terminate()
        process.wait(60)


def answers(port: int) -> bool:
    try:
        return get(port, "/livez", "").status == 200
    except OSError:
        return False


def get(port: int, target: str, key: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", target, headers={"Authorization": f"Bearer {key}"})
    return connection.getresponse()


def streamed(port: int, pid: int, key: str, file_format: str) -> Cost:
    # What is imported and cached with the first of its kind is not this file's.
    get(port, f"{ONE_DAY}&format={file_format}", key).read()
    before = memory(pid)["VmRSS"]
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    began = time.monotonic()
    response = get(port, f"{TARGET}&format={file_format}", key)
    size = len(response.read(1))
    first = time.monotonic() - began
    while part := response.read(1 << 20):
        size += len(part)
    seconds = time.monotonic() - began
    if response.status != 200:
        raise SystemExit(f"{TARGET} was answered with {response.status}")
    return Cost(f"{file_format}, stream", first, seconds, size, memory(pid)["VmHWM"] - before)


def written_by_a_job(tenant: Any, file_format: str) -> Cost:
    """As the admin asks for it, written by a worker of its own that ends afterwards."""
    from datetime import date
    from zoneinfo import ZoneInfo

    from django.contrib.auth.models import User
    from django.utils import timezone

    from accounts.actors import SYSTEM
    from tts.exports.columns import Detail
    from tts.exports.file_formats import FileFormat
    from tts.services.export_bounds import Asker
    from tts.services.export_files import ExportSpec
    from tts.services.exports import export_request
    from tts.usage.ranges import UsageRange

    span = UsageRange(date(2026, 5, 1), date(2026, 5, 31), ZoneInfo("UTC"))
    spec = ExportSpec(tenant, span, FileFormat(file_format), Detail.LINES)
    user = User.objects.get_or_create(username="finance")[0]
    export = export_request(spec=spec, asker=Asker(user=user), actor=SYSTEM, now=timezone.now())
    command = [sys.executable, str(ROOT / "manage.py"), "backgroundworker", "--burst"]
    process = subprocess.Popen(command, env=os.environ, cwd=ROOT)
    least, most = 0, 0
    began: float | None = None
    while process.poll() is None:
        for horse in children(process.pid):
            seen = memory(horse)
            began = began or time.monotonic()
            if time.monotonic() - began < SETTLING_SECONDS:
                least = max(least, seen.get("VmRSS", 0))
            most = max(most, seen.get("VmHWM", 0))
        time.sleep(0.02)
    export.refresh_from_db()
    if export.started_at is None or export.finished_at is None or not export.file_bytes:
        raise SystemExit(f"the export {export.status}: {export.error_code}")
    seconds = (export.finished_at - export.started_at).total_seconds()
    return Cost(f"{file_format}, job", None, seconds, export.file_bytes, most - least)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--formats", nargs="*", default=["csv", "ndjson"], help="to stream")
    parser.add_argument("--jobs", nargs="*", default=["xlsx"], help="to have written by the worker")
    options = parser.parse_args()
    set_up()
    from django.db import connection

    from tests.cast import member

    owner = member("alice")
    with connection.cursor() as cursor:
        values = {"tenant": owner.tenant.pk, "key": owner.row.pk, "lines": options.lines}
        cursor.execute(EVENTS, values)
        cursor.execute(BUCKETS)
        cursor.execute("ANALYZE")
    print(f"{options.lines} lines", flush=True)
    print(f"{'':<16}{'first byte':>12}{'in all':>12}{'size':>13}{'speed':>14}{'memory':>14}", flush=True)
    costs = []
    with gunicorn() as (port, pid):
        for file_format in options.formats:
            costs.append(streamed(port, pid, owner.key, file_format))
            print(costs[-1], flush=True)
    for file_format in options.jobs:
        costs.append(written_by_a_job(owner.tenant, file_format))
        print(costs[-1], flush=True)
    return int(not all(cost.kept for cost in costs))


if __name__ == "__main__":
    sys.exit(main())
