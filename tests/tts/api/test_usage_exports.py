"""`/api/usage/exports`, on committed rows: files are written on a connection of their own."""

import json
import re
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import AuditEvent
from accounts.services.key_rotation import key_rotate
from accounts.services.keys import key_issue, key_revoke
from accounts.services.tenants import tenant_suspend
from tests.cast import Cast, plan
from tests.outages import flush_redis
from tests.tts.exports.stored import requested
from tests.tts.exports.usage import used_in_may
from tts.connections import background_queue
from tts.models import UsageExport
from tts.services.export_links import LINK_SECONDS, export_key_token
from tts.services.export_writing import export_run
from tts.services.exports import SETTLING, exports_expire

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_redis")]

PATH = "/api/usage/exports"
MAY = {"from": "2026-05-01", "to": "2026-05-31"}
Status = UsageExport.Status


@pytest.fixture(autouse=True)
def some_use(cast: Cast, exports_folder: Path) -> None:
    used_in_may(cast)


def asked(cast: Cast, headers: dict[str, str] | None = None, **fields: Any) -> Any:
    return Client().post(
        PATH,
        json.dumps(MAY | fields),
        content_type="application/json",
        headers=cast.alice.headers if headers is None else headers,
    )


def got(path: str, headers: dict[str, str]) -> Any:
    return Client().get(path, headers=headers)


def written(cast: Cast, **fields: Any) -> dict[str, Any]:
    """One that the worker has ended, as the API shows it."""
    path = asked(cast, **fields)["Location"]
    export_run(export_id=path.rpartition("/")[2], clock=timezone.now)
    answer: dict[str, Any] = got(path, cast.alice.headers).json()
    return answer


def ended(answer: dict[str, Any], status: str, **values: Any) -> None:
    UsageExport.all_tenants.filter(pk=answer["id"]).update(status=status, **values)


def without_token(link: str) -> str:
    return link.partition("?")[0]


def test_it_is_accepted_and_a_job_will_write_it(cast: Cast) -> None:
    response = asked(cast, format="ndjson", detail="lines", bom=True, manifest="none", timezone="UTC")
    body = response.json()
    assert (response.status_code, response["Location"]) == (202, f"{PATH}/{body['id']}")
    assert body == got(response["Location"], cast.alice.headers).json()
    shown = {name: body[name] for name in ("from", "to", "timezone", "format", "detail", "bom", "manifest")}
    assert shown == {
        **MAY,
        "timezone": "UTC",
        "format": "ndjson",
        "detail": "lines",
        "bom": True,
        "manifest": "none",
    }
    assert (body["status"], body["rows_done"], body["rows_expected"]) == ("queued", 0, None)
    assert (body["sha256"], body["expires_at"], body["error"]) == (None, None, None)
    assert body["links"] == {"self": response["Location"], "file": None, "manifest": None}
    assert background_queue().get_job_ids() == [f"export-{body['id']}"]


def test_without_a_body_it_is_the_summary_of_the_month_so_far(cast: Cast) -> None:
    response = Client().generic("POST", PATH, headers=cast.alice.headers)
    body = response.json()
    today = timezone.localdate()
    assert response.status_code == 202
    assert (body["format"], body["detail"], body["bom"], body["manifest"]) == (
        "csv",
        "summary",
        False,
        "inline",
    )
    assert body["from"].endswith("-01")
    assert abs((today - today.fromisoformat(body["to"])).days) <= 1


@pytest.mark.parametrize("file_format", ["csv", "ndjson", "xlsx"])
def test_the_file_is_what_was_promised_with_the_key_and_with_the_link_alone(
    cast: Cast, file_format: str
) -> None:
    body = written(cast, format=file_format, detail="lines")
    assert (body["status"], body["rows_done"], body["rows_expected"]) == ("succeeded", 3, 3)
    assert body["totals"]["all"]["characters"] == 30
    assert body["expires_at"] > body["finished_at"]
    name = f"usage-alice-2026-05-01-2026-05-31-lines.{file_format}"
    for link, headers in (
        (without_token(body["links"]["file"]), cast.alice.headers),
        (body["links"]["file"], {}),
        # The key does where the token does not.
        (f"{without_token(body['links']['file'])}?token=nonsense", cast.alice.headers),
    ):
        response = got(link, headers)
        assert response["Content-Disposition"] == f'attachment; filename="{name}"'
        assert response["Cache-Control"] == "private, no-store"
        data = response.getvalue()
        assert (sha256(data).hexdigest(), len(data)) == (body["sha256"], body["file_bytes"])
        assert "Current-Concurrent-Requests" in response.headers
    side = got(body["links"]["manifest"], {})
    assert side["Content-Disposition"] == f'attachment; filename="{name}.manifest.json"'
    assert json.loads(side.getvalue())["file"]["sha256"] == body["sha256"]


