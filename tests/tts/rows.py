"""Requests as the services themselves make them, and threads that act on them at the same moment."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar, cast

from django.db import connection
from django.utils import timezone

from accounts.scopes import ALL_SCOPES
from accounts.selectors import Caller
from tests.cast import Member
from tts.connections import queue_redis
from tts.engines.chain import Attempt, EngineChain
from tts.models import SynthesisRequest
from tts.services.admission import request_admit
from tts.services.parameters import SpeechParameters
from tts.services.speaking import request_speak
from tts.services.states import Outcome, request_claim
from tts.services.turns import request_claim_next

T = TypeVar("T")

QUEUE_KEY = "rq:queue:tts"
SPOKEN = Attempt("espeak", "espeak-female-clear", "succeeded", 0.01)
FAILED = Attempt("onnx", "", "error", 0.02, "RuntimeError")
OUTCOME = Outcome(
    engine="espeak",
    voice="espeak-female-clear",
    fallback="error",
    synthesis_seconds=0.03,
    audio_seconds=1.5,
    sample_rate=22050,
    audio="a.wav",
    audio_bytes=66_194,
)
PARAMETERS = SpeechParameters(
    text="你好，世界。", characters=6, audio_format="wav", timeout_seconds=15.0, speaker_id=0
)


def caller(member: Member) -> Caller:
    return Caller(member.tenant, member.row, frozenset(ALL_SCOPES), member.tenant.limits())


def admitted(member: Member, *, now: datetime | None = None, **changes: Any) -> SynthesisRequest:
    """A queued request on record, its id in the queue."""
    return request_admit(
        caller=caller(member),
        parameters=replace(PARAMETERS, **changes),
        request_id="test",
        address="192.0.2.7",
        now=now or timezone.now(),
    ).row


def claimed(member: Member, *, worker: str = "one.1", **changes: Any) -> SynthesisRequest:
    row = request_claim(request_id=admitted(member, **changes).id, worker=worker, now=timezone.now())
    assert row is not None
    return row


def fresh(row: SynthesisRequest) -> SynthesisRequest:
    """The row as the database has it now."""
    return SynthesisRequest.all_tenants.get(pk=row.pk)


def event_names(row: SynthesisRequest) -> list[str]:
    return list(row.events.order_by("at", "id").values_list("name", flat=True))


def queued_jobs() -> list[str]:
    return [job.decode() for job in cast(list[bytes], queue_redis().lrange(QUEUE_KEY, 0, -1))]


def together(*tasks: Callable[[], T]) -> list[T]:
    """Results of `tasks`, started at one moment, each on a thread with a database connection of its own."""
    start = threading.Barrier(len(tasks))

    def run(task: Callable[[], T]) -> T:
        try:
            start.wait(10)
            return task()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def elsewhere(task: Callable[[], T]) -> T:
    """The result of `task` on another thread, so on another database connection."""
    return together(task)[0]


@contextmanager
def working(chain: EngineChain) -> Iterator[None]:
    """A worker without RQ around it: hears doorbells and speaks with `chain` what is due."""
    stop = threading.Event()
    problems: list[BaseException] = []

    def work() -> None:
        try:
            while not stop.is_set():
                found = cast(tuple[bytes, bytes] | None, queue_redis().blpop([QUEUE_KEY], timeout=0.1))
                claim = found and request_claim_next(worker="thread.1", now=timezone.now())
                if claim:
                    request_speak(row=claim.row, chain=chain)
        except BaseException as problem:  # noqa: BLE001 - told to the test below
            problems.append(problem)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()
    assert problems == []
