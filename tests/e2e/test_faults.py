"""Engines that raise, hang, fall silent or never return: the caller still hears speech, and history says why."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fixture_voices import Fault, write_fixture_voice
from tests.system import System, problem_of, running_system, wait_for

# Long enough to trip the faulty voices, which behave in the short sentence that lets them in.
LONG = "今天天气很好，我们一起去公园散步，然后回家吃饭，晚上早点休息。"


def voice_state(system: System, voice: str) -> str:
    voices = {entry["id"]: entry["state"] for entry in system.get("/api/voices").json()["voices"]}
    return str(voices.get(voice, ""))


def add_voice(system: System, name: str, **options: Any) -> None:
    """Put a voice into the directory of a running system and wait until every worker has it."""
    write_fixture_voice(system.data / "voices", name, **options)
    wait_for(lambda: voice_state(system, name) == "ready", seconds=30, what=f"voice {name} ready")
    workers = len(system.workers())

    def all_have_it() -> bool:
        facts = system.redis().hgetall("voxgate:workers:facts")
        return sum(_ready_voices(line) >= _voices_written(system) for line in facts.values()) >= workers

    wait_for(all_have_it, seconds=30, what=f"all workers know {name}")


def _ready_voices(facts: bytes | str) -> int:
    return int(json.loads(facts)["engines"][0]["voices_ready"])


def _voices_written(system: System) -> int:
    return len(list((system.data / "voices").glob("*.onnx")))


def attempts_of(system: System, where: str) -> list[dict[str, Any]]:
    attempts: list[dict[str, Any]] = system.get(where.removesuffix("/audio")).json()["attempts"]
    return attempts


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system with one good voice and one for each fault."""
    data: Path = tmp_path_factory.mktemp("faulty")
    with running_system(data, VOXGATE_WORKERS="1") as system:
        # First in the order of names, so that it is speaker 0.
        add_voice(system, "a-good")
        for fault in Fault:
            add_voice(system, f"bad-{fault.value}", fault=fault)
        yield system


def test_a_voice_put_into_the_directory_answers_from_then_on(faulty: System) -> None:
    response = faulty.speak(LONG, voice="a-good")
    assert response.status_code == 200, response.text
    assert response.headers["X-Voxgate-Engine"] == "onnx"
    assert response.headers["X-Voxgate-Voice"] == "a-good"
    assert response.headers["X-Voxgate-Fallback"] == "none"


def test_a_known_speaker_is_spoken_by_the_voice_of_its_language(faulty: System) -> None:
    chinese = faulty.speak("今天天气很好。", speaker_id=0)
    assert chinese.headers["X-Voxgate-Engine"] == "onnx"
    english = faulty.speak("There is no English voice here.", speaker_id=0)
    assert english.headers["X-Voxgate-Fallback"] == "no-voice"


@pytest.mark.parametrize(
    ("fault", "outcome", "reason"),
    [
        (Fault.RAISE, "error", "error"),
        (Fault.SILENCE, "bad-output", "error"),
        (Fault.NOT_A_NUMBER, "bad-output", "error"),
        (Fault.TOO_LONG, "bad-output", "error"),
        (Fault.HANG, "timeout", "timeout"),
    ],
)
def test_a_failing_voice_is_replaced_by_the_fallback(
    faulty: System, fault: Fault, outcome: str, reason: str
) -> None:
    started = time.monotonic()
    response = faulty.speak(LONG, voice=f"bad-{fault.value}", timeout=6)
    assert time.monotonic() - started < 6
    assert response.status_code == 200, response.text
    assert response.headers["X-Voxgate-Fallback"] == reason
    assert response.headers["X-Voxgate-Engine"] == "espeak"
    attempts = attempts_of(faulty, response.headers["Content-Location"])
    assert [(attempt["engine"], attempt["outcome"]) for attempt in attempts] == [
        ("onnx", outcome),
        ("espeak", "succeeded"),
    ]


def test_after_a_fault_the_next_request_is_spoken_by_the_primary(faulty: System) -> None:
    faulty.speak(LONG, voice="bad-hang", timeout=3)
    assert faulty.speak(LONG, voice="a-good").headers["X-Voxgate-Engine"] == "onnx"


def test_primary_alone_never_falls_back(faulty: System) -> None:
    response = faulty.speak(LONG, voice="bad-raise", engine="primary")
    assert response.status_code == 500
    assert problem_of(response)["code"] == "synthesis_failed"


def test_a_voice_that_is_removed_is_missing(faulty: System) -> None:
    add_voice(faulty, "guest")
    for path in (faulty.data / "voices").glob("guest.*"):
        path.unlink()
    wait_for(lambda: voice_state(faulty, "guest") == "missing", seconds=20, what="guest missing")
    assert problem_of(faulty.speak(LONG, voice="guest"))["errors"][0]["code"] == "voice_unavailable"


def test_the_same_task_gives_the_same_audio(faulty: System) -> None:
    one, other = (faulty.speak(LONG, voice="a-good") for _ in range(2))
    assert one.content == other.content


def test_an_engine_that_ignores_its_cancellation_costs_no_request(tmp_path: Path) -> None:
    with running_system(
        tmp_path / "stubborn",
        VOXGATE_WORKERS="1",
        VOXGATE_PRIMARY_ENGINE="tests.engines_for_tests:build_stubborn",
    ) as system:
        (before,) = system.workers()
        response = system.speak("你好，世界。", timeout=4)
        assert response.status_code == 200, response.text
        assert response.headers["X-Voxgate-Fallback"] == "timeout"
        # Its thread never comes back, so the process is replaced.
        wait_for(lambda: set(system.workers()) - {before}, seconds=20, what="a new worker")
        assert system.speak("你好，世界。", timeout=4).status_code == 200


def test_both_engines_failing_is_a_500_and_a_row(tmp_path: Path) -> None:
    with running_system(
        tmp_path / "broken",
        VOXGATE_WORKERS="1",
        VOXGATE_PRIMARY_ENGINE="tests.engines_for_tests:build_failing",
        VOXGATE_FALLBACK_ENGINE="tests.engines_for_tests:build_failing_after_probe",
    ) as system:
        response = system.speak("你好，世界。", reference="both")
        assert response.status_code == 500
        assert problem_of(response)["code"] == "synthesis_failed"
        rows = system.sql("SELECT id, status, error_code FROM tts_synthesisrequest WHERE reference = 'both'")
        assert [row[1:] for row in rows] == [("failed", "synthesis_failed")]
        outcomes = system.sql(
            "SELECT outcome FROM tts_engineattempt WHERE request_id = %s ORDER BY position", rows[0][0]
        )
        assert outcomes == [("error",), ("error",)]
        assert system.sql("SELECT sum(characters) FROM tts_usageevent") == [(0,)]
        assert "你好" not in (system.data / "logs" / "tts_error.log").read_text()
