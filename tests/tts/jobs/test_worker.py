"""The watchdog of a worker, in a process that it may end."""

import subprocess
import sys

from tests.system import ROOT

HANGS = """
import threading
import django
django.setup()
from tts.jobs import worker
worker.OVERTIME_SECONDS = 0.2
worker._end_process_in({first})
worker._end_process_in({last})
threading.Event().wait({hangs})
print("came back")
"""


def ends(**seconds: float) -> subprocess.CompletedProcess[str]:
    program = HANGS.format(**seconds)
    return subprocess.run(
        [sys.executable, "-c", "import sys; sys.path[:0] = ['.', 'platform']\n" + program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_worker_ends_when_its_request_is_long_past_its_deadline() -> None:
    process = ends(first=60.0, last=-5.0, hangs=30.0)
    assert process.returncode == 1
    assert "came back" not in process.stdout
    assert "Timeout" in process.stderr


def test_a_deadline_that_is_far_takes_the_place_of_one_that_was_near() -> None:
    process = ends(first=0.0, last=60.0, hangs=1.0)
    assert (process.returncode, process.stdout) == (0, "came back\n")
