"""`GET /api/requests`: filters, pages, refusals."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.services.keys import key_issue
from accounts.services.tenants import tenant_update
from tests.cast import Cast
from tests.tts.admin.history import failed, queued, succeeded
from tts.api.history import cursor_of, place_of
from tts.models import SynthesisRequest
from tts.request_history import Place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_redis", "audio_folder")]


def ask(cast: Cast, query: dict[str, Any] | None = None, path: str = "/api/requests") -> Any:
    return Client().get(path, query or {}, headers=cast.alice.headers)


def listed(cast: Cast, **query: Any) -> list[str]:
    response = ask(cast, {name.rstrip("_"): value for name, value in query.items()})
    assert response.status_code == 200, response.content
    return [one["id"] for one in response.json()["requests"]]


def ids(*rows: SynthesisRequest) -> list[str]:
    return [str(row.id) for row in rows]


def test_own_requests_newest_first_as_each_is_shown_by_itself(cast: Cast) -> None:
    at = timezone.now()
    older = succeeded(cast.alice.tenant, at=at - timedelta(hours=1), fallback="timeout")
    newer = queued(cast.alice.tenant, at=at)
    succeeded(cast.bob.tenant)
    body = ask(cast).json()
    assert [one["id"] for one in body["requests"]] == ids(newer, older)
    assert body["next"] is None
    assert body["requests"][1] == ask(cast, path=f"/api/requests/{older.id}").json()
    assert "text" not in body["requests"][1]


def test_filters_keep_what_they_name(cast: Cast) -> None:
    tenant = cast.alice.tenant
    plain = succeeded(tenant, reference="book-1", api_key=cast.alice.row)
    late = succeeded(tenant, fallback="timeout")
    bad = failed(tenant)
    waiting = queued(tenant, request_id="from-the-client")
    other_key, _ = key_issue(tenant=tenant, name="other")
    others = succeeded(tenant, api_key=other_key)

    assert listed(cast, status="failed") == ids(bad)
    assert listed(cast, status="queued") == ids(waiting)
    assert listed(cast, voice="cmn") == ids(late)
    assert listed(cast, engine="espeak") == ids(late)
    assert listed(cast, fallback="timeout") == listed(cast, fallback="any") == ids(late)
    assert listed(cast, fallback="none") == ids(others, plain)
    assert listed(cast, reference="book-1") == ids(plain)
    assert listed(cast, reference="book") == []
    assert listed(cast, key=cast.alice.row.label) == listed(cast, key=cast.alice.row.public_id) == ids(plain)
    assert listed(cast, key=cast.bob.row.label) == []
    assert listed(cast, search=str(late.id)) == ids(late)
    assert listed(cast, search="from-the-client") == ids(waiting)
    assert listed(cast, search="book-1") == ids(plain)
    assert listed(cast, search="book-1", status="failed") == []
    assert listed(cast, search=str(late.id), status="failed") == []
    assert listed(cast, status="succeeded", fallback="none", key=other_key.label) == ids(others)


def test_a_search_finds_nothing_of_another_tenant(cast: Cast) -> None:
    bobs = succeeded(cast.bob.tenant, reference="book-1", request_id="bobs")
    for term in (str(bobs.id), "book-1", "bobs"):
        assert listed(cast, search=term) == []


def test_days_are_the_tenants_own_and_both_are_included(cast: Cast) -> None:
    tenant = tenant_update(tenant=cast.alice.tenant, time_zone="Asia/Kathmandu")
    # Midnight there is 18:15 in UTC.
    first = datetime(2026, 5, 1, 18, 15, tzinfo=UTC)
    rows = [
        queued(tenant, at=first + timedelta(seconds=seconds))
        for seconds in (-1, 0, 24 * 3600 - 1, 24 * 3600, 48 * 3600)
    ]
    assert listed(cast, from_="2026-05-02", to="2026-05-02") == ids(rows[2], rows[1])
    assert listed(cast, from_="2026-05-02", to="2026-05-03") == ids(rows[3], rows[2], rows[1])
    assert listed(cast, to="2026-05-01") == ids(rows[0])
    assert listed(cast, from_="2026-05-02T18:15:00Z") == ids(rows[4], rows[3])
    assert listed(cast, from_="2026-05-03T02:15:00+08:00", to="2026-05-03T18:15:00Z") == ids(rows[3])


def test_pages_hold_each_request_once_whatever_comes_in_between(cast: Cast) -> None:
    at = timezone.now()
    # All in one moment: then the ids tell the order.
    rows = [queued(cast.alice.tenant, at=at) for _ in range(7)]
    expected = sorted(ids(*rows), reverse=True)
    seen: list[str] = []
    body = ask(cast, {"limit": "3", "status": "queued"}).json()
    while True:
        seen += [one["id"] for one in body["requests"]]
        queued(cast.alice.tenant, at=at + timedelta(seconds=1))
        if body["next"] is None:
            break
        assert len(body["requests"]) == 3
        assert body["next"].startswith("/api/requests?limit=3&status=queued&cursor=")
        body = ask(cast, path=body["next"]).json()
    assert seen == expected


def test_a_cursor_stands_for_its_place() -> None:
    place = Place(datetime(2026, 5, 1, 1, 2, 3, 456789, tzinfo=UTC), UUID(int=7))
    assert place_of(cursor_of(place)) == place


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("status", "done", "invalid"),
        ("status", "", "invalid"),
        ("fallback", "sometimes", "invalid"),
        ("limit", "0", "invalid"),
        ("limit", "101", "invalid"),
        ("limit", "1e1", "invalid"),
        ("limit", "²", "invalid"),
        ("from", "yesterday", "invalid"),
        ("from", "2026-02-30", "invalid"),
        ("from", "2026-05-01T08:00:00", "invalid"),
        ("from", "2026-05-01T25:00:00Z", "invalid"),
        ("to", "9999-12-31", "invalid"),
        ("to", "0001-01-01", "invalid"),
        ("from", "0001-01-01T00:00:00+14:00", "invalid"),
        ("reference", "a\0b", "invalid"),
        ("voice", "x" * 201, "invalid"),
        ("search", "", "invalid"),
        ("cursor", "nonsense", "invalid"),
        ("cursor", "ä", "invalid"),
        ("cursor", base64.urlsafe_b64encode(b"\xff" * 24).decode(), "invalid"),
        ("cursor", base64.urlsafe_b64encode(b"\0" * 23).decode(), "invalid"),
        ("batch", "1", "unknown"),
        ("tenant", "1", "unknown"),
    ],
)
def test_bad_parameters_are_named(cast: Cast, name: str, value: str, code: str) -> None:
    response = ask(cast, {name: value})
    assert response.status_code == 400
    assert [(error["field"], error["code"]) for error in response.json()["errors"]] == [(name, code)]


def test_all_of_them_are_named_at_once_and_none_is_taken_twice(cast: Cast) -> None:
    response = ask(cast, {"limit": ["1", "2"], "status": "done", "colour": "red"})
    assert {error["field"] for error in response.json()["errors"]} == {"limit", "status", "colour"}


@pytest.mark.parametrize(
    ("query", "queries"),
    [({}, 4), ({"key": "vg_live_x"}, 5), ({"search": "x"}, 5), ({"status": "failed"}, 4)],
)
def test_a_page_takes_the_same_queries_for_any_number_of_requests(
    cast: Cast, django_assert_num_queries: Any, query: dict[str, str], queries: int
) -> None:
    for _ in range(3):
        failed(cast.alice.tenant, request_id="x", api_key=cast.alice.row)
    query = {**query, **({"key": cast.alice.row.label} if "key" in query else {})}
    # The first call of a key in a while notes that it was used.
    ask(cast)
    # The key with its limits, the page, its attempts, how many are in flight; the key or the ids asked for.
    with django_assert_num_queries(queries):
        assert len(ask(cast, query).json()["requests"]) == 3


def test_texts_are_not_read_from_the_database(cast: Cast) -> None:
    queued(cast.alice.tenant)
    with CaptureQueriesContext(connection) as captured:
        ask(cast)
    pages = [
        query["sql"] for query in captured if "ORDER BY" in query["sql"] and "created_at" in query["sql"]
    ]
    assert len(pages) == 1
    assert '"tts_synthesisrequest"."text"' not in pages[0]
