from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.cast import Cast
from tests.tts.usage.events import Status, used
from tts.usage.dimensions import Dimension
from tts.usage.ranges import UsageRange
from tts.usage.reports import Group, TooManyRows, UsageReport, UsageRow, rows_by, usage_read, usage_report
from tts.usage.sums import Sums

D = Dimension
pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


def span(first: str = "2026-10-01", last: str = "2026-10-31") -> UsageRange:
    return UsageRange(date.fromisoformat(first), date.fromisoformat(last), SHANGHAI)


def told(rows: Sequence[UsageRow] | UsageReport) -> list[tuple[object, ...]]:
    found = rows.rows if isinstance(rows, UsageReport) else rows
    return [(*row.values.values(), row.sums.requests, row.sums.characters) for row in found]


@pytest.fixture
def october(cast: Cast) -> Cast:
    """Alice's use of some days of October by her clock; Bob's of one."""
    alice, key = cast.alice.tenant, cast.alice.row
    day: dict[str, Any] = {"engine": "piper", "voice": "zh-a", "fallback": "none", "key": key}
    used(alice, "2026-10-03T00:00:00+08:00", characters=10, audio_seconds=1.5, reference="book", **day)
    used(alice, "2026-10-03T23:59:59+08:00", characters=20, audio_seconds=2.25, **day)
    used(
        alice,
        "2026-10-05T12:00:00+08:00",
        characters=5,
        audio_seconds=0.001,
        reference="book",
        **day | {"key": None},
    )
    used(alice, "2026-10-05T12:00:01+08:00", outcome=Status.FAILED, reference="poem", key=key)
    spoken: dict[str, Any] = {"engine": "espeak", "voice": "cmn", "fallback": "timeout", "key": key}
    used(alice, "2026-10-31T23:59:59.9+08:00", characters=7, audio_seconds=0.5, **spoken)
    used(alice, "2026-09-30T23:59:59.9+08:00", characters=1000, **day)
    used(alice, "2026-11-01T00:00:00+08:00", characters=1000, **day)
    used(cast.bob.tenant, "2026-10-03T12:00:00+08:00", characters=90, reference="book")
    return cast


TOTAL = Sums(5, 42, Decimal("4.251"))


def test_days_without_use_are_rows_too(october: Cast) -> None:
    report = usage_report(tenant=october.alice.tenant, span=span(), group_by=[D.DAY])
    assert len(report.rows) == 31
    assert [row for row in told(report) if row[1]] == [
        (date(2026, 10, 3), 2, 30),
        (date(2026, 10, 5), 2, 5),
        (date(2026, 10, 31), 1, 7),
    ]
    assert report.totals == sum((row.sums for row in report.rows), Sums()) == TOTAL


def test_months_are_local_ones_and_told_by_their_first_day(october: Cast) -> None:
    report = usage_report(
        tenant=october.alice.tenant, span=span("2026-08-15", "2026-11-15"), group_by=[D.MONTH]
    )
    assert told(report) == [
        (date(2026, 8, 1), 0, 0),
        (date(2026, 9, 1), 1, 1000),
        (date(2026, 10, 1), 5, 42),
        (date(2026, 11, 1), 1, 1000),
    ]


def test_use_is_told_apart_by_each_dimension_the_most_first(october: Cast) -> None:
    key, alice = october.alice.row.pk, october.alice.tenant

    def by(*dimensions: Dimension) -> list[tuple[object, ...]]:
        report = usage_report(tenant=alice, span=span(), group_by=dimensions)
        assert report.totals == sum((row.sums for row in report.rows), Sums()) == TOTAL
        return told(report)

    assert by(D.KEY) == [(key, 4, 37), (None, 1, 5)]
    assert by(D.VOICE) == [("zh-a", 3, 35), ("cmn", 1, 7), ("", 1, 0)]
    assert by(D.ENGINE) == [("piper", 3, 35), ("espeak", 1, 7), ("", 1, 0)]
    assert by(D.FALLBACK) == [("none", 3, 35), ("timeout", 1, 7), ("", 1, 0)]
    assert by(D.OUTCOME) == [("succeeded", 4, 42), ("failed", 1, 0)]
    assert by(D.ENGINE, D.DAY) == [
        ("piper", date(2026, 10, 3), 2, 30),
        ("piper", date(2026, 10, 5), 1, 5),
        ("", date(2026, 10, 5), 1, 0),
        ("espeak", date(2026, 10, 31), 1, 7),
    ]


def test_references_are_rows_and_so_is_what_has_none(october: Cast) -> None:
    alice = october.alice.tenant
    report = usage_report(tenant=alice, span=span(), group_by=[D.REFERENCE])
    assert told(report) == [("", 2, 27), ("book", 2, 15), ("poem", 1, 0)]
    assert report.totals == sum((row.sums for row in report.rows), Sums()) == TOTAL
    report = usage_report(
        tenant=alice, span=span(), group_by=[D.REFERENCE, D.KEY, D.OUTCOME, D.DAY, D.ENGINE]
    )
    assert len(report.rows) == 5
    assert report.totals == sum((row.sums for row in report.rows), Sums()) == TOTAL


def test_all_tenants_together_are_the_sum_of_each(october: Cast) -> None:
    report = usage_report(tenant=None, span=span(), group_by=[D.TENANT])
    alice, bob = october.alice.tenant, october.bob.tenant
    assert told(report) == [(bob.pk, 1, 90), (alice.pk, 5, 42)]
    assert report.totals.characters == 132


def test_several_reports_take_the_queries_of_one_and_agree(
    october: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    alice = october.alice.tenant
    groups = [(D.DAY,), (D.DAY, D.OUTCOME), (D.KEY,), (D.VOICE,), (D.REFERENCE,)]
    # A savepoint and its release, how to plan, the report.
    with django_assert_num_queries(4):
        found = usage_read(tenant=alice, span=span(), groups=groups)
    assert {sum((row.sums for row in rows), Sums()) for rows in found.values()} == {TOTAL}
    for group in groups[1:]:
        assert told(found[group]) == told(usage_report(tenant=alice, span=span(), group_by=group))


@pytest.mark.parametrize("group", [(D.TENANT,), (D.VOICE,), (D.DAY,), (D.OUTCOME, D.VOICE), ()])
def test_rows_added_up_are_those_read_so(october: Cast, group: Group) -> None:
    whole = (D.TENANT, D.DAY, D.VOICE, D.OUTCOME)
    found = usage_read(tenant=None, span=span(), groups=[whole, group])
    assert len(found[group]) < len(found[whole])
    assert rows_by(found[whole], group) == found[group]


def test_nothing_used_is_a_total_of_nothing(cast: Cast) -> None:
    report = usage_report(tenant=cast.alice.tenant, span=span(), group_by=[D.VOICE])
    assert (report.rows, report.totals) == ([], Sums())


def test_a_report_of_too_many_rows_is_refused(october: Cast) -> None:
    alice = october.alice.tenant
    for group in ([D.VOICE], [D.REFERENCE]):
        assert len(usage_report(tenant=alice, span=span(), group_by=group, most_rows=3).rows) == 3
        with pytest.raises(TooManyRows):
            usage_report(tenant=alice, span=span(), group_by=group, most_rows=2)
    with pytest.raises(TooManyRows):
        usage_report(tenant=alice, span=span(), group_by=[D.DAY], most_rows=30)
