import time
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from tests.outages import database_away, redis_away
from tests.tts.background_workers import registered
from tests.tts.rows import queued_jobs
from tts.connections import speech_queue
from tts.services.leases import EngineFacts, WorkerFacts, lease_renew

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_redis")]

FALLBACK = EngineFacts("fallback", "espeak", ok=True, at=time.time() - 30, seconds=0.01, voices_ready=4)
NO_VOICE = EngineFacts("primary", "onnx", ok=False, at=0.0, seconds=0.0, voices_ready=0, problem="no-voice")
SICK = EngineFacts(
    "fallback", "espeak", ok=False, at=time.time(), seconds=0.3, voices_ready=4, problem="error"
)


@pytest.fixture
def clean_redis() -> None:
    from tests.outages import flush_redis

    flush_redis()


def worker(name: str, *engines: EngineFacts) -> None:
    lease_renew(facts=WorkerFacts(name, started_at=0.0, jobs=0, engines=engines))


def ready() -> tuple[int, dict[str, Any]]:
    response = Client().get("/readyz")
    assert response["Cache-Control"] == "no-store"
    return response.status_code, response.json()


def test_ready_is_who_would_speak_now_with_the_fallback_alone() -> None:
    worker("one.1", NO_VOICE, FALLBACK)
    status, body = ready()
    assert (status, body["status"], body["failing"]) == (200, "ready", [])
    assert body["parts"]["primary"] == {
        "ok": False,
        "required": False,
        "engine": "onnx",
        "voices_ready": 0,
        "problem": "no-voice",
    }
    fallback = body["parts"]["fallback"]
    assert (fallback["ok"], fallback["engine"], fallback["synthesis_seconds"]) == (True, "espeak", 0.01)
    assert fallback["age_seconds"] > 25


def test_without_workers_nobody_would_speak() -> None:
    status, body = ready()
    assert (status, body["failing"]) == (503, ["fallback", "workers"])


def test_one_sick_worker_of_two_is_no_outage() -> None:
    worker("one.1", NO_VOICE, SICK)
    assert ready()[1]["failing"] == ["fallback"]
    worker("two.2", NO_VOICE, FALLBACK)
    status, body = ready()
    assert (status, body["parts"]["workers"]["alive"]) == (200, 2)


def test_the_length_of_the_queue_is_told() -> None:
    worker("one.1", NO_VOICE, FALLBACK)
    speech_queue().enqueue_call("tts.jobs.speech.speak", args=("x",), job_id="x")
    assert queued_jobs() == ["x"]
    assert ready()[1]["parts"]["queue"] == {"ok": True, "waiting": 1}


def test_background_workers_are_told_of_and_speaking_needs_none() -> None:
    worker("one.1", NO_VOICE, FALLBACK)
    idle, unserved = {"alive": 1, "waiting": 0}, {"alive": 0, "waiting": 0}
    status, body = ready()
    assert (status, body["failing"]) == (200, [])
    queues = {"background": unserved, "housekeeping": unserved}
    assert body["parts"]["background"] == {"ok": False, "required": False, "queues": queues}
    with registered("background"):
        assert ready()[1]["parts"]["background"]["ok"] is False
    with registered("background", "housekeeping"):
        queues = {"background": idle, "housekeeping": idle}
        assert ready()[1]["parts"]["background"] == {"ok": True, "required": False, "queues": queues}
    with redis_away(volatile=False):
        problem = {"ok": False, "required": False, "problem": "ConnectionError"}
        assert ready()[1]["parts"]["background"] == problem


@pytest.mark.parametrize(
    ("away", "failing"),
    [
        ({"volatile": False}, ["queue"]),
        ({"queue": False}, ["fallback", "redis", "workers"]),
    ],
    ids=["the queue", "the volatile one"],
)
def test_a_redis_that_is_away_is_named(away: dict[str, bool], failing: list[str]) -> None:
    worker("one.1", NO_VOICE, FALLBACK)
    with redis_away(**away):
        status, body = ready()
    assert (status, body["failing"]) == (503, failing)
    part = body["parts"]["queue" if "queue" in failing else "redis"]
    assert part == {"ok": False, "problem": "ConnectionError"}


def test_a_database_that_is_away_is_named_and_the_process_still_lives() -> None:
    worker("one.1", NO_VOICE, FALLBACK)
    with database_away():
        status, body = ready()
        assert Client().get("/livez").status_code == 200
    assert (status, body["failing"]) == (503, ["database"])
    assert body["parts"]["database"] == {"ok": False, "problem": "OperationalError"}
    assert "127.0.0.1" not in str(body)


def test_a_storage_that_cannot_be_written_is_named(settings: Settings, tmp_path: Path) -> None:
    worker("one.1", NO_VOICE, FALLBACK)

    def stored_in(location: Path) -> list[str]:
        audio = {**settings.STORAGES["audio"], "OPTIONS": {"location": location}}
        settings.STORAGES = {**settings.STORAGES, "audio": audio}
        failing: list[str] = ready()[1]["failing"]
        return failing

    assert stored_in(tmp_path / "not" / "made" / "yet") == []
    # Root may write everywhere but not on a file system of the kernel's own.
    assert stored_in(Path("/proc/self/audio")) == ["storage"]
