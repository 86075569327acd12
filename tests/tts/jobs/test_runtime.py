"""A worker's engines, lease and voices, without RQ around them."""

import os
import resource
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from tests.cast import Cast
from tests.engines_for_tests import VOICE, TestEngine
from tests.outages import redis_away
from tests.tts.rows import admitted, fresh
from tts.engines.registry import EngineSettings
from tts.jobs import runtime as runtime_module
from tts.jobs.runtime import SpeechRuntime, resident_bytes, runtime_current, runtime_install, worker_name
from tts.jobs.speech import speak
from tts.models import Voice
from tts.services.leases import lease_end, workers_alive, workers_facts
from tts.services.states import request_cancel
from tts.services.turns import request_claim_next
from tts.services.voices import voice_switch
from tts.voices.voice import VoiceInfo

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
    assert runtime.jobs == 1


def test_a_doorbell_for_nothing_is_no_job(cast: Cast, runtime: SpeechRuntime) -> None:
    row = admitted(cast.alice)
    assert request_cancel(request_id=row.id, now=timezone.now())
    runtime_install(runtime)
    speak(str(row.id))
    assert runtime.jobs == 0


def test_a_worker_outlives_its_connection_to_the_database(cast: Cast, runtime: SpeechRuntime) -> None:
    row = admitted(cast.alice)
    runtime_install(runtime)
    assert connection.connection is not None
    connection.connection.close()
    speak(str(row.id))
    assert fresh(row).status == "succeeded"


def test_whoever_rang_the_request_whose_turn_it_is_is_in_hand(cast: Cast, runtime: SpeechRuntime) -> None:
    """Its deadline is the watchdog's, and its cancellation is heeded."""
    seconds_left: list[float] = []
    first, last = admitted(cast.alice, timeout_seconds=7), admitted(cast.alice, timeout_seconds=15)
    claim = request_claim_next(worker=runtime.name, now=timezone.now())
    assert claim is not None
    assert claim.row == first
    runtime._on_work = seconds_left.append
    with runtime.at_work(claim.row) as cancel:
        request_cancel(request_id=last.id, now=timezone.now())
        runtime._heed_cancellation()
        assert not cancel.canceled
        request_cancel(request_id=first.id, now=timezone.now())
        runtime._heed_cancellation()
        assert cancel.canceled
    assert 0 < seconds_left[0] <= 7


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


class TroubledEngine(TestEngine):
    """Has a voice that no database can hold; its list of voices fails as often as `failures` says, then says when it
    has been read four times again."""

    name = "troubled"

    def __init__(self) -> None:
        self.failures = 0
        self.failed = threading.Event()
        self.well_again = threading.Event()
        self._read = 0

    def voices(self) -> tuple[VoiceInfo, ...]:
        if self.failures:
            self.failures -= 1
            self.failed.set()
            raise RuntimeError("secret")
        if self.failed.is_set():
            self._read += 1
            if self._read == 4:
                self.well_again.set()
        return (replace(VOICE, id="unfit", name="\ud800"), replace(VOICE, id="fit"))


def build_troubled(settings: EngineSettings) -> TroubledEngine:
    return TroubledEngine()


@pytest.fixture
def troubled(runtime: SpeechRuntime) -> TroubledEngine:
    """The primary engine of `runtime`."""
    engine = build_troubled(EngineSettings(Path("voices"), Path("cache")))
    runtime.chain.primary = engine
    return engine


def test_a_voice_that_cannot_be_recorded_stops_no_other_and_no_worker(
    runtime: SpeechRuntime, troubled: TroubledEngine, caplog: pytest.LogCaptureFixture
) -> None:
    runtime.start()
    recorded = set(Voice.objects.values_list("id", flat=True))
    assert {"fit", "espeak-female-clear"} < recorded
    assert "unfit" not in recorded
    runtime._follow_voices()
    assert caplog.text.count("voice 'unfit' is not recorded: UnicodeEncodeError") == 1


def test_nothing_unexpected_ends_the_renewal_of_the_lease(
    runtime: SpeechRuntime,
    troubled: TroubledEngine,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(runtime_module, "RENEW_SECONDS", 0.01)
    runtime.start()
    troubled.failures = 5
    assert troubled.failed.wait(20.0)
    lease_end(worker=runtime.name)
    assert troubled.well_again.wait(20.0)
    assert all(thread.is_alive() for thread in runtime._threads)
    assert runtime.name in workers_alive()
    assert "renew failed: RuntimeError" in caplog.text
    assert "voices of troubled not brought in line: RuntimeError" in caplog.text
    assert "secret" not in caplog.text


def test_a_worker_is_named_by_its_place_and_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOXGATE_WORKER_SLOT", "worker-3")
    assert worker_name() == f"worker-3.{os.getpid()}"
    monkeypatch.delenv("VOXGATE_WORKER_SLOT")
    assert worker_name().endswith(f".{os.getpid()}")


def test_resident_memory_lies_below_its_peak() -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    assert 10 * 2**20 < resident_bytes() <= 1.1 * peak
