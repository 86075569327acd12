"""Workers die, queues forget: requests end all the same, once."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.test_faults import add_voice
from tests.fixture_voices import Fault
from tests.system import System, problem_of, running_system, wait_for

LONG = "今天天气很好，我们一起去公园散步，然后回家吃饭，晚上早点休息。"


@pytest.fixture(scope="module")
def lone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system with one worker, and a voice that hangs so that there is a middle to kill it in."""
    with running_system(tmp_path_factory.mktemp("lone"), VOXGATE_WORKERS="1") as system:
        add_voice(system, "hangs", fault=Fault.HANG)
        yield system


def only_worker(system: System) -> tuple[str, int]:
    workers = wait_for(system.workers, what="a worker")
    ((name, pid),) = workers.items()
    return name, pid


def running_request(system: System) -> tuple[str, str]:
    """Id and worker of the request that is being spoken."""
    rows = wait_for(
        lambda: system.sql("SELECT id::text, worker FROM tts_synthesisrequest WHERE status = 'running'"),
        what="a running request",
    )
    return rows[0][0], rows[0][1]


def nothing_unfinished(system: System) -> bool:
    query = "SELECT count(*) FROM tts_synthesisrequest WHERE status IN ('queued', 'running')"
    return system.sql(query) == [(0,)]


def test_a_request_survives_the_death_of_its_worker(lone: System) -> None:
    _, pid = only_worker(lone)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(lone.speak, LONG, voice="hangs", timeout=14, reference="survivor")
        request, worker = running_request(lone)
        os.kill(pid, signal.SIGKILL)
        response = answer.result(timeout=20)

    assert response.status_code == 200, response.text
    assert response.elapsed.total_seconds() < 14
    assert worker.endswith(f".{pid}")
    ((claim, status),) = lone.sql("SELECT claim, status FROM tts_synthesisrequest WHERE id = %s", request)
    assert (claim, status) == (2, "succeeded")
    assert lone.sql("SELECT count(*) FROM tts_usageevent WHERE request_id = %s", request) == [(1,)]
    assert nothing_unfinished(lone)


def test_a_request_that_kills_every_worker_fails_on_record(lone: System) -> None:
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(lone.speak, LONG, voice="hangs", timeout=15, reference="poison")
        killed: set[str] = set()
        for _ in range(3):
            _, worker = wait_for(
                lambda: next((row for row in [_running(lone)] if row and row[1] not in killed), None),
                seconds=40,
                what="the request on the next worker",
            )
            killed.add(worker)
            os.kill(int(worker.rpartition(".")[2]), signal.SIGKILL)
        response = answer.result(timeout=20)

    assert response.status_code in (500, 504), response.text
    ((status, code),) = lone.sql(
        "SELECT status, error_code FROM tts_synthesisrequest WHERE reference = 'poison'"
    )
    assert (status, code) in [("failed", "worker_lost"), ("expired", "deadline_exceeded")]
    assert nothing_unfinished(lone)
    wait_for(lambda: lone.speak("你好").status_code == 200, seconds=20, what="speech again")


def _running(system: System) -> tuple[str, str] | None:
    rows = system.sql("SELECT id::text, worker FROM tts_synthesisrequest WHERE status = 'running'")
    return (rows[0][0], rows[0][1]) if rows else None


def test_a_row_the_queue_forgot_is_queued_again(lone: System) -> None:
    """The queue's Redis loses everything while a request waits behind a slow one."""
    import redis

    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(lone.speak, LONG, voice="hangs", timeout=4)
        running_request(lone)
        waiting = pool.submit(lone.speak, "你好", reference="forgotten")
        wait_for(
            lambda: lone.sql("SELECT 1 FROM tts_synthesisrequest WHERE reference = 'forgotten'"),
            what="the row",
        )
        redis.Redis.from_url(lone.services["REDIS_URL"]).flushall()
        assert waiting.result(timeout=20).status_code == 200
        assert slow.result(timeout=20).status_code == 200
    assert nothing_unfinished(lone)


def test_a_stopped_worker_is_not_waited_for(lone: System) -> None:
    """No process to serve it: the caller gets a 504 at its deadline, the row says expired, nothing is charged."""
    _, pid = only_worker(lone)
    os.kill(pid, signal.SIGSTOP)
    try:
        response = lone.speak("你好", timeout=1.5, reference="late")
    finally:
        os.kill(pid, signal.SIGCONT)
    assert response.status_code == 504
    assert response.headers["x-should-retry"] == "false"
    assert problem_of(response)["code"] == "deadline_exceeded"
    rows = lone.sql("SELECT id, status FROM tts_synthesisrequest WHERE reference = 'late'")
    assert [status for _, status in rows] == ["expired"]
    assert lone.sql("SELECT sum(characters) FROM tts_usageevent WHERE request_id = %s", rows[0][0]) == [(0,)]
    wait_for(lambda: lone.speak("你好").status_code == 200, seconds=20, what="speech again")


def test_a_client_that_hangs_up_cancels_its_request(lone: System) -> None:
    import contextlib

    import requests

    with contextlib.suppress(requests.exceptions.ReadTimeout):
        lone.session.post(
            lone.base_url + "/api/tts",
            json={"text": LONG, "voice": "hangs", "reference": "gone"},
            headers={"Authorization": f"Bearer {lone.key}"},
            timeout=0.5,
        )
    query = "SELECT status FROM tts_synthesisrequest WHERE reference = 'gone'"
    assert wait_for(lambda: lone.sql(query)[0][0] != "running", what="an end")
    assert lone.sql(query) == [("canceled",)]
    # The one worker was told to stop: left to itself it would be busy for another ten seconds.
    assert lone.speak("你好", timeout=5).status_code == 200


def test_readiness_names_what_is_missing(lone: System) -> None:
    _, pid = only_worker(lone)
    os.kill(pid, signal.SIGSTOP)
    try:
        unready = wait_for(
            lambda: [found for found in [lone.get("/readyz").json()] if found["failing"]], what="unready"
        )
        assert unready[0]["failing"] == ["fallback", "workers"]
        assert lone.get("/livez").status_code == 200
    finally:
        os.kill(pid, signal.SIGCONT)
    wait_for(lambda: lone.get("/readyz").status_code == 200, what="ready again")
