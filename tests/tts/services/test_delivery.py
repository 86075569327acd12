"""The line that says that audio was handed out: once, after it was, and never in anybody's way."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.signals import request_finished
from django.db import OperationalError, close_old_connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.admin_cast import client_of, superuser
from tests.cast import Cast
from tests.tts.rows import OUTCOME, SPOKEN, admitted, claimed, event_names, together
from tts.api.audio_response import audio_response
from tts.models import RequestEvent, SynthesisRequest
from tts.services.delivery import delivery_record
from tts.services.history import audio_store
from tts.services.states import request_succeed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_redis", "audio_folder")]

DATA = bytes(range(200))


@pytest.fixture
def row(cast: Cast) -> SynthesisRequest:
    row = claimed(cast.alice)
    outcome = replace(OUTCOME, audio=audio_store(row=row, data=DATA), audio_bytes=len(DATA))
    request_succeed(row=row, outcome=outcome, attempts=[SPOKEN], now=timezone.now())
    row.refresh_from_db()
    return row


def deliveries(row: SynthesisRequest) -> list[dict[str, Any]]:
    return list(row.events.filter(name="delivered").values_list("data", flat=True))


def fetch(cast: Cast, row: SynthesisRequest, method: str = "get", **headers: str) -> int:
    sent = {**cast.alice.headers, **headers}
    return int(getattr(Client(), method)(f"/api/requests/{row.id}/audio", headers=sent).status_code)


def test_a_delivery_tells_how_much_and_how_long_after_the_arrival(row: SynthesisRequest) -> None:
    delivery_record(row=row, sent_bytes=200, now=row.created_at + timedelta(seconds=1.5))

    assert deliveries(row) == [{"bytes": 200, "seconds": 1.5}]
    line = row.events.get(name="delivered")
    assert (line.tenant_id, line.level) == (row.tenant_id, RequestEvent.Level.ACCESS)


def test_only_the_first_is_kept(row: SynthesisRequest) -> None:
    for seconds in (1, 2):
        delivery_record(row=row, sent_bytes=200, now=row.created_at + timedelta(seconds=seconds))

    assert deliveries(row) == [{"bytes": 200, "seconds": 1.0}]


@pytest.mark.django_db(transaction=True)
def test_of_many_at_the_same_moment_one_is_kept(row: SynthesisRequest) -> None:
    together(*[lambda: delivery_record(row=row, sent_bytes=200, now=timezone.now())] * 8)

    assert len(deliveries(row)) == 1


@pytest.fixture
def open_connections() -> Iterator[None]:
    """A response that is closed gives the connections back, this test's own among them."""
    request_finished.disconnect(close_old_connections)
    yield
    request_finished.connect(close_old_connections)


@pytest.mark.usefixtures("open_connections")
def test_it_is_written_once_the_answer_is_closed_and_not_before(row: SynthesisRequest) -> None:
    answer = audio_response(row, DATA)
    assert deliveries(row) == []
    answer.close()
    assert len(deliveries(row)) == 1
    answer.close()
    assert len(deliveries(row)) == 1


def test_a_database_that_is_away_is_nobody_s_error(
    row: SynthesisRequest, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_arguments: object, **_more: object) -> None:
        raise OperationalError("the server is away")

    monkeypatch.setattr("django.db.models.query.QuerySet.bulk_create", broken)
    delivery_record(row=row, sent_bytes=200, now=timezone.now())

    assert f"delivery of request {row.pk} is not on record: OperationalError" in caplog.text


def test_the_first_fetch_of_stored_audio_is_a_delivery(cast: Cast, row: SynthesisRequest) -> None:
    assert [fetch(cast, row), fetch(cast, row)] == [200, 200]

    assert [data["bytes"] for data in deliveries(row)] == [200]


def test_a_player_s_first_part_is_one(cast: Cast, row: SynthesisRequest) -> None:
    assert fetch(cast, row, range="bytes=50-99") == 206
    assert deliveries(row) == []
    assert fetch(cast, row, range="bytes=0-99") == 206
    assert [data["bytes"] for data in deliveries(row)] == [100]


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("head", {}, 200),
        ("get", {"if-none-match": "*"}, 304),
        ("get", {"range": "bytes=500-"}, 416),
    ],
)
def test_who_is_sent_no_audio_was_delivered_none(
    cast: Cast, row: SynthesisRequest, method: str, headers: dict[str, str], status: int
) -> None:
    assert fetch(cast, row, method, **headers) == status
    assert deliveries(row) == []


def test_staff_who_listen_are_no_client(row: SynthesisRequest) -> None:
    client = client_of(superuser())

    assert client.get(reverse("admin:tts_synthesisrequest_audio", args=[row.pk])).status_code == 200
    assert deliveries(row) == []


def test_a_request_that_was_not_spoken_has_none(cast: Cast) -> None:
    row = admitted(cast.alice)

    assert fetch(cast, row) == 409
    assert "delivered" not in event_names(row)
