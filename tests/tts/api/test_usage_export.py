"""`GET /api/usage/export`, on committed rows: it reads on a connection of its own."""

import csv
import gc
import io
import json
import threading
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.http import StreamingHttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from tests.cast import Cast
from tests.system import wait_for
from tests.tts.admin.history import queued
from tests.tts.exports.stored import spec_of
from tests.tts.exports.usage import spoken, unspoken
from tts.exports.file_formats import FileFormat
from tts.services import export_files
from tts.services.export_files import export_open

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_redis")]

MAY = {"from": "2026-05-01", "to": "2026-05-31"}


def asked(cast: Cast, **parameters: str) -> Any:
    return Client().get("/api/usage/export", MAY | parameters, headers=cast.alice.headers)


def fetched(cast: Cast, **parameters: str) -> bytes:
    response = asked(cast, **parameters)
    assert isinstance(response, StreamingHttpResponse), response.content
    return response.getvalue()


def records(data: bytes) -> list[dict[str, str]]:
    """The lines of data of a CSV file, by column."""
    text = data.decode("utf-8-sig")
    lines = [line for line in text.splitlines() if not line.startswith("# ")]
    return list(csv.DictReader(io.StringIO("\n".join(lines))))


def facts(data: bytes) -> dict[str, str]:
    rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    return {row[0].removeprefix("# "): row[1] for row in rows if row[0].startswith("# ")}


@pytest.fixture
def some_use(cast: Cast) -> None:
    spoken(cast.alice, datetime(2026, 5, 1, 1, tzinfo=UTC), characters=10, reference="=1+1")
    spoken(cast.alice, datetime(2026, 5, 1, 2, tzinfo=UTC), characters=20, fallback="error")
    unspoken(cast.alice, datetime(2026, 5, 2, 3, tzinfo=UTC))
    # The last of May in Shanghai, where it is May no longer.
    spoken(cast.alice, datetime(2026, 5, 31, 16, tzinfo=UTC), characters=40)
    spoken(cast.bob, datetime(2026, 5, 1, 1, tzinfo=UTC), characters=1000)


@pytest.mark.usefixtures("some_use")
def test_lines_are_requests_in_the_order_they_were_accepted(cast: Cast) -> None:
    response = asked(cast, detail="lines")
    assert response["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert (
        response["Content-Disposition"]
        == 'attachment; filename="usage-alice-2026-05-01-2026-05-31-lines.csv"'
    )
    first, second, third = records(response.getvalue())
    assert first["at"] == "2026-05-01T01:00:00.000Z"
    assert (first["tenant"], first["key_id"]) == ("alice", cast.alice.row.label)
    assert (first["characters"], first["audio_seconds"]) == ("10", "1.500")
    assert first["reference"] == "'=1+1"
    assert (second["fallback"], second["engine"]) == ("error", "espeak")
    assert (third["outcome"], third["error_code"], third["characters"]) == ("failed", "synthesis_failed", "0")


@pytest.mark.usefixtures("some_use")
def test_a_summary_is_the_default_and_has_a_line_for_each_local_day_and_kind(cast: Cast) -> None:
    found = records(fetched(cast))
    assert [(row["day"], row["outcome"], row["requests"], row["characters"]) for row in found] == [
        ("2026-05-01", "succeeded", "1", "20"),
        ("2026-05-01", "succeeded", "1", "10"),
        ("2026-05-02", "failed", "1", "0"),
    ]
    assert {row["key_name"] for row in found} == {"alice's app"}


@pytest.mark.usefixtures("some_use")
def test_the_time_zone_says_which_days_count(cast: Cast) -> None:
    found = records(fetched(cast, detail="lines", timezone="UTC"))
    assert len(found) == 4
    assert found[-1]["day"] == "2026-05-31"
    assert facts(fetched(cast, timezone="America/New_York"))["range.starts_at"] == "2026-05-01T04:00:00.000Z"


