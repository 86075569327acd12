"""The audio of a past request: conditions, parts, methods."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.cast import Cast
from tests.tts.rows import OUTCOME, SPOKEN, claimed
from tts.models import SynthesisRequest
from tts.services.history import audio_store
from tts.services.states import request_cancel, request_succeed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_redis", "audio_folder")]

DATA = bytes(range(200))


@pytest.fixture
def row(cast: Cast) -> SynthesisRequest:
    row = claimed(cast.alice)
    outcome = replace(OUTCOME, audio=audio_store(row=row, data=DATA), audio_bytes=len(DATA))
    request_succeed(row=row, outcome=outcome, attempts=[SPOKEN], now=timezone.now())
    return row


@pytest.fixture
def etag(cast: Cast, row: SynthesisRequest) -> str:
    etag: str = fetch(cast, row)["ETag"]
    return etag


def fetch(cast: Cast, row: SynthesisRequest, method: str = "get", **headers: str) -> Any:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    send = getattr(Client(), method)
    return send(f"/api/requests/{row.id}/audio", headers={**cast.alice.headers, **sent})


def test_the_whole_is_described(cast: Cast, row: SynthesisRequest) -> None:
    response = fetch(cast, row)
    assert (response.status_code, response.content) == (200, DATA)
    assert response["Content-Type"] == "audio/wav"
    assert response["Content-Length"] == "200"
    assert response["Accept-Ranges"] == "bytes"
    assert response["Content-Disposition"] == f'inline; filename="voxgate-{row.id}.wav"'
    assert "private" in response["Cache-Control"]
    assert response["X-Voxgate-Engine"] == "espeak"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ("{}", 304),
        ("W/{}", 304),
        ('"other", {}', 304),
        ("*", 304),
        ('"other"', 200),
        ("nonsense", 200),
        ('"x{}', 200),
    ],
)
def test_who_has_it_is_told_so(cast: Cast, row: SynthesisRequest, etag: str, sent: str, status: int) -> None:
    response = fetch(cast, row, If_None_Match=sent.replace("{}", etag))
    assert response.status_code == status
    if status == 304:
        assert response.content == b""
        assert response["ETag"] == etag


@pytest.mark.parametrize(
    ("if_range", "status"),
    [("{}", 206), ('"other"', 200), ("W/{}", 200), ("Sat, 29 Oct 2022 19:43:31 GMT", 200)],
)
def test_a_part_is_given_only_of_the_version_meant(
    cast: Cast, row: SynthesisRequest, etag: str, if_range: str, status: int
) -> None:
    response = fetch(cast, row, Range="bytes=10-19", If_Range=if_range.replace("{}", etag))
    assert response.status_code == status
    assert response.content == (DATA[10:20] if status == 206 else DATA)


def test_a_part_is_described(cast: Cast, row: SynthesisRequest, etag: str) -> None:
    response = fetch(cast, row, Range="bytes=190-500")
    assert (response.status_code, response.content) == (206, DATA[190:])
    assert response["Content-Range"] == "bytes 190-199/200"
    assert response["Content-Length"] == "10"
    assert response["ETag"] == etag


def test_head_ignores_ranges(cast: Cast, row: SynthesisRequest) -> None:
    response = fetch(cast, row, method="head", Range="bytes=0-9")
    assert (response.status_code, response.content, response["Content-Length"]) == (200, b"", "200")


def test_several_parts_are_answered_with_the_whole(cast: Cast, row: SynthesisRequest) -> None:
    response = fetch(cast, row, Range="bytes=0-1,5-6")
    assert (response.status_code, response.content) == (200, DATA)


def test_what_was_canceled_will_never_have_audio(cast: Cast) -> None:
    row = claimed(cast.alice)
    request_cancel(request_id=row.id, now=timezone.now())
    response = fetch(cast, row)
    assert (response.status_code, response.json()["code"]) == (409, "not_ready")
    assert "Retry-After" not in response


def test_another_tenants_audio_is_like_none(cast: Cast, row: SynthesisRequest) -> None:
    headers = {**cast.bob.headers, "X-Request-ID": "same"}
    foreign = Client().get(f"/api/requests/{row.id}/audio", headers=headers)
    unknown = Client().get(f"/api/requests/{cast.bob.tenant.id}/audio", headers=headers)
    assert (foreign.status_code, foreign.content) == (404, unknown.content)


def test_a_record_costs_four_queries(
    cast: Cast, row: SynthesisRequest, django_assert_num_queries: Any
) -> None:
    fetch(cast, row)
    # The key with its limits, the request, its attempts, how many are in flight.
    with django_assert_num_queries(4):
        Client().get(f"/api/requests/{row.id}", headers=cast.alice.headers)
