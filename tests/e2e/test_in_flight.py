"""What is in flight is counted from rows: whatever is lost, it comes back to nothing by itself."""

from collections.abc import Iterator

import pytest

from benchmarks.proofs.in_flight import CLIENTS, ENGINE, clients_gone, memory_lost, workers_killed
from tests.system import System, running_system

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Two workers that take 0.2 s for a request."""
    data = tmp_path_factory.mktemp("busy")
    with running_system(data, VOXGATE_WORKERS="2", VOXGATE_PRIMARY_ENGINE=ENGINE) as system:
        yield system


def told_in_flight(system: System) -> str:
    return system.get("/api/account").headers["Current-Concurrent-Requests"]


def test_after_redis_has_forgotten_everything_every_request_is_answered(busy: System) -> None:
    recovery = memory_lost(busy)
    assert recovery.is_clean, recovery
    assert recovery.in_flight > CLIENTS // 2
    assert recovery.statuses == {200: CLIENTS}
    assert recovery.seconds < 12
    assert told_in_flight(busy) == "0"


def test_clients_that_hang_up_leave_nothing_in_flight(busy: System) -> None:
    recovery = clients_gone(busy)
    assert recovery.is_clean, recovery
    # Some of those that were in flight may have had their answer before the last one hung up.
    assert recovery.statuses[0] > CLIENTS // 3
    assert recovery.seconds < 4
    assert told_in_flight(busy) == "0"


def test_after_all_workers_were_killed_every_request_is_answered(busy: System) -> None:
    before = set(busy.workers())
    recovery = workers_killed(busy)
    assert recovery.is_clean, recovery
    assert recovery.statuses == {200: CLIENTS}
    assert recovery.seconds < 14
    assert told_in_flight(busy) == "0"
    assert not before & set(busy.workers())