@pytest.mark.usefixtures("some_use")
@pytest.mark.parametrize(
    "zone", ["Asia/Shanghai", "UTC", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"]
)
def test_totals_of_summary_lines_manifest_and_usage_are_equal(cast: Cast, zone: str) -> None:
    told = Client().get("/api/usage", MAY | {"timezone": zone}, headers=cast.alice.headers).json()["totals"]
    for detail in ("summary", "lines"):
        data = fetched(cast, detail=detail, timezone=zone)
        found = records(data)
        amounts = {
            "requests": sum(int(row.get("requests", 1)) for row in found),
            "characters": sum(int(row["characters"]) for row in found),
            "audio_seconds": float(sum(Decimal(row["audio_seconds"]) for row in found)),
        }
        assert amounts == {name: told[name] for name in amounts}
        written = facts(data)
        assert {name: float(written[f"totals.all.{name}"]) for name in amounts} == amounts
        assert written["rows"] == str(len(found))


@pytest.mark.usefixtures("some_use")
def test_every_format_has_the_same_rows_and_totals(cast: Cast) -> None:
    rows = [
        json.loads(line)
        for line in fetched(cast, format="ndjson", detail="lines", manifest="none").splitlines()
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(fetched(cast, format="xlsx", detail="lines")))["Usage"]
    heading, *cells = sheet.iter_rows(values_only=True)
    as_text = records(fetched(cast, detail="lines"))
    for name in ("request_id", "characters", "audio_seconds", "outcome"):
        column = [row[heading.index(name)] for row in cells]
        assert column == [row[name] for row in rows]
        if name == "audio_seconds":
            assert column == [float(row[name]) for row in as_text]
        else:
            assert [str(value) for value in column] == [row[name] for row in as_text]


@pytest.mark.usefixtures("some_use")
def test_a_workbook_says_how_long_it_is(cast: Cast) -> None:
    response = asked(cast, format="xlsx")
    data = response.getvalue()
    assert response["Content-Length"] == str(len(data))
    assert response["Content-Disposition"].endswith('-summary.xlsx"')


def test_a_range_is_complete_when_it_has_ended_and_all_its_requests_have(cast: Cast) -> None:
    spoken(cast.alice, datetime(2026, 5, 1, 1, tzinfo=UTC))
    queued(cast.bob.tenant, at=datetime(2026, 5, 1, 2, tzinfo=UTC))
    assert facts(fetched(cast))["complete"] == "true"
    queued(cast.alice.tenant, at=datetime(2026, 5, 1, 2, tzinfo=UTC))
    assert facts(fetched(cast))["complete"] == "false"
    today = timezone.localdate().isoformat()
    assert facts(fetched(cast, **{"from": today, "to": today}))["complete"] == "false"


def test_without_use_there_is_a_file_with_a_heading(cast: Cast) -> None:
    data = fetched(cast)
    assert records(data) == []
    assert facts(data)["totals.all.requests"] == "0"
    assert b"\r\nday,tenant," in data


def test_options_leave_the_manifest_away_and_put_a_mark_before(cast: Cast) -> None:
    data = fetched(cast, manifest="none", bom="true")
    assert data.startswith(b"\xef\xbb\xbfday,")
    assert b"#" not in data


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"format": "pdf"}, "format"),
        ({"detail": "all"}, "detail"),
        ({"bom": "yes"}, "bom"),
        ({"manifest": "side"}, "manifest"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-06-01"}, "to"),
        ({"tenant": "bob"}, "tenant"),
        ({"key": "1"}, "key"),
    ],
)
def test_what_is_wrong_is_named(cast: Cast, parameters: dict[str, str], field: str) -> None:
    response = asked(cast, **parameters)
    assert response.status_code == 400
    assert field in [error["field"] for error in response.json()["errors"]]


@pytest.mark.usefixtures("some_use")
def test_a_workbook_of_too_many_rows_is_refused_with_what_to_do_instead(
    cast: Cast, settings: Settings
) -> None:
    settings.EXPORT_XLSX_ROWS = 2
    response = asked(cast, format="xlsx", detail="lines")
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert error["field"] == "format"
    assert "csv or ndjson" in error["message"]
    assert len(records(fetched(cast, detail="lines"))) == 3


@pytest.mark.usefixtures("some_use")
def test_nothing_of_another_tenant_is_in_any_file(cast: Cast) -> None:
    for file_format in ("csv", "ndjson"):
        for detail in ("summary", "lines"):
            assert b"bob" not in fetched(cast, format=file_format, detail=detail)


