"""What travels through the queue, and what happens when it does not."""

import json
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import cast as typing_cast
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from tests.cast import Cast
from tests.outages import redis_away
from tests.tts.rows import (
    PARAMETERS,
    QUEUE_KEY,
    admitted,
    caller,
    elsewhere,
    event_names,
    fresh,
    queued_jobs,
)
from tts.connections import queue_redis
from tts.models import SynthesisRequest
from tts.services.admission import QueueUnavailable, request_admit
from tts.services.queueing import SPARE_SECONDS, doorbell_ring, request_enqueue, turn_pass
from tts.services.states import request_cancel

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_redis")]


def job_in_redis(job_id: str) -> dict[bytes, bytes]:
    return typing_cast(dict[bytes, bytes], queue_redis().hgetall(f"rq:job:{job_id}"))


def test_only_the_id_travels(cast: Cast) -> None:
    row = admitted(cast.alice, text="蓝色大象 secretphrase", reference="my-reference")
    assert queued_jobs() == [str(row.id)]
    job = job_in_redis(str(row.id))
    assert json.loads(zlib.decompress(job[b"data"])) == ["tts.jobs.speech.speak", None, [str(row.id)], {}]
    everything = b" ".join(queue_redis().dump(key) or b"" for key in queue_redis().keys("*"))
    everything += zlib.decompress(job[b"data"]) + b" ".join(job.values())
    for told in ("secretphrase", "my-reference", "蓝色", "\\u84dd", cast.alice.key, "192.0.2.7"):
        assert told.encode() not in everything


def test_a_doorbell_outlives_the_request_that_rang_it(cast: Cast, settings: Settings) -> None:
    """Others may rely on it; a time-out of RQ's lies behind every deadline."""
    settings.TTS_MAX_TIMEOUT = 90.0
    job = job_in_redis(str(admitted(cast.alice, timeout_seconds=7.5).id))
    assert b"ttl" not in job
    assert queue_redis().ttl(f"rq:job:{queued_jobs()[0]}") == -1
    assert int(job[b"timeout"]) == 90 + SPARE_SECONDS


def test_another_doorbell_rings_only_when_none_hangs(cast: Cast) -> None:
    row = admitted(cast.alice)
    assert not doorbell_ring(request_id=row.id)
    assert queued_jobs() == [str(row.id)]
    queue_redis().delete(QUEUE_KEY)
    assert doorbell_ring(request_id=row.id)
    assert not doorbell_ring(request_id=row.id)
    (job,) = queued_jobs()
    assert job.startswith(f"{row.id}-"), "the first one of that name may still be at work"
    assert job_in_redis(job)


def test_without_redis_nothing_is_raised_but_false(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    with redis_away():
        assert not request_enqueue(request_id=UUID(int=7))
        assert not doorbell_ring(request_id=UUID(int=7))
    assert caplog.text.count("no doorbell for request 00000000-0000-0000-0000-000000000007") == 2
    assert "127.0.0.1" not in caplog.text


def test_a_turn_is_passed_on_only_to_those_who_wait(cast: Cast) -> None:
    """A tenant without anybody waiting lets nothing begin by ending."""
    rows = [admitted(cast.alice), admitted(cast.bob)]
    assert request_cancel(request_id=rows[1].id, now=timezone.now())
    queue_redis().delete(QUEUE_KEY)
    turn_pass(tenant_id=cast.bob.tenant.id, request_id=rows[1].id)
    assert queued_jobs() == []
    turn_pass(tenant_id=cast.alice.tenant.id, request_id=rows[1].id)
    assert len(queued_jobs()) == 1


def test_an_accepted_request_is_on_record_as_it_was_asked(cast: Cast) -> None:
    now = timezone.now()
    row = fresh(
        admitted(cast.alice, now=now, voice="espeak-male-calm", speaker_id=None, speed=1.5, timeout_seconds=3)
    )
    assert (row.status, row.claim, row.created_at, row.deadline_at) == (
        "queued",
        0,
        now,
        now + timedelta(seconds=3),
    )
    assert (row.tenant, row.api_key, row.api_key_name) == (cast.alice.tenant, cast.alice.row, "alice's app")
    assert (row.voice, row.speaker_id, row.speed, row.client_address) == (
        "espeak-male-calm",
        None,
        1.5,
        "192.0.2.7",
    )
    assert event_names(row) == []


@pytest.mark.django_db(transaction=True)
def test_whoever_takes_an_id_from_the_queue_finds_its_row(cast: Cast) -> None:
    """The id is queued after the commit, not before: a worker is faster than a commit."""
    found: list[bool] = []

    def take() -> bool:
        _queue, request_id = typing_cast(tuple[bytes, bytes], queue_redis().blpop([QUEUE_KEY], timeout=5))
        try:
            return SynthesisRequest.all_tenants.filter(pk=request_id.decode()).exists()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        for _ in range(20):
            worker = pool.submit(take)
            admitted(cast.alice)
            found.append(worker.result(10))
    assert found == [True] * 20


@pytest.mark.django_db(transaction=True)
def test_without_a_queue_the_row_stays_for_who_catches_it(cast: Cast) -> None:
    with redis_away(volatile=False), pytest.raises(QueueUnavailable) as raised:
        request_admit(
            caller=caller(cast.alice),
            parameters=PARAMETERS,
            request_id="test",
            address=None,
            now=timezone.now(),
        )
    assert fresh(raised.value.row).status == "queued"
    assert elsewhere(SynthesisRequest.all_tenants.count) == 1


@pytest.mark.django_db(transaction=True)
def test_admission_costs_three_statements_in_one_transaction(cast: Cast) -> None:
    admitted(cast.alice)
    alice = caller(cast.alice)
    with CaptureQueriesContext(connection) as queries:
        request_admit(
            caller=alice, parameters=PARAMETERS, request_id="test", address=None, now=timezone.now()
        )
    statements = [query["sql"].split(maxsplit=1)[0] for query in queries.captured_queries]
    # Reserve, count, record. The first request of a month made the periods.
    assert statements == ["BEGIN", "WITH", "SELECT", "INSERT", "COMMIT"]
