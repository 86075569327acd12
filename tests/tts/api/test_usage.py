"""`GET /api/usage`: what it takes, what it answers, and whom."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.services.keys import key_issue
from tests.cast import Cast
from tests.outages import redis_away
from tests.tts.usage.events import Status, used
from tests.tts.usage.reading import answered, asked

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_redis")]

MAY = {"from": "2026-05-01", "to": "2026-05-03"}
NOON = "2026-05-02T12:00:00+08:00"


def test_days_are_the_tenants_own_and_each_is_a_row(cast: Cast) -> None:
    used(cast.alice.tenant, "2026-05-01T15:59:59Z", characters=5, audio_seconds=1.25, key=cast.alice.row)
    used(cast.alice.tenant, "2026-05-01T16:00:00Z", characters=7, audio_seconds=0.001, key=cast.alice.row)
    assert asked(cast.alice, **MAY) == {
        "from": "2026-05-01",
        "to": "2026-05-03",
        "timezone": "Asia/Shanghai",
        "group_by": ["day"],
        "rows": [
            {"day": "2026-05-01", "requests": 1, "characters": 5, "audio_seconds": Decimal("1.25")},
            {"day": "2026-05-02", "requests": 1, "characters": 7, "audio_seconds": Decimal("0.001")},
            {"day": "2026-05-03", "requests": 0, "characters": 0, "audio_seconds": 0},
        ],
        "totals": {"requests": 2, "characters": 12, "audio_seconds": Decimal("1.251")},
    }


def test_another_time_zone_has_other_days(cast: Cast) -> None:
    used(cast.alice.tenant, "2026-05-01T16:00:00Z", characters=7)
    answer = asked(cast.alice, **MAY, timezone="America/New_York")
    assert answer["timezone"] == "America/New_York"
    assert [row["characters"] for row in answer["rows"]] == [7, 0, 0]


def test_everything_it_groups_by_is_a_column(cast: Cast) -> None:
    alice = cast.alice
    used(alice.tenant, NOON, characters=3, key=alice.row, engine="piper", voice="zh-a", reference="书-1")
    used(alice.tenant, NOON, outcome=Status.FAILED)
    columns = "month,day,key,voice,engine,outcome,reference"
    zero = {"requests": 1, "characters": 0, "audio_seconds": 0}
    when = {"month": "2026-05", "day": "2026-05-02"}
    answer = asked(alice, **MAY, group_by=columns)
    assert answer["group_by"] == columns.split(",")
    assert answer["rows"] == [
        when
        | {"key": alice.row.label, "key_name": alice.row.name, "voice": "zh-a", "engine": "piper"}
        | {"outcome": "succeeded", "reference": "书-1", **zero, "characters": 3},
        when
        | {"key": None, "key_name": None, "voice": "", "engine": "", "outcome": "failed"}
        | {"reference": "", **zero},
    ]


@pytest.mark.parametrize(
    ("now", "zone", "expected"),
    [
        (datetime(2026, 4, 30, 15, 59, tzinfo=UTC), "Asia/Shanghai", ("2026-04-01", "2026-04-30")),
        (datetime(2026, 4, 30, 16, 0, tzinfo=UTC), "Asia/Shanghai", ("2026-05-01", "2026-05-01")),
        (datetime(2026, 1, 1, 4, 0, tzinfo=UTC), "America/New_York", ("2025-12-01", "2025-12-31")),
    ],
)
def test_without_days_it_is_the_local_month_so_far(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, now: datetime, zone: str, expected: tuple[str, str]
) -> None:
    cast.alice.tenant.time_zone = zone
    cast.alice.tenant.save()
    monkeypatch.setattr("tts.api.usage_query.timezone.now", lambda: now)
    answer = asked(cast.alice)
    assert (answer["from"], answer["to"]) == expected


def test_one_end_is_enough(cast: Cast) -> None:
    assert asked(cast.alice, to="2026-02-10")["from"] == "2026-02-01"
    today = timezone.now().astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat()
    assert asked(cast.alice, **{"from": today})["to"] == today


@pytest.mark.parametrize(
    ("parameters", "field", "code"),
    [
        ({"from": "2026-13-01"}, "from", "invalid"),
        ({"from": "2026-W10-1"}, "from", "invalid"),
        ({"from": "20260501"}, "from", "invalid"),
        ({"from": "٢٠٢٦-٠٥-٠١"}, "from", "invalid"),
        ({"from": "2026-05-01T00:00"}, "from", "invalid"),
        ({"from": ""}, "from", "invalid"),
        ({"to": "2026-05-1"}, "to", "invalid"),
        ({"to": "\0"}, "to", "invalid"),
        ({"to": "0001-01-01"}, "to", "out_of_range"),
        ({"to": "9999-12-31"}, "to", "out_of_range"),
        ({"from": "2026-05-02", "to": "2026-05-01"}, "to", "out_of_range"),
        ({"from": "2025-01-01", "to": "2026-02-05"}, "to", "out_of_range"),
        ({"timezone": "Mars/Olympus"}, "timezone", "invalid_choice"),
        ({"timezone": "../../etc/passwd"}, "timezone", "invalid_choice"),
        ({"timezone": ""}, "timezone", "invalid_choice"),
        (
            {"from": "1971-05-01", "to": "1971-05-01", "timezone": "Africa/Monrovia"},
            "timezone",
            "out_of_range",
        ),
        ({"group_by": ""}, "group_by", "invalid_choice"),
        ({"group_by": "day,week"}, "group_by", "invalid_choice"),
        ({"group_by": "tenant"}, "group_by", "invalid_choice"),
        ({"from": ["2026-05-01", "2026-05-02"]}, "from", "invalid"),
        ({"group_by": ["day", "key"]}, "group_by", "invalid"),
        ({"tenant": "bob"}, "tenant", "unknown"),
        ({"\n": "1"}, "?", "unknown"),
    ],
)
def test_what_is_not_right_is_refused_by_name(
    cast: Cast, parameters: dict[str, object], field: str, code: str
) -> None:
    answer = answered(cast.alice, **parameters)
    assert answer.status_code == 400
    told = json.loads(answer.content)
    assert told["code"] == "invalid_request"
    assert [(error["field"], error["code"]) for error in told["errors"]] == [(field, code)]


def test_every_bad_parameter_is_named_at_once(cast: Cast) -> None:
    answer = answered(cast.alice, timezone="x", group_by="y", week="3", **{"from": "z"})
    fields = [error["field"] for error in json.loads(answer.content)["errors"]]
    assert fields == ["week", "group_by", "timezone", "from"]


def test_four_hundred_days_are_allowed(cast: Cast) -> None:
    assert len(asked(cast.alice, **{"from": "2025-01-01", "to": "2026-02-04"})["rows"]) == 400


def test_more_rows_than_allowed_are_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        used(cast.alice.tenant, NOON, reference=f"r{number}")
    monkeypatch.setattr("tts.api.usage.MOST_ROWS", 3)
    assert len(asked(cast.alice, **MAY, group_by="reference")["rows"]) == 3
    monkeypatch.setattr("tts.api.usage.MOST_ROWS", 2)
    answer = answered(cast.alice, **MAY, group_by="reference")
    assert answer.status_code == 400
    assert json.loads(answer.content)["errors"][0]["field"] == "group_by"


def test_nobody_sees_anothers_use(cast: Cast) -> None:
    used(cast.bob.tenant, NOON, characters=1000, key=cast.bob.row, reference="bobs")
    answer = answered(cast.alice, **MAY, group_by="key,reference")
    assert json.loads(answer.content)["rows"] == []
    assert "bob" not in answer.content.decode()


def test_a_key_needs_the_scope(cast: Cast) -> None:
    _, text = key_issue(tenant=cast.alice.tenant, name="speaks only", scopes=["speech:write"])
    assert answered(cast.alice).status_code == 200
    other = type(cast.alice)(cast.alice.tenant, cast.alice.row, text)
    assert answered(other).status_code == 403
    assert answered(type(cast.alice)(cast.alice.tenant, cast.alice.row, cast.charlie_key)).status_code == 401


def test_callers_without_a_key_read_no_usage(cast: Cast, settings: Settings) -> None:
    settings.VOXGATE_ANONYMOUS_TENANT = "alice"

    assert Client().get("/api/usage").status_code == 403


def test_the_answer_is_for_nobodys_cache_and_tells_the_limits(cast: Cast) -> None:
    answer = answered(cast.alice)
    assert answer["Cache-Control"] == "private, no-store"
    assert "Current-Concurrent-Requests" in answer


def test_it_is_answered_without_redis(cast: Cast) -> None:
    with redis_away():
        assert answered(cast.alice).status_code == 200


def test_a_report_takes_the_same_queries_however_much_there_is(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    keys = [key_issue(tenant=cast.alice.tenant, name=f"key {number}")[0] for number in range(3)]
    for key in keys:
        used(cast.alice.tenant, NOON, key=key, reference=key.name)
    answered(cast.alice)
    # Key with tenant and plan, report (four: its transaction and how to plan), names of keys, requests in flight.
    with django_assert_num_queries(7):
        answer = answered(cast.alice, **MAY, group_by="day,key,reference")
    assert len(json.loads(answer.content)["rows"]) == 3