def test_head_tells_the_headers_and_opens_nothing(cast: Cast) -> None:
    # Of tests before: a connection that has ended is seen to have for a moment longer.
    wait_for(lambda: snapshots() == 0)
    response = Client().head("/api/usage/export", MAY, headers=cast.alice.headers)
    assert (response.status_code, response["Content-Type"][:8]) == (200, "text/csv")
    assert snapshots() == 0


def test_a_key_needs_the_scope(cast: Cast) -> None:
    assert Client().get("/api/usage/export", headers={"Authorization": "Bearer nonsense"}).status_code == 401


@pytest.mark.usefixtures("some_use")
def test_a_client_that_leaves_gives_connection_and_place_back(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_files, "PLACES_OF_TENANT", 1)
    response = asked(cast, detail="lines")
    next(iter(response))
    assert snapshots() == 1
    busy = asked(cast, detail="lines")
    assert (busy.status_code, busy.json()["code"], busy["Retry-After"]) == (503, "at_capacity", "5")
    response.close()
    wait_for(lambda: snapshots() == 0)
    assert fetched(cast, detail="lines")


def test_an_answer_that_nobody_reads_gives_them_back_too(cast: Cast) -> None:
    response = asked(cast)
    assert snapshots() == 1
    response.close()
    wait_for(lambda: snapshots() == 0)


@pytest.mark.usefixtures("some_use")
def test_a_workbook_that_takes_too_long_is_refused_and_gives_its_place_back(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_files, "PLACES_OF_TENANT", 1)
    monkeypatch.setattr(export_files, "WHOLE_SECONDS", 0)
    response = asked(cast, format="xlsx")
    assert (response.status_code, response.json()["code"]) == (504, "deadline_exceeded")
    assert response["x-should-retry"] == "false"
    assert "POST /api/usage/exports" in response.json()["detail"]
    wait_for(lambda: snapshots() == 0)
    assert fetched(cast)


@pytest.mark.usefixtures("some_use")
@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
@pytest.mark.parametrize("is_begun", [False, True])
def test_an_answer_that_is_forgotten_unclosed_gives_them_back_as_well(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, file_format: str, is_begun: bool
) -> None:
    monkeypatch.setattr(export_files, "PLACES_OF_TENANT", 1)
    response = asked(cast, format=file_format)
    assert isinstance(response, StreamingHttpResponse)
    if is_begun:
        next(iter(response))
    assert asked(cast).status_code == 503
    del response
    gc.collect()
    wait_for(lambda: snapshots() == 0)
    assert fetched(cast)


def test_a_place_is_left_even_while_its_own_thread_takes_one() -> None:
    """As the garbage collector does it, in the middle of anything."""
    places = export_files._Places()
    assert places.enter(None)
    thread = threading.Thread(target=places.leave, args=(None,), daemon=True)
    with places._lock:
        thread.start()
        thread.join(5)
        assert not thread.is_alive()
    assert [places.enter(None) for _ in range(export_files.PLACES_OF_TENANT + 1)].count(True) == (
        export_files.PLACES_OF_TENANT
    )


@pytest.mark.usefixtures("some_use")
@pytest.mark.parametrize("file_format", FileFormat)
def test_a_client_that_takes_too_long_is_cut_off_in_every_format(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, file_format: FileFormat
) -> None:
    monkeypatch.setattr(export_files, "CHUNK_BYTES", 100)
    now, left = [0.0], list[bool]()
    opened = export_open(spec=spec_of(cast.alice.tenant, file_format=file_format), now=timezone.now())
    stream = export_files.ExportStream(opened, lambda: left.append(True), clock=lambda: now[0])
    stream.prepare()
    chunks = iter(stream)
    now[0] = export_files.STREAM_SECONDS
    assert next(chunks)
    now[0] += 0.1
    with pytest.raises(export_files.ExportTooSlow):
        next(chunks)
    assert left == [True]
    wait_for(lambda: snapshots() == 0)


def snapshots() -> int:
    """Connections that keep a snapshot open."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND state LIKE 'idle in transaction%%'"
        )
        return int(cursor.fetchone()[0])
