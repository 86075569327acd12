"""A worker's engines, lease and voices, without RQ around them."""

import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from tests.cast import Cast
from tests.outages import redis_away
from tests.tts.rows import admitted, fresh
from tts.jobs import runtime as runtime_module
from tts.jobs.runtime import SpeechRuntime, resident_bytes, runtime_current, runtime_install, worker_name
from tts.jobs.speech import speak
from tts.models import Voice
from tts.services.leases import workers_alive, workers_facts
from tts.services.voices import voice_switch

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_redis", "audio_folder")]


@pytest.fixture
def runtime(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SpeechRuntime]:
    """A worker with a primary engine that fails after its probe, and espeak-ng."""
    settings.VOICES_DIR = tmp_path / "voices"
    settings.TTS_PRIMARY_ENGINE = "tests.engines_for_tests:build_failing_after_probe"
    monkeypatch.setattr(runtime_module, "_current", None)
    made = SpeechRuntime("worker-1.77")
    yield made
    made.close()
    connection.close()


def test_a_worker_that_starts_is_alive_with_engines_that_spoke(runtime: SpeechRuntime) -> None:
    runtime.start()
    (facts,) = workers_facts()
    assert facts.name == "worker-1.77"
    primary, fallback = facts.engines
    assert (primary.role, primary.name, primary.ok, primary.problem) == ("primary", "failing-too", True, "")
    assert (fallback.role, fallback.name, fallback.ok) == ("fallback", "espeak", True)
    assert fallback.at > 0
    assert fallback.voices_ready == Voice.objects.filter(engine="espeak", state="ready").count() > 0
    runtime.close()
    assert workers_alive() == frozenset()


def test_a_job_is_done_with_the_engines_of_this_process(cast: Cast, runtime: SpeechRuntime) -> None:
    row = admitted(cast.alice)
    with pytest.raises(RuntimeError, match=r"manage\.py rqworker"):
        runtime_current()
    runtime.start()
    runtime_install(runtime)
    speak(str(row.id))
    assert (fresh(row).status, fresh(row).worker, fresh(row).fallback) == (
        "succeeded",
        "worker-1.77",
        "error",
    )
    assert runtime.chain.health["failing-too"].ok is False
    runtime.job_done()
    assert runtime.jobs == 1


def test_a_worker_retires_for_a_reason(runtime: SpeechRuntime, settings: Settings) -> None:
    assert runtime.reason_to_retire == ""
    settings.WORKER_MAX_JOBS = 1
    runtime.jobs = 1
    assert runtime.reason_to_retire == "1 jobs done"
    settings.WORKER_MAX_JOBS = 5000
    settings.WORKER_MEMORY_BYTES = 2**20
    assert runtime.reason_to_retire.endswith("MiB in use")
    runtime.chain.abandoned = True
    assert runtime.reason_to_retire == "an engine never came back"


def test_a_voice_switched_off_is_switched_off_in_the_engine(runtime: SpeechRuntime) -> None:
    runtime.start()
    voice = Voice.objects.filter(engine="espeak").first()
    assert voice is not None
    voice_switch(voice=voice, enabled=False)
    runtime._follow_voices()
    states = {info.id: info.state for info in runtime.chain.fallback.voices()}
    assert states[voice.id] == "disabled"


def test_a_redis_that_is_away_stops_no_worker(
    runtime: SpeechRuntime, caplog: pytest.LogCaptureFixture
) -> None:
    with redis_away():
        runtime.start()
        runtime.close()
    assert "lease not renewed: ConnectionError" in caplog.text
    assert "will run out" in caplog.text


def test_a_worker_is_named_by_its_place_and_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOXGATE_WORKER_SLOT", "worker-3")
    assert worker_name() == f"worker-3.{os.getpid()}"
    monkeypatch.delenv("VOXGATE_WORKER_SLOT")
    assert worker_name().endswith(f".{os.getpid()}")


def test_resident_memory_lies_below_its_peak() -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    assert 10 * 2**20 < resident_bytes() <= 1.1 * peak