def test_the_manifest_can_be_left_out_of_the_file(cast: Cast) -> None:
    body = written(cast, manifest="none", bom=True)
    assert got(body["links"]["file"], {}).getvalue().startswith(b"\xef\xbb\xbfday,")


def test_asking_and_fetching_are_on_record_with_the_key(cast: Cast) -> None:
    body = written(cast)
    got(body["links"]["file"], {}).getvalue()
    Client().head(body["links"]["file"])
    events = AuditEvent.objects.of(cast.alice.tenant).filter(action__startswith="usage.").order_by("at")
    assert [(event.action, event.actor_kind, event.actor_name, event.target_id) for event in events] == [
        ("usage.export", "key", cast.alice.row.label, body["id"]),
        ("usage.download", "key", cast.alice.row.label, body["id"]),
    ]


@pytest.mark.parametrize("link", ["file", "manifest"])
def test_head_tells_type_and_size_and_sends_nothing(cast: Cast, link: str) -> None:
    address = written(cast)["links"][link]
    response, whole = Client().head(address), got(address, {})
    assert response.content == b""
    for name in ("Content-Type", "Content-Length", "Content-Disposition"):
        assert response[name] == whole[name]
    assert len(whole.getvalue()) == int(response["Content-Length"])


def test_a_link_ends_with_its_time(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    link = written(cast)["links"]["file"]
    later = timezone.now().timestamp() + LINK_SECONDS + 2
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert got(link, {}).status_code == 401
    assert got(link, cast.alice.headers).getvalue()


def test_a_link_ends_with_the_secret_that_got_it(cast: Cast) -> None:
    link = written(cast)["links"]["file"]
    key, _ = key_rotate(key=cast.alice.row, overlap=timedelta(hours=1))
    assert got(link, {}).getvalue()
    key_rotate(key=key, overlap=timedelta(0))
    assert got(link, {}).status_code == 401


def test_a_link_is_no_better_than_the_key_that_got_it(cast: Cast) -> None:
    tenant = cast.alice.tenant
    export = UsageExport.all_tenants.get(pk=written(cast)["id"])

    def fetched(**values: Any) -> tuple[int, str]:
        key, _ = key_issue(tenant=tenant, name="some", **values)
        return told(export_key_token(export=export, key=key))

    def told(token: str) -> tuple[int, str]:
        response = Client().get(f"{PATH}/{export.pk}/file", {"token": token})
        response.close()
        return response.status_code, response.json()["code"] if response.status_code != 200 else ""

    assert fetched() == (200, "")
    assert fetched(expires_at=timezone.now() - timedelta(seconds=1)) == (401, "unauthenticated")
    assert fetched(scopes=["history:read"]) == (403, "scope_missing")
    assert fetched(allowed_addresses=["192.0.2.0/24"]) == (403, "address_refused")
    key, _ = key_issue(tenant=tenant, name="revoked")
    token = export_key_token(export=export, key=key)
    assert told(token) == (200, "")
    key_revoke(key=key)
    assert told(token) == (401, "unauthenticated")
    token = export_key_token(export=export, key=cast.alice.row)
    tenant_suspend(tenant=tenant)
    assert told(token) == (403, "tenant_suspended")


def test_a_link_opens_one_file_of_its_own_tenant(cast: Cast) -> None:
    first, second = written(cast), written(cast)
    token = first["links"]["file"].partition("?")[2]
    assert got(f"{PATH}/{second['id']}/file?{token}", {}).status_code == 401
    assert got(f"{PATH}?{token}", {}).status_code == 401
    bobs = export_key_token(export=UsageExport.all_tenants.get(pk=first["id"]), key=cast.bob.row)
    assert Client().get(f"{PATH}/{first['id']}/file", {"token": bobs}).status_code == 404


@pytest.mark.parametrize("part", ["", "/file", "/manifest"])
def test_an_export_of_another_tenant_or_of_all_is_like_one_that_never_was(cast: Cast, part: str) -> None:
    def answer(export_id: object) -> tuple[Any, ...]:
        flush_redis()
        with CaptureQueriesContext(connection) as queries:
            response = Client().get(
                f"{PATH}/{export_id}{part}", headers={**cast.bob.headers, "X-Request-ID": "same"}
            )
        asked_for = [re.sub(r"'[^']*'", "'…'", query["sql"]) for query in queries]
        headers = sorted(response.headers.items())
        return response.status_code, response.content, headers, asked_for

    foreign, everybodys = written(cast), requested(None)
    export_run(export_id=everybodys.pk, clock=timezone.now)
    # The first call also notes that the key was used.
    answer(uuid4())
    unknown = answer(uuid4())
    assert unknown[0] == 404
    assert answer(foreign["id"]) == answer(everybodys.pk) == unknown


def test_the_list_has_the_own_ones_newest_first_page_by_page(cast: Cast) -> None:
    made = [asked(cast).json()["id"] for _ in range(5)]
    asked(cast, cast.bob.headers)
    requested(None)
    found, following = [], f"{PATH}?limit=2"
    while following:
        page = got(following, cast.alice.headers).json()
        assert len(page["exports"]) <= 2
        found += [one["id"] for one in page["exports"]]
        following = page["next"]
    assert found == made[::-1]
    assert page["exports"][0] == got(f"{PATH}/{made[0]}", cast.alice.headers).json()


def test_a_page_takes_the_same_queries_for_any_number_of_exports(cast: Cast) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as taken:
            assert got(PATH, cast.alice.headers).status_code == 200
        return len(taken)

    asked(cast)
    before = queries()
    for _ in range(3):
        asked(cast)
    assert queries() == before


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=ten", "limit"),
        ("limit=1&limit=2", "limit"),
        ("cursor=nonsense", "cursor"),
        ("tenant=bob", "tenant"),
    ],
)
def test_bad_parameters_of_the_list_are_named(cast: Cast, query: str, field: str) -> None:
    response = got(f"{PATH}?{query}", cast.alice.headers)
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"format": "pdf"}, "format"),
        ({"format": 1}, "format"),
        ({"detail": None}, "detail"),
        ({"bom": "true"}, "bom"),
        ({"bom": None}, "bom"),
        ({"manifest": ["none"]}, "manifest"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"from": "yesterday"}, "from"),
        ({"from": 20260501}, "from"),
        ({"from": "2026-06-01"}, "to"),
        ({"from": "2020-01-01"}, "to"),
        ({"to": "9999-12-31"}, "to"),
        ({"tenant": "bob"}, "tenant"),
        ({"key": {"id": 1}}, "key"),
        ({"from": "2011-12-30", "to": "2011-12-30", "timezone": "Pacific/Apia"}, "from"),
    ],
)
def test_bad_fields_are_named_and_nothing_is_asked_for(
    cast: Cast, fields: dict[str, Any], named: str
) -> None:
    response = asked(cast, **fields)
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [named]
    assert not UsageExport.all_tenants.exists()


