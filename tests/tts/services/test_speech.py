"""Accept, wait, tell how it ended: every end a caller can meet."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import Cast
from tests.engines_for_tests import FailingEngine, TestEngine
from tests.outages import flush_redis, redis_away
from tests.system import wait_for
from tests.tts.rows import PARAMETERS, admitted, caller, elsewhere, fresh, queued_jobs, working
from tts.connections import volatile_redis
from tts.engines.base import CancelToken, Deadline, Speech, SpeechTask
from tts.engines.chain import EngineChain
from tts.engines.espeak.engine import EspeakEngine
from tts.models import SynthesisRequest, UsageEvent
from tts.services import speech
from tts.services.speech import SpokenRequest, speech_create
from tts.services.waiters import Waiters

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_redis", "audio_folder")]

Status = SynthesisRequest.Status


@pytest.fixture
def chain(espeak: EspeakEngine) -> EngineChain:
    return EngineChain(TestEngine(), espeak)


def create(
    cast: Cast, *, client_is_there: Callable[[], bool] = lambda: True, **changes: Any
) -> SpokenRequest:
    return speech_create(
        caller=caller(cast.alice),
        parameters=replace(PARAMETERS, **changes),
        request_id="test",
        address=None,
        client_is_there=client_is_there,
    )


def only_row() -> SynthesisRequest:
    return SynthesisRequest.all_tenants.get()


def test_speech_is_answered_with_its_record(cast: Cast, chain: EngineChain) -> None:
    with working(chain):
        spoken = create(cast)
    assert spoken.audio.startswith(b"RIFF")
    assert (spoken.row.status, spoken.row.engine_used) == (Status.SUCCEEDED, "test")
    assert spoken.row.audio_bytes == len(spoken.audio)
    assert volatile_redis().keys("voxgate:answer:*") == [], "the answer was freed"


def test_failed_engines_are_told_with_the_record(cast: Cast) -> None:
    with (
        working(EngineChain(FailingEngine(), FailingEngine())),
        pytest.raises(speech.SynthesisFailed) as raised,
    ):
        create(cast)
    assert raised.value.row is not None
    assert raised.value.row.error_code == "synthesis_failed"


def test_nobody_working_ends_at_the_deadline(cast: Cast) -> None:
    with pytest.raises(speech.DeadlineExceeded):
        create(cast, timeout_seconds=0.05)
    assert only_row().status == Status.EXPIRED
    assert UsageEvent.all_tenants.filter(outcome="succeeded").count() == 0


def test_a_client_that_left_cancels_its_request(cast: Cast) -> None:
    with pytest.raises(speech.ClientGone):
        create(cast, client_is_there=lambda: False)
    assert only_row().status == Status.CANCELED


@pytest.mark.parametrize(
    "away", [{"volatile": False}, {"queue": False}, {}], ids=["queue", "answers", "both"]
)
def test_without_redis_a_request_is_canceled_and_free(cast: Cast, away: dict[str, bool]) -> None:
    with redis_away(**away), pytest.raises(speech.DependencyUnavailable):
        create(cast)
    assert only_row().status == Status.CANCELED
    assert UsageEvent.all_tenants.filter(outcome="succeeded").count() == 0


def test_an_answer_that_redis_lost_is_read_from_the_record(cast: Cast, chain: EngineChain) -> None:
    """The answer is flushed away before the caller looks; at its deadline the caller finds it in history."""
    looks: list[bool] = []

    def forget_first() -> bool:
        if not looks:
            wait_for(lambda: elsewhere(lambda: only_row().status) == Status.SUCCEEDED, what="success")
            wait_for(lambda: volatile_redis().keys("voxgate:answer:*"), what="the answer")
            flush_redis()
        looks.append(True)
        return True

    with working(chain):
        spoken = create(cast, timeout_seconds=2.0, client_is_there=forget_first)
    assert spoken.audio.startswith(b"RIFF")
    assert only_row().status == Status.SUCCEEDED


def test_a_charged_answer_is_given_though_redis_went_away(cast: Cast, chain: EngineChain) -> None:
    outage = redis_away(queue=False)

    def lose_redis() -> bool:
        wait_for(lambda: elsewhere(lambda: only_row().status) == Status.SUCCEEDED, what="success")
        outage.__enter__()
        return True

    try:
        with working(chain):
            spoken = create(cast, client_is_there=lose_redis)
    finally:
        outage.__exit__(None, None, None)
    assert spoken.audio.startswith(b"RIFF")
    assert UsageEvent.all_tenants.filter(outcome="succeeded").count() == 1


def test_beyond_the_waiters_nobody_waits_and_nothing_is_recorded(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    full, somebody = Waiters(1), uuid4()
    full.enter(somebody)
    monkeypatch.setattr(speech, "_waiters", full)
    with pytest.raises(speech.AtCapacity):
        create(cast)
    assert not SynthesisRequest.all_tenants.exists()
    full.leave(somebody)
    for _ in range(3):
        with pytest.raises(speech.DeadlineExceeded):
            create(cast, timeout_seconds=0.02)


def test_a_waiting_request_holds_no_database_connection(cast: Cast) -> None:
    held: list[bool] = []

    def look() -> bool:
        held.append(connection.connection is not None)
        return False

    with pytest.raises(speech.ClientGone):
        create(cast, client_is_there=look)
    assert held[0] is False


def test_the_wait_costs_one_statement_after_admission(cast: Cast, chain: EngineChain) -> None:
    admitted(cast.alice)
    asking = caller(cast.alice)
    with working(chain), CaptureQueriesContext(connection) as queries:
        speech_create(caller=asking, parameters=PARAMETERS, request_id="test", address=None)
    statements = [query["sql"].split(maxsplit=1)[0] for query in queries.captured_queries]
    assert statements == ["BEGIN", "WITH", "SELECT", "INSERT", "COMMIT", "SELECT"]


class SlowUntilTold(TestEngine):
    """Speaks when the test says so."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.go_on = threading.Event()

    def speak(self, task: SpeechTask, *, deadline: Deadline, cancel: CancelToken) -> Iterator[Speech]:
        self.begun.set()
        assert self.go_on.wait(10)
        return super().speak(task, deadline=deadline, cancel=cancel)


def test_a_client_that_leaves_while_a_worker_speaks_is_not_charged(cast: Cast, espeak: EspeakEngine) -> None:
    engine = SlowUntilTold()
    with working(EngineChain(engine, espeak)):
        with pytest.raises(speech.ClientGone):
            create(cast, client_is_there=lambda: not engine.begun.is_set())
        engine.go_on.set()
    assert only_row().status == Status.CANCELED
    assert UsageEvent.all_tenants.filter(outcome="succeeded").count() == 0
    assert queued_jobs() == []
    assert fresh(only_row()).audio.name == ""
