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
from tts.services.queueing import SPARE_SECONDS, job_id_of, request_enqueue

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


def test_work_that_waits_past_its_deadline_is_dropped_by_the_queue(cast: Cast) -> None:
    now = timezone.now()
    row = admitted(cast.alice, now=now, timeout_seconds=7.5)
    job = job_in_redis(str(row.id))
    assert int(job[b"ttl"]) == 8
    assert int(job[b"timeout"]) == 8 + SPARE_SECONDS


def test_each_delivery_has_a_name_of_its_own() -> None:
    request_id = UUID(int=7)
    names = [job_id_of(request_id, claim) for claim in range(3)]
    assert names == [str(request_id), f"{request_id}-1", f"{request_id}-2"]


def test_without_redis_nothing_is_raised_but_false(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    now = timezone.now()
    with redis_away():
        deadline = now + timedelta(seconds=5)
        assert not request_enqueue(request_id=UUID(int=7), claim=0, deadline_at=deadline, now=now)
    assert "not queued" in caplog.text
    assert "127.0.0.1" not in caplog.text


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
    assert event_names(row) == ["received"]


@pytest.mark.django_db(transaction=True)
def test_whoever_takes_an_id_from_the_queue_finds_its_row(cast: Cast) -> None:
    """The id is queued after the commit, not before: a worker is faster than a commit."""
    found: list[bool] = []

    def take() -> bool:
        _queue, request_id = typing_cast(tuple[bytes, bytes], queue_redis().blpop([QUEUE_KEY], timeout=5))
        try:
            return SynthesisRequest.objects.filter(pk=request_id.decode()).exists()
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
    assert elsewhere(SynthesisRequest.objects.count) == 1


@pytest.mark.django_db(transaction=True)
def test_admission_costs_three_statements_and_a_transaction(cast: Cast) -> None:
    with CaptureQueriesContext(connection) as queries:
        admitted(cast.alice)
    statements = [query["sql"].split(" ", 2)[0] for query in queries.captured_queries]
    # The first asks for the version of the tenant's dictionary.
    assert statements == ["SELECT", "BEGIN", "INSERT", "INSERT", "COMMIT"]
