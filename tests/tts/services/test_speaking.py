"""What a worker does with one request, on a real engine, with everything that can come between."""

import io
import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import soundfile
from django.db import OperationalError
from django.utils import timezone
from pytest_django import Settings

from tests.cast import Cast
from tests.engines_for_tests import FailingEngine, TestEngine
from tests.outages import database_away, redis_away
from tests.tts.rows import admitted, elsewhere, event_names, fresh
from tts.connections import volatile_redis
from tts.engines.base import CancelToken, Deadline, NoVoice, Speech, SpeechTask
from tts.engines.chain import EngineChain, Synthesis
from tts.engines.espeak.engine import EspeakEngine
from tts.models import SynthesisRequest, UsageEvent
from tts.services.answers import Answer, answer_wait
from tts.services.speaking import request_speak
from tts.services.states import request_cancel, request_claim, request_expire, request_return

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_redis", "audio_folder")]

Status = SynthesisRequest.Status
SECRET = "蓝色大象 secretphrase"


class InterruptedEngine(TestEngine):
    """Something happens to the request while this engine speaks."""

    name = "interrupted"

    def __init__(self, happens: Callable[[], object]) -> None:
        self._happens = happens

    def speak(self, task: SpeechTask, *, deadline: Deadline, cancel: CancelToken) -> Iterator[Speech]:
        elsewhere(self._happens)
        return super().speak(task, deadline=deadline, cancel=cancel)


class CarelessChain(EngineChain):
    """Has a mistake of our own making, whose message quotes the text."""

    def run(self, task: SpeechTask, **options: Any) -> Synthesis:
        raise ValueError(f"cannot join {task.sentences[0].text}")


class WordlessEngine(TestEngine):
    def speak(self, task: SpeechTask, *, deadline: Deadline, cancel: CancelToken) -> Iterator[Speech]:
        raise NoVoice("no voice for this language")


class ListeningEngine(TestEngine):
    """Remembers which voices were allowed."""

    def __init__(self) -> None:
        self.allowed: list[frozenset[str] | None] = []

    def speak(self, task: SpeechTask, *, deadline: Deadline, cancel: CancelToken) -> Iterator[Speech]:
        self.allowed.append(task.allowed_voices)
        return super().speak(task, deadline=deadline, cancel=cancel)


@pytest.fixture
def chain(espeak: EspeakEngine) -> EngineChain:
    """A primary engine that fails and quotes the text; espeak-ng speaks."""
    return EngineChain(FailingEngine(), espeak)


def speak(row: SynthesisRequest, chain: EngineChain, now: Callable[[], datetime] = timezone.now) -> bool:
    """Whether there was anything to do."""
    mine = request_claim(request_id=row.id, worker="one.1", now=now())
    if mine is not None:
        request_speak(row=mine, chain=chain, now=now)
    return mine is not None


def answer_of(row: SynthesisRequest) -> Answer | None:
    """What lies ready for whoever waits."""
    return answer_wait(request_id=row.id, deadline=Deadline.after(0.02))


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_request_is_spoken_stored_charged_and_answered(
    cast: Cast, chain: EngineChain, audio_folder: Path
) -> None:
    row = admitted(cast.alice)
    assert speak(row, chain)

    after = fresh(row)
    assert (after.status, after.engine_used, after.fallback) == (Status.SUCCEEDED, "espeak", "error")
    answer = answer_of(row)
    assert answer is not None
    assert answer.is_speech
    (file,) = files(audio_folder)
    assert file.read_bytes() == answer.audio
    assert file.relative_to(audio_folder).parts[0] == str(cast.alice.tenant.id)
    assert file.stat().st_mode & 0o077 == 0
    samples, rate = soundfile.read(io.BytesIO(answer.audio))
    assert (rate, after.audio_bytes) == (after.audio_sample_rate, len(answer.audio))
    assert len(samples) / rate == pytest.approx(after.audio_seconds, abs=0.01)
    assert [(a.engine, a.outcome) for a in after.attempts.all()] == [
        ("failing", "error"),
        ("espeak", "succeeded"),
    ]
    assert event_names(row) == ["received", "claimed", "attempt", "attempt", "encoded", "stored", "succeeded"]
    assert UsageEvent.all_tenants.get().characters == 6


