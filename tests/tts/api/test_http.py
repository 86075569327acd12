"""What HTTP itself asks of every answer: ids, methods, media types, CORS, caching."""

import io
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.test import Client, RequestFactory
from pytest_django import Settings

from tests.cast import Cast
from tts.api.exposed_headers import EXPOSED_HEADERS
from tts.api.speech import SpeechView

pytestmark = pytest.mark.django_db

ORIGIN = "https://app.example"


@pytest.fixture
def access_log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """The access log propagates nowhere, so it is listened to directly."""
    logger = logging.getLogger("voxgate.access")
    logger.addHandler(caplog.handler)
    yield caplog
    logger.removeHandler(caplog.handler)


@pytest.mark.parametrize("sent", ["abc", "A.b_c:d-9", "x" * 128, "019a0000-0000-7000-8000-000000000000"])
def test_a_valid_request_id_is_kept(cast: Cast, sent: str) -> None:
    response = Client().get("/api/voices", headers={**cast.alice.headers, "X-Request-ID": sent})
    assert response["X-Request-ID"] == sent


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "x" * 129,
        "a b",
        "a\r\nSet-Cookie: evil=1",
        "a\nb",
        "a\n",
        "%0d%0aX: y",
        "<script>",
        "é",
        "a;b",
        # A key is no id: ids are logged and stored.
        "vg_live_ABCDEFGHIJKL_0123456789ABCDEFGHIJKLMNOPQRSTUVabcdef",
        "{}",
    ],
)
def test_any_other_is_replaced(cast: Cast, sent: str) -> None:
    response = Client().get("/api/nothing", headers={"X-Request-ID": sent})
    assert re.fullmatch(r"[0-9a-f]{32}", response["X-Request-ID"])
    assert response.json()["request_id"] == response["X-Request-ID"]
    assert "Set-Cookie" not in response


def test_every_answer_has_an_id_of_its_own(cast: Cast) -> None:
    paths = ["/api/voices", "/api/nothing", "/v1/nothing", "/livez", "/", "/nothing"]
    ids = [Client().get(path)["X-Request-ID"] for path in paths]
    assert len(set(ids)) == len(paths)


def test_the_access_log_names_who_asked_for_what_in_one_line(
    cast: Cast, access_log: pytest.LogCaptureFixture
) -> None:
    Client().get("/api/voices?text=secretphrase", headers={**cast.alice.headers, "X-Request-ID": "my-id"})
    (line,) = access_log.messages
    label = cast.alice.row.label
    assert line.startswith(
        f"address=127.0.0.1 tenant=alice key={label} method=GET path=/api/voices characters=- "
    )
    assert " status=200 " in line
    assert line.endswith(" request_id=my-id")
    assert "secretphrase" not in line
    assert cast.alice.key not in line


@pytest.mark.parametrize(
    "path",
    [
        "/api/x%0Aaddress=9.9.9.9%20tenant=bob",
        "/api/x%0D%0Aaddress=9.9.9.9",
        "/api/%1B%5B2Jx",
        "/api/%E2%80%A8x",
        "/api/x tenant=bob",
        "/api/%C2%85x",
        "/api/%FF%FE",
    ],
)
def test_a_path_forges_no_line_and_no_field(
    access_log: pytest.LogCaptureFixture, path: str, cast: Cast
) -> None:
    assert Client().get(path).status_code == 404
    (line,) = access_log.messages
    assert line.isascii()
    assert line.isprintable()
    assert line.count(" tenant=") == 1
    assert len(line.split(" ")) == 9


def test_health_checks_fill_no_log(access_log: pytest.LogCaptureFixture, cast: Cast) -> None:
    Client().get("/livez")
    assert access_log.messages == []


@pytest.mark.parametrize("accept", ["audio/wav", "audio/mpeg;q=0.5", "text/html", "*/*", "nonsense", ""])
def test_no_accept_header_is_a_reason_to_refuse(cast: Cast, accept: str) -> None:
    response = Client().get("/api/voices", headers={**cast.alice.headers, "Accept": accept})
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("Application/JSON", 200),
        ("application/json-patch+json", 415),
        ("text/json", 415),
        ("", 415),
    ],
)
def test_bodies_are_json(cast: Cast, content_type: str, status: int) -> None:
    response = Client().post(
        "/api/text/preview",
        data='{"text": "35℃"}'.encode(),
        content_type=content_type,
        headers=cast.alice.headers,
    )
    assert response.status_code == status, response.content