def test_all_bad_fields_are_named_at_once(cast: Cast) -> None:
    errors = asked(cast, format=1, bom="yes", timezone="Mars", colour="red").json()["errors"]
    assert {error["field"] for error in errors} == {"format", "bom", "timezone", "colour"}


def test_a_body_that_is_no_json_object_is_refused(cast: Cast) -> None:
    for body, content_type, status in (
        ("[]", "application/json", 400),
        ("{", "application/json", 400),
        ("format=csv", "application/x-www-form-urlencoded", 415),
    ):
        response = Client().post(PATH, body, content_type=content_type, headers=cast.alice.headers)
        assert response.status_code == status


def test_too_many_at_once_are_refused_with_what_to_do_and_cost_nothing(
    cast: Cast, settings: Settings
) -> None:
    settings.EXPORTS_AT_ONCE_OF_ASKER = 1
    cast.alice.tenant.plan = plan("limited", requests_per_minute=60, requests_burst=10)
    cast.alice.tenant.save()
    first = asked(cast)
    refused = asked(cast)
    body = refused.json()
    assert (refused.status_code, body["code"], refused["Retry-After"]) == (429, "concurrency_limited", "30")
    assert body["violated-policies"] == ["concurrent-exports"]
    assert "This key has as many exports waiting or being written as it may (1)" in body["detail"]
    assert PATH in body["detail"]
    assert refused["X-RateLimit-Remaining"] == first["X-RateLimit-Remaining"]
    assert UsageExport.all_tenants.count() == 1
    ended(first.json(), Status.FAILED)
    assert asked(cast).status_code == 202


