import os
import re
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from tests.tts.engines.espeak.texts import HELLO, soon
from tests.tts.engines.espeak.workers import children_of, ends_within, eventually, pidfd, started_worker
from tts.engines.espeak.process import EspeakProcess

IDLE_WORKER = """
import sys
from tests.tts.engines.espeak.texts import HELLO, NI_HAO, soon
from tts.engines.espeak.process import EspeakProcess
process = EspeakProcess()
process.synthesize(HELLO, deadline=soon())
print(process.pid, flush=True)
sys.stdin.read()
"""

BUSY_WORKER = IDLE_WORKER.replace(
    "sys.stdin.read()",
    'while True: process.synthesize(NI_HAO._replace(text="好" * 1000), deadline=soon(60))',
)

FORKING_WORKER = """
import os, sys
from tests.tts.engines.espeak.texts import HELLO, soon
from tts.engines.espeak.process import EspeakProcess
process = EspeakProcess()
expected = process.synthesize(HELLO, deadline=soon())
server = process.pid
pid = os.fork()
if pid == 0:
    same = process.synthesize(HELLO, deadline=soon()) == expected
    other_server = process.pid != server
    process.close()
    os._exit(0 if same and other_server else 1)
status = os.waitpid(pid, 0)[1]
same = process.synthesize(HELLO, deadline=soon()) == expected
print(status, same, process.starts)
process.close()
"""


def stopped_fork(server: int) -> int | None:
    """A fork of the server, stopped at work: it cannot end by itself any more."""
    for fork in children_of(server):
        with suppress(ProcessLookupError, FileNotFoundError):
            # The CPU limit is the last thing a fork sets up before it works.
            if re.search(r"Max cpu time +\d+", Path(f"/proc/{fork}/limits").read_text()):
                os.kill(fork, signal.SIGSTOP)
                return fork
    return None


def test_server_ends_with_its_worker() -> None:
    with started_worker(IDLE_WORKER) as worker, pidfd(int(worker.read_line())) as server:
        worker.process.kill()
        assert ends_within(server, 1.0)


@pytest.mark.parametrize("victim", ["worker", "server"])
def test_fork_at_work_ends_with_the_worker_and_with_the_server(victim: str) -> None:
    with started_worker(BUSY_WORKER) as worker:
        pid = int(worker.read_line())
        with pidfd(pid) as server, pidfd(eventually(lambda: stopped_fork(pid))) as fork:
            if victim == "worker":
                worker.process.kill()
            else:
                # The worker would clean up after the server.
                worker.process.send_signal(signal.SIGSTOP)
                signal.pidfd_send_signal(server, signal.SIGKILL)
            assert ends_within(server, 1.0)
            assert ends_within(fork, 1.0)


def test_fork_of_a_worker_gets_a_server_of_its_own() -> None:
    with started_worker(FORKING_WORKER) as worker:
        assert worker.read_line().split() == ["0", "True", "1"]


def test_server_ignores_the_interrupt_key(process: EspeakProcess) -> None:
    process.synthesize(HELLO, deadline=soon())
    assert process.pid is not None
    assert os.getsid(process.pid) == process.pid
    os.kill(process.pid, signal.SIGINT)
    process.synthesize(HELLO, deadline=soon())
    assert process.starts == 1


def test_server_knows_no_secret_of_the_worker(
    process: EspeakProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOXGATE_SECRET_KEY", "not for others")
    process.synthesize(HELLO, deadline=soon())
    names = {
        line.partition("=")[0]
        for line in Path(f"/proc/{process.pid}/environ").read_text().split("\0")
        if line
    }
    assert names <= {"PYTHONPATH", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONHOME"}


def test_server_is_limited_and_holds_only_its_pipes(process: EspeakProcess) -> None:
    process.synthesize(HELLO, deadline=soon())
    limits = Path(f"/proc/{process.pid}/limits").read_text().splitlines()
    soft = {line[:26].strip(): line[26:].split()[0] for line in limits[1:]}
    assert soft["Max core file size"] == "0"
    assert soft["Max file size"] == "0"
    assert int(soft["Max address space"]) <= 1 << 30
    descriptors = Path(f"/proc/{process.pid}/fd")
    targets = [os.readlink(descriptor) for descriptor in descriptors.iterdir()]
    assert sum(target.startswith("pipe:") for target in targets) == 2
    assert all(target.startswith("pipe:") or target == os.devnull for target in targets)


def test_server_starts_from_any_directory(
    process: EspeakProcess, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "struct.py").write_text("raise SystemExit('imported from the working directory')")
    monkeypatch.chdir(tmp_path)
    assert process.synthesize(HELLO, deadline=soon())


def test_server_loads_neither_numpy_nor_django(process: EspeakProcess) -> None:
    process.synthesize(HELLO, deadline=soon())
    mapped = Path(f"/proc/{process.pid}/maps").read_text()
    assert "libespeak-ng" in mapped
    assert "numpy" not in mapped
    resident = Path(f"/proc/{process.pid}/statm").read_text().split()[1]
    assert int(resident) * os.sysconf("SC_PAGE_SIZE") < 40 << 20
