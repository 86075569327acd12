import io
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from voxgate.ops.embedded.process import is_alive, wait_until
from voxgate.ops.up.child import Child, ChildSpec
from voxgate.ops.up.console import Console
from voxgate.ops.up.errors import StartFailed, StopRequested
from voxgate.ops.up.signals import Signals
from voxgate.ops.up.supervisor import Supervised, Supervisor

# Each names itself in the file when it is up, and says so when it is asked to end.
OBEDIENT = """
import pathlib, signal, sys
def note(text):
    with open({notes!r}, "a") as file:
        file.write(text + "\\n")
signal.signal(signal.SIGTERM, lambda *_: (note("{name} ends"), sys.exit(0)))
note("{name} is up")
signal.pause()
"""
STUBBORN = OBEDIENT.replace(", sys.exit(0))", ",)").replace("signal.pause()", "while True: signal.pause()")


class House:
    """A supervisor, its notes and what it said."""

    def __init__(self, directory: Path, signals: Signals) -> None:
        self.directory = directory
        self.signals = signals
        self.notes_file = directory / "notes"
        self.said = io.StringIO()
        self.deaths: list[tuple[str, int | None, int]] = []
        self.console = Console(self.said)
        self.supervisor = Supervisor(signals, self.console, self._died)

    def _died(self, process: Supervised, code: int) -> None:
        self.deaths.append((process.name, process.pid, code))

    def child(self, name: str, program: str = OBEDIENT, stop_seconds: float = 30) -> Child:
        code = program.format(notes=str(self.notes_file), name=name)
        command = (sys.executable, "-S", "-c", code)
        return Child(ChildSpec(name, command, dict(os.environ), self.directory, stop_seconds), self.directory)

    def notes(self) -> list[str]:
        return self.notes_file.read_text().splitlines() if self.notes_file.exists() else []

    def watch_until_noted(self, *expected: str) -> None:
        self.supervisor.watch(lambda: set(expected) <= set(self.notes()), every_seconds=0.01)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with Signals() as signals:
        house = House(tmp_path, signals)
        yield house
        house.supervisor.stop()


def test_stages_stop_in_the_reverse_order_of_their_start(house: House) -> None:
    names = ("database", "worker", "web")
    for name in names:
        house.supervisor.start(house.child(name))
    house.watch_until_noted(*(f"{name} is up" for name in names))
    house.supervisor.stop()
    assert house.notes()[3:] == ["web ends", "worker ends", "database ends"]


def test_what_dies_is_reported_with_its_old_pid_and_started_again(house: House) -> None:
    child = house.child("worker")
    house.supervisor.start(child)
    house.watch_until_noted("worker is up")
    old = child.pid
    assert old is not None
    os.kill(old, signal.SIGKILL)
    house.supervisor.watch(lambda: house.notes().count("worker is up") == 2, every_seconds=5)
    assert house.deaths == [("worker", old, -signal.SIGKILL)]
    assert child.pid != old
    assert f"worker (pid {old}) was ended by signal 9; it is started again in 0.0 s" in house.said.getvalue()


def test_a_worker_that_retires_is_replaced_without_a_word(house: House) -> None:
    child = house.child("worker")
    house.supervisor.start(child)
    house.watch_until_noted("worker is up")
    child.ask_to_stop()
    house.supervisor.watch(lambda: house.notes().count("worker is up") == 2, every_seconds=0.01)
    assert house.said.getvalue() == ""


def test_what_ignores_the_request_is_killed_when_its_time_is_over(house: House) -> None:
    child = house.child("stubborn", STUBBORN, stop_seconds=0.2)
    house.supervisor.start(child)
    house.watch_until_noted("stubborn is up")
    house.supervisor.stop()
    assert child.poll() == -signal.SIGKILL
    assert house.notes()[-1] == "stubborn ends"
    assert "stubborn did not stop in time and is killed" in house.said.getvalue()


def test_a_second_signal_hurries(house: House) -> None:
    child = house.child("stubborn", STUBBORN, stop_seconds=60)
    house.supervisor.start(child)
    house.watch_until_noted("stubborn is up")

    def interrupt_once_asked() -> None:
        wait_until(lambda: "stubborn ends" in house.notes(), 20)
        os.kill(os.getpid(), signal.SIGINT)

    impatient = threading.Thread(target=interrupt_once_asked)
    impatient.start()
    house.supervisor.stop()
    impatient.join()
    assert child.poll() == -signal.SIGKILL


def test_grandchildren_do_not_outlive_a_killed_child(house: House) -> None:
    program = (
        "import subprocess, sys, time\n"
        "inner = subprocess.Popen([sys.executable, '-S', '-c', 'import signal; signal.pause()'])\n"
        "open({notes!r}, 'a').write(f'{{inner.pid}}\\n')\ninner.wait() # {name}\n"
    )
    child = house.child("parent", program)
    house.supervisor.start(child)
    house.supervisor.watch(lambda: bool(house.notes()), every_seconds=0.01)
    child.kill()
    assert wait_until(lambda: not is_alive(int(house.notes()[0])), 10)


def test_a_signal_ends_the_watch(house: House) -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    house.supervisor.watch()
    with pytest.raises(StopRequested):
        house.supervisor.watch(lambda: False)
    with pytest.raises(StopRequested):
        house.supervisor.start()


def test_three_deaths_before_readiness_end_the_start(house: House) -> None:
    house.supervisor.start(
        house.child("broken", "print('no database for {name}'); raise SystemExit(1) # {notes}")
    )
    with pytest.raises(StartFailed, match=r"broken does not start"):
        house.supervisor.watch(lambda: False)
    assert house.said.getvalue().count("    no database for broken") == 1 + 2 + 3
    assert len(house.deaths) == 3
