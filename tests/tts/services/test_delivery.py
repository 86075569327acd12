"""The line that says that audio was handed out: once, after it was, and never in anybody's way."""

import http.client
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import OperationalError, close_old_connections
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

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
LARGE = 64 * 2**20


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
    return served(f"/api/requests/{row.id}/audio", method, {**cast.alice.headers, **headers})


def served(path: str, method: str, headers: dict[str, str]) -> int:
    """The status of an answer that is sent to its end and closed, as WSGI servers do it. Django's client reads none."""
    environ = RequestFactory().generic(method.upper(), path, headers=headers).environ
    told: list[str] = []

    def begin(status: str, _headers: object, _problem: object = None, /) -> Callable[[bytes], object]:
        told.append(status)
        return lambda _data: None

    answer = get_wsgi_application()(environ, begin)
    try:
        for _piece in answer:
            pass  # as a server does: being read to its end is what counts
    finally:
        answer.close()
    return int(told[0].split()[0])


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
    """A request that begins or ends gives the connections back, this test's own among them."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("open_connections")
def test_it_is_written_once_the_answer_is_sent_and_closed_and_not_before(row: SynthesisRequest) -> None:
    answer = audio_response(row, DATA)
    assert b"".join(answer) == DATA
    assert deliveries(row) == []
    answer.close()
    assert len(deliveries(row)) == 1
    answer.close()
    assert len(deliveries(row)) == 1


@pytest.mark.usefixtures("open_connections")
def test_of_an_answer_whose_end_was_never_asked_for_nothing_is_written(row: SynthesisRequest) -> None:
    for asked in (0, 1):
        answer = audio_response(row, DATA)
        assert list(islice(answer, asked)) == [DATA] * asked
        answer.close()
    assert deliveries(row) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("hangs_up", [True, False])
def test_who_hangs_up_half_way_was_not_handed_the_audio(
    cast: Cast, live_server: LiveServer, closed: threading.Semaphore, hangs_up: bool
) -> None:
    """Over a real socket, with more audio than all its buffers hold."""
    row = claimed(cast.alice)
    outcome = replace(OUTCOME, audio=audio_store(row=row, data=bytes(LARGE)), audio_bytes=LARGE)
    request_succeed(row=row, outcome=outcome, attempts=[SPOKEN], now=timezone.now())
    address = urlsplit(live_server.url)
    client = http.client.HTTPConnection(address.hostname or "", address.port, timeout=20)
    client.request("GET", f"/api/requests/{row.id}/audio", headers=cast.alice.headers)

    answer = client.getresponse()
    got = len(answer.read(LARGE // 2 if hangs_up else LARGE))
    answer.close()
    client.close()

    assert closed.acquire(timeout=20)
    assert [data["bytes"] for data in deliveries(row)] == ([] if hangs_up else [got])


@pytest.fixture
def closed() -> Iterator[threading.Semaphore]:
    """Released whenever a server has closed an answer."""
    told = threading.Semaphore(0)

    def tell(**_about: object) -> None:
        told.release()

    request_finished.connect(tell)
    yield told
    request_finished.disconnect(tell)


def test_a_database_that_is_away_is_nobody_s_error(
    row: SynthesisRequest, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_arguments: object, **_more: object) -> None:
        raise OperationalError("the server is away")

    monkeypatch.setattr("django.db.models.query.QuerySet.bulk_create", broken)
    delivery_record(row=row, sent_bytes=200, now=timezone.now())

    assert f"delivery of request {row.pk} is not on record: OperationalError" in caplog.text


@pytest.mark.usefixtures("open_connections")
def test_the_first_fetch_of_stored_audio_is_a_delivery(cast: Cast, row: SynthesisRequest) -> None:
    assert [fetch(cast, row), fetch(cast, row)] == [200, 200]

    assert [data["bytes"] for data in deliveries(row)] == [200]


@pytest.mark.usefixtures("open_connections")
def test_a_player_s_first_part_is_one(cast: Cast, row: SynthesisRequest) -> None:
    assert fetch(cast, row, range="bytes=50-99") == 206
    assert deliveries(row) == []
    assert fetch(cast, row, range="bytes=0-99") == 206
    assert [data["bytes"] for data in deliveries(row)] == [100]


@pytest.mark.usefixtures("open_connections")
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


@pytest.mark.usefixtures("open_connections")
def test_staff_who_listen_are_no_client(row: SynthesisRequest) -> None:
    cookie = client_of(superuser()).cookies.output(header="", attrs=[]).strip()
    address = reverse("admin:tts_synthesisrequest_audio", args=[row.pk])

    assert served(address, "get", {"cookie": cookie}) == 200
    assert deliveries(row) == []


@pytest.mark.usefixtures("open_connections")
def test_a_request_that_was_not_spoken_has_none(cast: Cast) -> None:
    row = admitted(cast.alice)

    assert fetch(cast, row) == 409
    assert "delivered" not in event_names(row)