def test_what_is_over_is_left_alone(cast: Cast, chain: EngineChain, audio_folder: Path) -> None:
    row = admitted(cast.alice)
    request_cancel(request_id=row.id, now=timezone.now())
    assert not speak(row, chain)
    assert fresh(row).status == Status.CANCELED
    answer = answer_of(row)
    assert answer is not None
    assert (answer.code, answer.audio) == ("canceled", b"")
    assert files(audio_folder) == []
    assert event_names(row) == ["received", "canceled"]


def test_delivered_twice_is_spoken_once(cast: Cast, chain: EngineChain, audio_folder: Path) -> None:
    row = admitted(cast.alice)
    assert [speak(row, chain), speak(row, chain)] == [True, False]
    assert len(files(audio_folder)) == UsageEvent.all_tenants.filter(outcome="succeeded").count() == 1


def test_too_late_to_begin_is_expired_unspoken(cast: Cast, chain: EngineChain, audio_folder: Path) -> None:
    row = admitted(cast.alice)
    assert speak(row, chain, now=lambda: row.deadline_at - timedelta(seconds=0.2))
    assert (fresh(row).status, fresh(row).error_code) == (Status.EXPIRED, "deadline_exceeded")
    assert not fresh(row).attempts.exists()
    assert files(audio_folder) == []


@pytest.mark.parametrize("storage", ["FullDisk", "FarAway"])
def test_a_storage_that_refuses_costs_nobody_the_audio(
    cast: Cast,
    chain: EngineChain,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    storage: str,
) -> None:
    backend = {"BACKEND": f"tests.tts.services.storages.{storage}"}
    settings.STORAGES = {**settings.STORAGES, "audio": backend}
    row = admitted(cast.alice)
    assert speak(row, chain)

    answer = answer_of(row)
    assert answer is not None
    assert answer.audio.startswith(b"RIFF")
    after = fresh(row)
    assert (after.status, after.audio.name, after.audio_bytes) == (Status.SUCCEEDED, "", len(answer.audio))
    assert "not-stored" in event_names(row)
    assert f"audio of request {row.id} not kept" in caplog.text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("end", "status"),
    [(request_cancel, Status.CANCELED), (request_expire, Status.EXPIRED)],
    ids=["canceled", "expired"],
)
def test_audio_of_a_request_that_ended_meanwhile_is_thrown_away(
    cast: Cast, espeak: EspeakEngine, audio_folder: Path, end: Callable[..., bool], status: Status
) -> None:
    row = admitted(cast.alice)
    engine = InterruptedEngine(lambda: end(request_id=row.id, now=timezone.now()))
    assert speak(row, EngineChain(engine, espeak))
    assert fresh(row).status == status
    assert files(audio_folder) == []
    answer = answer_of(row)
    assert answer is None or (answer.code, answer.audio) == ("canceled", b"")
    assert UsageEvent.all_tenants.filter(outcome="succeeded").count() == 0
    assert not fresh(row).attempts.exists()


@pytest.mark.django_db(transaction=True)
def test_audio_of_a_claim_given_to_another_worker_is_thrown_away(
    cast: Cast, espeak: EspeakEngine, audio_folder: Path
) -> None:
    row = admitted(cast.alice)

    def given_away() -> None:
        assert request_return(request_id=row.id, claim=1, worker="one.1", now=timezone.now())
        assert request_claim(request_id=row.id, worker="two.2", now=timezone.now())

    assert speak(row, EngineChain(InterruptedEngine(given_away), espeak))
    assert (fresh(row).status, fresh(row).claim, fresh(row).worker) == (Status.RUNNING, 2, "two.2")
    assert files(audio_folder) == []
    assert answer_of(row) is None


