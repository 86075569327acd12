"""The recomputation finds every difference there can be, and its repair leaves none."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import UsagePeriod
from accounts.services.keys import key_issue
from tests.cast import Cast, Member
from tests.tts.rows import OUTCOME, SPOKEN, claimed, elsewhere, together
from tests.tts.usage.events import Status, used
from tts.jobs.usage_check import check
from tts.models import MaintenanceRun, UsageBucket, UsageEvent
from tts.services.locks import Lock, lock_held
from tts.services.states import request_succeed
from tts.usage.checking import MOST_PLACES, UsageCheckRunning, usage_check
from tts.usage.repairing import usage_repair

# A snapshot begins with its transaction, so these are real ones.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_redis")]

NOW = datetime(2026, 10, 5, 3, tzinfo=UTC)
EARLY = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture
def books(cast: Cast) -> Cast:
    """Two months of use of two tenants, as services entered it, with the months of quotas."""
    for member in (cast.alice, cast.bob):
        for _ in range(2):
            assert succeed(claimed(member))
        for day in (0, 1, 45):
            used(
                member.tenant,
                EARLY + timedelta(days=day),
                characters=9,
                audio_seconds=1.001,
                key=member.row,
                engine="piper",
                voice="zh-a",
                fallback="none",
            )
        used(member.tenant, EARLY, outcome=Status.FAILED)
    return cast


def succeed(row: Any) -> bool:
    return request_succeed(row=row, outcome=OUTCOME, attempts=[SPOKEN], now=datetime.now(UTC))


def first_bucket(member: Member) -> Any:
    return UsageBucket.objects.of(member.tenant).filter(starts_at=EARLY, outcome="succeeded")


def drift() -> dict[str, Any]:
    found: dict[str, Any] = usage_check(now=NOW).data
    return found


def test_what_services_entered_has_no_drift(books: Cast, caplog: pytest.LogCaptureFixture) -> None:
    run = usage_check(now=NOW)
    assert run.data["drift"] == run.data["characters"] == 0
    assert run.data["places"] == []
    assert run.data["checked"] == {
        "events": 12,
        "buckets": UsageBucket.all_tenants.count(),
        "periods": 4,
    }
    assert (run.kind, run.succeeded, run.started_at) == ("usage-check", True, NOW)
    assert run.finished_at is not None
    assert run.finished_at >= NOW
    assert caplog.records == []


def test_nothing_on_record_has_no_drift(cast: Cast) -> None:
    assert drift()["checked"] == {"events": 0, "buckets": 0, "periods": 0}


CHANGES: dict[str, tuple[Callable[[Any], Any], tuple[int, int, float]]] = {
    "more requests": (lambda rows: rows.update(requests=3), (2, 0, 0.0)),
    "fewer characters": (lambda rows: rows.update(characters=2), (0, 7, 0.0)),
    "a millisecond": (lambda rows: rows.update(audio_seconds=Decimal("1.002")), (0, 0, 0.001)),
    "a row gone": (lambda rows: rows.delete(), (1, 9, 1.001)),
    "another voice": (lambda rows: rows.update(voice="zh-b"), (2, 18, 2.002)),
    "another engine": (lambda rows: rows.update(engine="onnx"), (2, 18, 2.002)),
    "another fallback": (lambda rows: rows.update(fallback="error"), (2, 18, 2.002)),
    "another outcome": (lambda rows: rows.update(outcome="canceled"), (2, 18, 2.002)),
    "nobody's key": (lambda rows: rows.update(api_key=None), (2, 18, 2.002)),
    "another quarter": (lambda rows: rows.update(starts_at=EARLY + timedelta(minutes=15)), (2, 18, 2.002)),
    "off the quarter": (lambda rows: rows.update(starts_at=EARLY + timedelta(minutes=1)), (2, 18, 2.002)),
    "long ago": (lambda rows: rows.update(starts_at=EARLY - timedelta(days=900)), (2, 18, 2.002)),
}


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_of_a_rollup_row_is_found_told_and_repaired(
    books: Cast, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    change, (requests, characters, seconds) = CHANGES[name]
    change(first_bucket(books.alice))
    found = drift()
    assert (found["requests"], found["characters"], found["audio_seconds"]) == (requests, characters, seconds)
    assert found["periods"] == 0
    assert found["drift"] == found["buckets"] == len(found["places"]) > 0
    assert {place["tenant"] for place in found["places"]} == {str(books.alice.tenant.pk)}
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert usage_repair() == found["buckets"]
    assert drift()["drift"] == 0
    assert not UsageBucket.all_tenants.filter(requests=0).exists()
    row = first_bucket(books.alice).get()
    assert (row.requests, row.characters, row.audio_seconds) == (1, 9, Decimal("1.001"))


def test_a_place_tells_what_events_say_and_what_is_kept(books: Cast) -> None:
    first_bucket(books.alice).update(characters=2)
    assert drift()["places"] == [
        {
            "of": "bucket",
            "tenant": str(books.alice.tenant.pk),
            "key": str(books.alice.row.pk),
            "starts_at": "2026-07-01T12:00:00+00:00",
            "outcome": "succeeded",
            "engine": "piper",
            "voice": "zh-a",
            "fallback": "none",
            "requests": [1, 1],
            "characters": [9, 2],
            "audio_seconds": [1.001, 1.001],
        }
    ]


def test_an_event_that_is_gone_is_missed(books: Cast) -> None:
    UsageEvent.objects.of(books.bob.tenant).filter(at=EARLY, outcome="failed").delete()
    assert drift()["buckets"] == 1
    assert usage_repair() == 1
    assert drift()["drift"] == 0
    assert not UsageBucket.objects.of(books.bob.tenant).filter(outcome="failed").exists()


@pytest.mark.parametrize("of_key", [False, True])
@pytest.mark.parametrize(("column", "off"), [("used_characters", 5), ("requests", 1)])
def test_a_month_that_counts_otherwise_is_found_and_left_alone(
    books: Cast, of_key: bool, column: str, off: int
) -> None:
    period = UsagePeriod.objects.of(books.bob.tenant).get(api_key__isnull=not of_key)
    kept = getattr(period, column)
    setattr(period, column, kept + off)
    period.save()
    found = drift()
    assert (found["drift"], found["buckets"], found["periods"]) == (1, 0, 1)
    (place,) = found["places"]
    assert place["of"] == "period"
    assert place["key"] == (str(books.bob.row.pk) if of_key else None)
    assert place[column.removeprefix("used_")] == [kept, kept + off]
    assert usage_repair() == 0
    assert drift()["periods"] == 1


def test_a_month_of_a_key_without_use_agrees(books: Cast) -> None:
    period = UsagePeriod.objects.of(books.alice.tenant).get(api_key=None)
    UsagePeriod.objects.create(
        tenant=books.alice.tenant,
        api_key=key_issue(tenant=books.alice.tenant, name="unused")[0],
        starts_at=period.starts_at,
        ends_at=period.ends_at,
    )
    assert drift()["drift"] == 0


def test_no_more_than_fifty_places_are_listed(books: Cast) -> None:
    for number in range(MOST_PLACES + 3):
        used(books.alice.tenant, EARLY, engine=f"e{number}", voice="a")
    UsageBucket.objects.of(books.alice.tenant).filter(voice="a").delete()
    found = drift()
    assert (found["drift"], len(found["places"])) == (MOST_PLACES + 3, MOST_PLACES)


def test_requests_that_end_during_a_check_or_a_repair_are_no_drift(books: Cast) -> None:
    first_bucket(books.alice).update(requests=90)
    rows = [claimed(books.alice) for _ in range(12)]
    tasks: list[Callable[[], Any]] = [partial(succeed, row) for row in rows]
    together(*tasks, usage_repair)
    assert drift()["drift"] == 0
    rows = [claimed(books.bob) for _ in range(12)]
    tasks = [partial(succeed, row) for row in rows]
    *_, during = together(*tasks, drift)
    assert during["drift"] == 0


def test_two_are_not_at_it_at_once(books: Cast) -> None:
    def refused(task: Callable[[], Any]) -> bool:
        try:
            task()
        except UsageCheckRunning:
            return True
        return False

    with lock_held(Lock.USAGE) as held:
        assert held
        assert elsewhere(partial(refused, partial(usage_check, now=NOW)))
        assert elsewhere(partial(refused, usage_repair))
    assert not MaintenanceRun.objects.exists()
    assert drift()["drift"] == 0


def test_a_check_that_breaks_off_is_on_record_as_such(books: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tts_usagebucket RENAME TO away")
    try:
        with pytest.raises(Exception, match="tts_usagebucket"):
            usage_check(now=NOW)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE away RENAME TO tts_usagebucket")
    run = MaintenanceRun.objects.get()
    assert (run.succeeded, run.problem) == (False, "ProgrammingError")


def test_the_job_records_a_run(books: Cast) -> None:
    check()
    assert MaintenanceRun.objects.get(kind="usage-check").data["drift"] == 0


def test_the_command_tells_and_repairs(books: Cast) -> None:
    def told(*arguments: str) -> str:
        out = StringIO()
        call_command("check_usage", *arguments, stdout=out)
        return out.getvalue()

    assert "drift: 0" in told()
    first_bucket(books.alice).update(requests=90)
    out = StringIO()
    with pytest.raises(CommandError, match="1 places differ"):
        call_command("check_usage", stdout=out)
    assert '"requests": [1, 90]' in out.getvalue()
    assert told("--repair").startswith("1 rows of the rollup")