def test_head_answers_as_get_without_a_body(cast: Cast) -> None:
    got = Client().get("/api/voices", headers=cast.alice.headers)
    head = Client().head("/api/voices", headers=cast.alice.headers)
    assert (head.status_code, head["Content-Type"], head.content) == (200, got["Content-Type"], b"")


@pytest.mark.parametrize(
    ("path", "allowed"), [("/api/tts", {"POST", "OPTIONS"}), ("/api/voices", {"GET", "HEAD", "OPTIONS"})]
)
def test_options_and_405_name_the_methods(cast: Cast, path: str, allowed: set[str]) -> None:
    options = Client().options(path, headers=cast.alice.headers)
    assert options.status_code == 200
    assert set(options["Allow"].split(", ")) == allowed
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - allowed:
        response = Client().generic(method, path, headers=cast.alice.headers)
        assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
        assert set(response["Allow"].split(", ")) == allowed


def test_without_a_key_options_tells_nothing(settings: Settings) -> None:
    settings.VOXGATE_ANONYMOUS_TENANT = ""
    assert Client().options("/api/tts").status_code == 401


def test_what_a_key_may_read_is_kept_by_no_cache(cast: Cast) -> None:
    for path in ("/api/voices", "/api/requests/019a0000-0000-7000-8000-000000000000", "/api/tts"):
        response = Client().get(path, headers=cast.alice.headers)
        assert "no-store" in response["Cache-Control"], path


def test_other_origins_are_strangers_by_default(cast: Cast) -> None:
    response = Client().get("/api/voices", headers={**cast.alice.headers, "Origin": ORIGIN})
    assert response.status_code == 200
    assert "Access-Control-Allow-Origin" not in response


def preflight(path: str = "/api/tts", origin: str = ORIGIN) -> Any:
    return Client().options(
        path,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "x-api-key, content-type, idempotency-key",
        },
    )


def test_an_origin_that_is_allowed_may_send_keys_and_read_our_headers(cast: Cast, settings: Settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = [ORIGIN]
    asked = preflight()
    assert asked.status_code == 200
    assert asked["Access-Control-Allow-Origin"] == ORIGIN
    allowed = {name.strip().lower() for name in asked["Access-Control-Allow-Headers"].split(",")}
    assert {"authorization", "x-api-key", "xi-api-key", "content-type", "idempotency-key"} <= allowed
    assert "Access-Control-Allow-Credentials" not in asked

    response = Client().get("/api/voices", headers={**cast.alice.headers, "Origin": ORIGIN})
    assert response["Access-Control-Allow-Origin"] == ORIGIN
    assert set(response["Access-Control-Expose-Headers"].split(", ")) == set(EXPOSED_HEADERS)
    assert "origin" in response["Vary"].lower()


def test_no_other_origin_and_no_other_path_is_opened_by_it(cast: Cast, settings: Settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = [ORIGIN]
    assert "Access-Control-Allow-Origin" not in preflight(origin="https://evil.example")
    assert "Access-Control-Allow-Origin" not in preflight(path="/admin/login/")


def test_refusals_can_be_read_by_an_allowed_origin(cast: Cast, settings: Settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = [ORIGIN]
    response = Client().get("/api/voices", headers={"Origin": ORIGIN, "X-API-Key": "bad"})
    assert (response.status_code, response["Access-Control-Allow-Origin"]) == (401, ORIGIN)


class BrokenBody(io.BytesIO):
    """A client that goes away in the middle of its body."""

    def read(self, *args: object) -> bytes:
        raise ConnectionResetError


def test_a_client_that_goes_away_in_its_body_is_no_error_of_ours(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    request = RequestFactory().post("/api/tts", content_type="application/json", headers=cast.alice.headers)
    request.environ |= {"wsgi.input": BrokenBody(), "CONTENT_LENGTH": "10"}
    response = SpeechView.as_view()(WSGIRequest(request.environ))
    assert response.status_code == 400
    assert "unexpected" not in caplog.text