@pytest.mark.parametrize(
    ("bound", "policy", "told"),
    [
        ("EXPORTS_AT_ONCE", "concurrent-exports", "This tenant has as many"),
        ("EXPORTS_PER_DAY", "exports-per-day", "last 24 hours"),
        ("EXPORT_KEPT_MB", "export-storage", "1 MB"),
    ],
)
def test_each_bound_has_its_policy_and_its_words(
    cast: Cast, settings: Settings, bound: str, policy: str, told: str
) -> None:
    kept = asked(cast).json()
    if bound != "EXPORTS_AT_ONCE":
        expires_at = timezone.now() + timedelta(days=2)
        ended(kept, Status.SUCCEEDED, file_bytes=1_000_000, expires_at=expires_at)
    setattr(settings, bound, 1)
    refused = asked(cast)
    assert (refused.status_code, refused.json()["violated-policies"]) == (429, [policy])
    assert told in refused.json()["detail"]
    wait = {"EXPORTS_AT_ONCE": 30, "EXPORTS_PER_DAY": 86_400, "EXPORT_KEPT_MB": 2 * 86_400}[bound]
    assert wait - 60 < int(refused["Retry-After"]) <= wait


def test_what_is_not_there_says_why(cast: Cast) -> None:
    body = asked(cast).json()
    path = f"{body['links']['self']}/file"
    waiting = got(path, cast.alice.headers)
    assert (waiting.status_code, waiting.json()["code"], waiting["Retry-After"]) == (409, "not_ready", "1")
    ended(body, Status.FAILED, error_code="timed_out")
    failed = got(path, cast.alice.headers)
    assert (failed.status_code, failed.json()["code"]) == (409, "not_ready")
    assert "Retry-After" not in failed.headers
    error = got(body["links"]["self"], cast.alice.headers).json()["error"]
    assert (error["code"], "fewer days" in error["detail"]) == ("timed_out", True)


def test_a_file_that_has_gone_says_so(cast: Cast) -> None:
    body = written(cast)
    exports_expire(now=timezone.now() + timedelta(days=8))
    answer = got(body["links"]["self"], cast.alice.headers).json()
    assert (answer["status"], answer["sha256"]) == ("expired", body["sha256"])
    assert answer["links"]["file"] is None
    gone = got(body["links"]["file"], cast.alice.headers)
    assert (gone.status_code, gone.json()["code"]) == (410, "export_expired")


def test_whoever_waits_for_one_whose_job_is_gone_learns_of_it(cast: Cast) -> None:
    body = asked(cast).json()
    background_queue().empty()  # type: ignore[no-untyped-call] # RQ has no annotations here
    ended(body, Status.RUNNING, created_at=timezone.now() - 2 * SETTLING)
    answer = got(body["links"]["self"], cast.alice.headers).json()
    assert (answer["status"], answer["error"]["code"]) == ("failed", "interrupted")


def test_a_workbook_too_large_to_stream_is_sent_here_and_written_here(cast: Cast, settings: Settings) -> None:
    settings.EXPORT_XLSX_ROWS = 2
    fields = {"format": "xlsx", "detail": "lines"}
    refused = Client().get("/api/usage/export", MAY | fields, headers=cast.alice.headers)
    assert refused.status_code == 400
    assert f"POST {PATH}" in refused.json()["errors"][0]["message"]
    assert written(cast, **fields)["rows_done"] == 3