def test_when_every_engine_fails_the_row_says_how_and_no_log_says_what(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    row = admitted(cast.alice, text=SECRET, characters=len(SECRET))
    assert speak(row, EngineChain(FailingEngine(), FailingEngine()))

    after = fresh(row)
    assert (after.status, after.error_code) == (Status.FAILED, "synthesis_failed")
    assert after.error_detail == "failing: error; failing: error"
    answer = answer_of(row)
    assert answer is not None
    assert (answer.code, answer.detail, answer.audio) == ("synthesis_failed", after.error_detail, b"")
    assert UsageEvent.all_tenants.filter(outcome="succeeded").count() == 0
    told = [caplog.text, after.error_detail, *(f"{a.message} {a.stack}" for a in after.attempts.all())]
    assert len(told) == 4
    assert "secretphrase" not in " ".join(told)
    assert "蓝色" not in " ".join(told)


def test_an_exception_of_our_own_ends_the_row_as_internal(
    cast: Cast, espeak: EspeakEngine, caplog: pytest.LogCaptureFixture
) -> None:
    row = admitted(cast.alice, text=SECRET, characters=len(SECRET))
    assert speak(row, CarelessChain(TestEngine(), espeak))

    after = fresh(row)
    assert (after.status, after.error_code, after.error_detail) == (Status.FAILED, "internal", "ValueError")
    answer = answer_of(row)
    assert answer is not None
    assert (answer.code, answer.audio) == ("internal", b"")
    assert str(row.id) in caplog.text
    assert "tts/services/speaking.py" in caplog.text, "the stack is there"
    assert "secretphrase" not in caplog.text


@pytest.mark.parametrize(
    ("text", "code"),
    [("！？…", "nothing_to_speak"), ("你好", "no_voice")],
)
def test_the_text_is_blamed_only_when_it_is_to_blame(cast: Cast, text: str, code: str) -> None:
    row = admitted(cast.alice, text=text, characters=len(text))
    assert speak(row, EngineChain(WordlessEngine(), WordlessEngine()))
    assert (fresh(row).status, fresh(row).error_code) == (Status.FAILED, code)
    answer = answer_of(row)
    assert answer is not None
    assert answer.code == code


def test_what_may_speak_and_what_to_do_under_load_come_from_the_record(
    cast: Cast, espeak: EspeakEngine
) -> None:
    engine = ListeningEngine()
    chain = EngineChain(engine, espeak)
    assert speak(admitted(cast.alice), chain)
    row = admitted(cast.alice)
    SynthesisRequest.all_tenants.filter(pk=row.pk).update(allowed_voices=["mei", "amy"])
    assert speak(row, chain)
    assert engine.allowed == [None, frozenset({"mei", "amy"})]


@pytest.mark.parametrize(
    ("policy", "status", "fallback", "code"),
    [
        ("fallback", Status.SUCCEEDED, "overload", ""),
        ("wait", Status.SUCCEEDED, "none", ""),
        ("refuse", Status.FAILED, "", "at_capacity"),
    ],
)
def test_under_load_a_request_ends_as_its_tenant_decided(
    cast: Cast, espeak: EspeakEngine, policy: str, status: str, fallback: str, code: str
) -> None:
    cast.alice.tenant.overload_policy = policy
    chain = EngineChain(TestEngine(), espeak)
    chain._pace.learn(characters=10, speed=1.0, seconds=8.0)
    row = request_claim(request_id=admitted(cast.alice).id, worker="one.1", now=timezone.now())
    assert row is not None
    request_speak(row=row, chain=chain, backlog=1.0)

    after = fresh(row)
    assert (after.status, after.fallback, after.error_code) == (status, fallback, code)
    answer = answer_of(row)
    assert answer is not None
    assert answer.code == (code or "ok")
    assert UsageEvent.all_tenants.filter(outcome="succeeded").count() == (status == Status.SUCCEEDED)
    assert row.attempts.count() == {"fallback": 2, "wait": 1, "refuse": 1}[policy]


def test_the_answer_is_on_record_when_it_cannot_be_delivered(
    cast: Cast, chain: EngineChain, audio_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    row = admitted(cast.alice)
    with redis_away(queue=False):
        assert speak(row, chain)
    assert fresh(row).status == Status.SUCCEEDED
    assert len(files(audio_folder)) == 1
    assert f"answer of request {row.id} not delivered" in caplog.text


def test_without_a_database_the_row_is_left_to_the_sweeper(cast: Cast, chain: EngineChain) -> None:
    row = admitted(cast.alice)
    with database_away(), pytest.raises(OperationalError):
        speak(row, chain)
    assert fresh(row).status == Status.QUEUED


def test_an_answer_can_be_read_for_a_minute_at_most(cast: Cast, chain: EngineChain) -> None:
    row = admitted(cast.alice)
    speak(row, chain)
    (key,) = volatile_redis().keys("voxgate:answer:*")
    assert 0 < volatile_redis().ttl(key) <= 60
