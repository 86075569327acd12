"""Every code of the contract, brought about in earnest."""

import json
import logging
import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.services.keys import key_issue
from accounts.services.tenants import tenant_suspend
from tests.cast import Cast
from tests.engines_for_tests import FailingEngine
from tests.outages import database_away, redis_away
from tests.tts.exports.stored import requested
from tests.tts.rows import OUTCOME, SPOKEN, admitted, claimed, working
from tts.api.problems import TITLES
from tts.connections import volatile_redis
from tts.engines.chain import EngineChain
from tts.models import SynthesisRequest, UsageEvent, UsageExport
from tts.services import speech
from tts.services.exports import export_run, exports_expire
from tts.services.history import audio_store
from tts.services.states import request_succeed
from tts.services.waiters import Waiters

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_redis", "audio_folder", "exports_folder")]

SECRET = "蓝色大象 secretphrase"
Ask = Callable[[Cast], Any]


def speak(cast: Cast, body: dict[str, object] | None = None, **extra: Any) -> Any:
    body = {"text": SECRET, "timeout": 10} if body is None else body
    headers = extra.pop("headers", cast.alice.headers)
    return Client().post(
        "/api/tts", data=json.dumps(body).encode(), content_type="application/json", headers=headers, **extra
    )


def look(cast: Cast, path: str, **headers: str) -> Any:
    return Client().get(path, headers={**cast.alice.headers, **headers})


def succeeded(cast: Cast, audio: str = "") -> SynthesisRequest:
    row = claimed(cast.alice)
    name = audio or audio_store(row=row, data=b"0123456789")
    outcome = replace(OUTCOME, audio=name, audio_bytes=10)
    assert request_succeed(row=row, outcome=outcome, attempts=[SPOKEN], now=timezone.now())
    return row


def expired(cast: Cast) -> UsageExport:
    export = requested(cast.alice.tenant)
    export_run(export_id=export.pk, clock=timezone.now)
    export.refresh_from_db()
    assert export.expires_at is not None
    assert exports_expire(now=export.expires_at) == 1
    return export


def from_a_suspended_tenant(cast: Cast) -> Any:
    tenant_suspend(tenant=cast.alice.tenant)
    return speak(cast)


def without_the_scope(cast: Cast) -> Any:
    _, key = key_issue(tenant=cast.alice.tenant, name="reader", scopes=["history:read"])
    return speak(cast, headers={"X-API-Key": key})


def while_engines_fail(cast: Cast) -> Any:
    with working(EngineChain(FailingEngine(), FailingEngine())):
        return speak(cast)


def while_too_many_wait(cast: Cast) -> Any:
    full = Waiters(1)
    full.enter(uuid4())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(speech, "_waiters", full)
        return speak(cast)


def without_redis(cast: Cast) -> Any:
    with redis_away():
        return speak(cast)


def hung_up(cast: Cast) -> Any:
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours:
        extra: dict[str, Any] = {"gunicorn.socket": ours}
        return speak(cast, **extra)


def of_a_folder(cast: Cast) -> Any:
    """An error nobody thought of: the audio's name leads to a directory."""
    return look(cast, f"/api/requests/{succeeded(cast, audio=str(cast.alice.tenant.id)).id}/audio")


def of_nothing(cast: Cast) -> Any:
    succeeded(cast)
    return of_a_folder(cast)


CODES: dict[str, tuple[int, Ask]] = {
    "invalid_request": (400, lambda cast: speak(cast, {"text": ""})),
    "unauthenticated": (401, lambda cast: speak(cast, headers={"X-API-Key": "bad"})),
    "tenant_suspended": (403, from_a_suspended_tenant),
    "scope_missing": (403, without_the_scope),
    "not_found": (404, lambda cast: look(cast, f"/api/requests/{uuid4()}")),
    "method_not_allowed": (405, lambda cast: look(cast, "/api/tts")),
    "not_ready": (409, lambda cast: look(cast, f"/api/requests/{admitted(cast.alice).id}/audio")),
    "audio_expired": (
        410,
        lambda cast: look(cast, f"/api/requests/{succeeded(cast, audio='gone.wav').id}/audio"),
    ),
    "export_expired": (410, lambda cast: look(cast, f"/api/usage/exports/{expired(cast).id}/file")),
    "body_too_large": (413, lambda cast: speak(cast, {"text": "a" * 300_000})),
    "unsupported_media_type": (
        415,
        lambda cast: Client().post(
            "/api/tts", data=b"{}", content_type="text/plain", headers=cast.alice.headers
        ),
    ),
    "range_not_satisfiable": (
        416,
        lambda cast: look(cast, f"/api/requests/{succeeded(cast).id}/audio", Range="bytes=10-"),
    ),
    "canceled": (499, hung_up),
    "synthesis_failed": (500, while_engines_fail),
    "internal": (500, of_nothing),
    "at_capacity": (503, while_too_many_wait),
    "dependency_unavailable": (503, without_redis),
    "deadline_exceeded": (504, lambda cast: speak(cast, {"text": SECRET, "timeout": 0.5})),
}
WAITING = ("canceled", "synthesis_failed", "deadline_exceeded")
NOT_FROM_THE_API = {
    "forbidden": "answers a refusal of Django's own; see tests/voxgate/test_errors.py",
    "address_refused": "tests/accounts/test_authentication.py",
    **dict.fromkeys(
        (
            "rate_limited",
            "characters_rate_limited",
            "concurrency_limited",
            "quota_exhausted",
            "idempotency_in_flight",
            "idempotency_mismatch",
        ),
        "tests/tts/api/test_limits.py",
    ),
}


