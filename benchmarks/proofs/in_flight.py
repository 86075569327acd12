"""A running Voxgate in the middle of its work loses Redis' memory, its clients or its workers.

What is in flight and reserved has to be back at 0 soon afterwards, and nothing is restarted for it but the workers that
were killed.
"""

import contextlib
import json
import os
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

import redis

from benchmarks.proofs.table import Verdict
from tests.system import System, wait_for

ENGINE = "tests.engines_for_tests:build_steady"
"""Takes 0.2 s for everything."""

CLIENTS = 24
TEXT = "今天天气很好。"
TIMEOUT_SECONDS = 14.0
"""Of each request: far above what all of them take together, so that nothing is mended by running out."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was `in_flight` when it happened, `seconds` until that was 0 again, and what clients were answered.

    A client that hung up has the status 0. `reserved` and `in_flight_after` are what is left in the end; `used` and
    `charged` are characters by the periods and by the usage events.
    """

    in_flight: int
    seconds: float
    statuses: Counter[int]
    in_flight_after: int
    reserved: int
    used: int
    charged: int

    @property
    def is_clean(self) -> bool:
        return self.in_flight_after == self.reserved == 0 and self.used == self.charged


def memory_lost(system: System) -> Recovery:
    """FLUSHALL of both servers."""

    def flush() -> None:
        for name in ("REDIS_URL", "REDIS_VOLATILE_URL"):
            with contextlib.closing(redis.Redis.from_url(system.services[name])) as server:
                server.flushall()

    return _in_the_middle(system, flush)


def workers_killed(system: System) -> Recovery:
    """SIGKILL of every worker."""

    def kill() -> None:
        for pid in system.workers().values():
            os.kill(pid, signal.SIGKILL)

    return _in_the_middle(system, kill)


def clients_gone(system: System) -> Recovery:
    """Every client that has no answer yet hangs up."""
    return _in_the_middle(system, lambda: None, hang_up=True)


def in_flight(system: System) -> int:
    """Requests that are queued or running."""
    ((count,),) = system.sql(
        "SELECT count(*) FROM tts_synthesisrequest WHERE status IN ('queued', 'running')"
    )
    return int(count)


def _in_the_middle(system: System, happen: Callable[[], None], *, hang_up: bool = False) -> Recovery:
    clients = [_Client(system) for _ in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = [pool.submit(client.ask) for client in clients]
        # All on record, and work has begun.
        found = wait_for(lambda: _begun(system), what="work")
        happen()
        if hang_up:
            for client in clients:
                client.hang_up()
            wait_for(lambda: all(answer.done() for answer in answers), what="clients gone")
        began = time.monotonic()
        wait_for(lambda: in_flight(system) == 0, seconds=60, what="nothing in flight")
        seconds = time.monotonic() - began
    ((reserved, used),) = system.sql(
        "SELECT sum(reserved_characters), sum(used_characters) FROM accounts_usageperiod WHERE api_key_id IS NULL"
    )
    ((charged,),) = system.sql("SELECT coalesce(sum(characters), 0) FROM tts_usageevent")
    statuses = Counter(answer.result() for answer in answers)
    return Recovery(found, seconds, statuses, in_flight(system), int(reserved), int(used), int(charged))


def _begun(system: System) -> int:
    ((unfinished, running),) = system.sql(
        "SELECT count(*), count(*) FILTER (WHERE status = 'running') FROM tts_synthesisrequest"
        " WHERE status IN ('queued', 'running')"
    )
    return int(unfinished) if running and unfinished > CLIENTS // 2 else 0


class _Client:
    """Asks once, on a connection of its own."""

    def __init__(self, system: System) -> None:
        self._key = system.key
        address = urlsplit(system.base_url)
        self._connection = HTTPConnection(address.hostname or "", address.port, timeout=40)
        self._connection.connect()

    def ask(self) -> int:
        """The status of the answer; 0 for none."""
        body = json.dumps({"text": TEXT, "timeout": TIMEOUT_SECONDS, "engine": "primary"})
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        with contextlib.closing(self._connection):
            try:
                self._connection.request("POST", "/api/tts", body, headers)
                return self._connection.getresponse().status
            except (HTTPException, OSError):  # it hung up: no answer is an answer here
                return 0

    def hang_up(self) -> None:
        """End the connection, from another thread than the one that waits for an answer."""
        # Whoever has an answer has closed it already.
        with contextlib.suppress(OSError, AttributeError):
            self._connection.sock.shutdown(socket.SHUT_RDWR)


def verdict(subject: str, recovery: Recovery, *, within_seconds: float) -> Verdict:
    """`within_seconds` bounds how long it took until nothing was in flight."""
    return Verdict(
        f"in flight, {subject}",
        f"0 within {within_seconds:g} s",
        f"{recovery.in_flight_after} after {recovery.seconds:.1f} s",
        recovery.is_clean and recovery.seconds <= within_seconds,
    )