def case(code: str, *more: str) -> Any:
    """A request that waits gives its connection back, which ends a test's own transaction."""
    marks = [pytest.mark.django_db(transaction=True)] if code in WAITING else []
    return pytest.param(code, *more, marks=marks)


@pytest.mark.parametrize("code", [case(code) for code in CODES])
def test_each_code_is_a_problem_with_its_status(
    cast: Cast, caplog: pytest.LogCaptureFixture, code: str
) -> None:
    caplog.set_level(logging.DEBUG)
    status, ask = CODES[code]
    response = ask(cast)
    body = response.json()
    assert (response.status_code, body["code"], body["status"]) == (status, code, status), body
    assert response["Content-Type"] == "application/problem+json"
    assert (body["type"], body["title"]) == (f"urn:voxgate:problem:{code}", TITLES[code])
    assert body["instance"] == f"urn:voxgate:request:{response['X-Request-ID']}"
    assert body["detail"]
    assert "secretphrase" not in response.content.decode() + caplog.text
    assert UsageEvent.all_tenants.filter(tenant=cast.alice.tenant, characters=len(SECRET)).count() == 0


def test_the_table_of_codes_is_complete() -> None:
    assert set(CODES) | set(NOT_FROM_THE_API) == set(TITLES)


@pytest.mark.parametrize(
    ("code", "header", "value"),
    [
        case("at_capacity", "Retry-After", "1"),
        case("dependency_unavailable", "Retry-After", "5"),
        case("not_ready", "Retry-After", "1"),
        case("deadline_exceeded", "x-should-retry", "false"),
        case("unauthenticated", "WWW-Authenticate", "Bearer"),
        case("range_not_satisfiable", "Content-Range", "bytes */10"),
    ],
)
def test_refusals_say_what_to_do(cast: Cast, code: str, header: str, value: str) -> None:
    response = CODES[code][1](cast)
    assert response[header] == value
    if header == "Retry-After":
        assert response.json()["retry_after"] == int(value)


def test_an_unexpected_exception_leaves_its_stack_in_the_log_and_nothing_in_the_answer(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    response = of_nothing(cast)
    assert "unexpected IsADirectoryError" in caplog.text
    assert "tts/services/history.py" in caplog.text
    assert "IsADirectory" not in response.content.decode()
    assert "Errno" not in caplog.text + response.content.decode()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            "ADD CONSTRAINT no_elephants CHECK (text NOT LIKE '%secretphrase%')",
            "IntegrityError (SQLSTATE 23514, constraint no_elephants)",
        ),
        ("ALTER COLUMN text TYPE varchar(3)", "DataError (SQLSTATE 22001)"),
        ("RENAME COLUMN text TO words", "ProgrammingError (SQLSTATE 42703)"),
    ],
    ids=["integrity", "data", "programming"],
)
def test_what_the_database_refuses_is_our_defect_and_told_without_values(
    cast: Cast, caplog: pytest.LogCaptureFixture, change: str, told: str
) -> None:
    caplog.set_level(logging.DEBUG)
    with connection.cursor() as cursor:
        # Data definition is part of the transaction that ends with the test.
        cursor.execute(f"ALTER TABLE {SynthesisRequest._meta.db_table} {change}")
    response = speak(cast)
    body = response.json()
    assert (response.status_code, body["code"]) == (500, "internal")
    assert body["request_id"] == response["X-Request-ID"]
    assert "Retry-After" not in response
    assert f"unexpected {told}" in caplog.text
    assert "tts/services/admission.py" in caplog.text, "the stack is there"
    assert "secretphrase" not in caplog.text + response.content.decode()


def test_a_database_that_does_not_answer_in_time_is_away(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 50")
        cursor.execute(
            "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN PERFORM pg_sleep(10); RETURN NEW; END';"
            f"CREATE TRIGGER wait BEFORE INSERT ON {SynthesisRequest._meta.db_table}"
            " FOR EACH ROW EXECUTE FUNCTION wait()"
        )
    response = speak(cast)
    assert (response.status_code, response.json()["code"]) == (503, "dependency_unavailable")
    assert response["Retry-After"] == "5"
    assert "a dependency is away: OperationalError" in caplog.text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/tts"),
        ("POST", "/api/text/preview"),
        ("GET", "/api/voices"),
        ("GET", "/api/requests/019a0000-0000-7000-8000-000000000000"),
        ("GET", "/api/requests/019a0000-0000-7000-8000-000000000000/audio"),
    ],
)
def test_without_a_database_every_route_is_unavailable_for_a_while(
    cast: Cast, caplog: pytest.LogCaptureFixture, method: str, path: str
) -> None:
    with database_away():
        response = Client().generic(
            method, path, b'{"text": "secretphrase"}', "application/json", headers=cast.alice.headers
        )
    assert response.status_code == 503
    assert json.loads(response.content)["code"] == "dependency_unavailable"
    assert response["Retry-After"] == "5"
    assert "a dependency is away: OperationalError" in caplog.text
    assert "127.0.0.1" not in caplog.text.replace("address=127.0.0.1", "") + response.content.decode()


def test_without_redis_history_and_voices_keep_working(cast: Cast) -> None:
    row = succeeded(cast)
    with redis_away():
        assert look(cast, f"/api/requests/{row.id}").status_code == 200
        assert look(cast, f"/api/requests/{row.id}/audio").content == b"0123456789"
        assert look(cast, "/api/voices").status_code == 200
    assert volatile_redis().ping()


def test_bad_fields_are_quoted_harmlessly(cast: Cast) -> None:
    body = {"text": "a", "x\r\n\u202e\ud800" + "y" * 100: 1}
    response = speak(cast, body)
    (error,) = response.json()["errors"]
    assert error["code"] == "unknown"
    assert error["field"] == "x????" + "y" * 55
