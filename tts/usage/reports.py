"""Use over a range of local days, told apart by any of its dimensions, and its sums.

A report is read from the quarters of `tts.models.UsageBucket`, all of it in one statement, so that rows and totals are
of one moment. References alone are on events only: what events without one used is the quarters' sum without those
that have one, so totals are the quarters' own.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from accounts.models import Tenant
from tts.usage.dimensions import TIMES, Dimension
from tts.usage.ranges import UsageRange
from tts.usage.sums import Sums

Value = date | str | UUID | None
"""What a dimension is in a row: a day, the first day of a month, the id of a key (None for callers without one) or of a
tenant, or a name (empty where nothing was spoken)."""
Group = tuple[Dimension, ...]


@dataclass(frozen=True, slots=True)
class UsageRow:
    """What one group used."""

    values: Mapping[Dimension, Value]
    sums: Sums


@dataclass(frozen=True, slots=True)
class UsageReport:
    """Rows in order of time, then of characters, the most first; `totals` is their sum."""

    range: UsageRange
    group_by: Group
    rows: Sequence[UsageRow]
    totals: Sums


class TooManyRows(Exception):
    """A report would have more rows than its caller allows."""

    def __init__(self, allowed: int) -> None:
        super().__init__(f"more than {allowed} rows")
        self.allowed = allowed


def usage_report(
    *, tenant: Tenant | None, span: UsageRange, group_by: Sequence[Dimension], most_rows: int | None = None
) -> UsageReport:
    """Use of a tenant, or of all of them, by `group_by`.

    By day alone, or by month alone, there is a row for each of them, used or not. Raises `TooManyRows` for more than
    `most_rows`.
    """
    group = tuple(dict.fromkeys(group_by))
    if most_rows is not None and group == (Dimension.DAY,) and len(span) > most_rows:
        raise TooManyRows(most_rows)
    found = usage_read(tenant=tenant, span=span, groups=[group], most_rows=most_rows)
    rows = found[group]
    if len(group) == 1 and group[0] in TIMES:
        rows = _every_time(span, group[0], rows)
    return UsageReport(span, group, rows, total_of(found))


def usage_read(
    *,
    tenant: Tenant | None,
    span: UsageRange,
    groups: Sequence[Group],
    most_rows: int | None = None,
) -> dict[Group, list[UsageRow]]:
    """The rows of one report or several, and under `()` the total, from one scan of the quarters."""
    sets = list(dict.fromkeys([*groups, ()]))
    columns = list(dict.fromkeys(column for group in sets for column in group))
    statement = _statement(columns, sets, of_one_tenant=tenant is not None)
    months, beginnings = months_of(span), span.beginnings()
    values = {
        "tenant": None if tenant is None else tenant.pk,
        "starts_at": beginnings[0],
        "ends_at": beginnings[-1],
        "days": beginnings[:-1],
        "months": [beginnings[(max(month, span.first) - span.first).days] for month in months],
        "most": None if most_rows is None else most_rows + 2,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_FOR_SUMS)
        cursor.execute(statement, values)
        lines = cursor.fetchall()
    if most_rows is not None and len(lines) > most_rows + 1:
        raise TooManyRows(most_rows)
    return _taken_apart(lines, columns, sets, span, months)


def total_of(found: Mapping[Group, Sequence[UsageRow]]) -> Sums:
    """The total of what `usage_read` found."""
    rows = found.get((), ())
    return rows[0].sums if rows else Sums()


def rows_by(rows: Iterable[UsageRow], group: Group) -> list[UsageRow]:
    """Rows added up by some of their dimensions; the same as reading them so."""
    sums: defaultdict[tuple[Value, ...], Sums] = defaultdict(Sums)
    for row in rows:
        sums[tuple(row.values[column] for column in group)] += row.sums
    found = [UsageRow(dict(zip(group, values, strict=True)), added) for values, added in sums.items()]
    return sorted(found, key=_order)


def months_of(span: UsageRange) -> list[date]:
    """The first days of the months that a range touches; that of the first one may lie before it."""
    first = span.first.replace(day=1)
    count = (span.last.year - first.year) * 12 + span.last.month - first.month + 1
    return [
        date(first.year + (first.month - 1 + number) // 12, (first.month - 1 + number) % 12 + 1, 1)
        for number in range(count)
    ]


# Many rows make few sums, which the planner cannot know of computed columns: with the usual 4 MB it sorts them all on
# disk. Compiling the statement takes longer than it saves.
_FOR_SUMS = "SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true)"
_COLUMNS: dict[Dimension, str] = {
    # Days as this process counts them: the database's own list of time zones may be another edition.
    Dimension.DAY: "width_bucket({at}, %(days)s::timestamptz[])",
    Dimension.MONTH: "width_bucket({at}, %(months)s::timestamptz[])",
    Dimension.KEY: "api_key_id",
    Dimension.VOICE: "voice",
    Dimension.ENGINE: "engine",
    Dimension.FALLBACK: "fallback",
    Dimension.OUTCOME: "outcome",
    Dimension.TENANT: "tenant_id",
}
_FROM_QUARTERS = """
    SELECT {columns}, sum(requests) AS requests, sum(characters) AS characters, sum(audio_seconds) AS audio_seconds
    FROM tts_usagebucket
    WHERE starts_at >= %(starts_at)s AND starts_at < %(ends_at)s{tenant}
    GROUP BY {numbers}
"""
# Each event with a reference counts under it, and no longer without one.
_FROM_EVENTS = """
    UNION ALL
    SELECT {columns}, sum(sign), sum(sign * characters), sum(sign * audio_seconds)
    FROM tts_usageevent, LATERAL (VALUES (reference, 1), ('', -1)) AS counted (under, sign)
    WHERE at >= %(starts_at)s AND at < %(ends_at)s{tenant} AND reference <> ''
    GROUP BY {numbers}
"""
_REPORT = """
WITH used AS MATERIALIZED ({used})
SELECT {absent}, {names}, sum(requests)::bigint, sum(characters)::bigint, sum(audio_seconds)
FROM used GROUP BY GROUPING SETS ({sets}) HAVING sum(requests) <> 0
ORDER BY 1 DESC LIMIT %(most)s
"""


def _statement(columns: Sequence[Dimension], sets: Sequence[Group], *, of_one_tenant: bool) -> str:
    tenant = " AND tenant_id = %(tenant)s" if of_one_tenant else ""
    numbers = ", ".join(str(place + 1) for place in range(len(columns)))
    used = _FROM_QUARTERS.format(
        columns=_selected(columns, "starts_at", "''"), tenant=tenant, numbers=numbers
    )
    if Dimension.REFERENCE in columns:
        used += _FROM_EVENTS.format(columns=_selected(columns, "at", "under"), tenant=tenant, numbers=numbers)
    names = ", ".join(_name(column) for column in columns)
    return _REPORT.format(
        used=used,
        absent=f"GROUPING({names})",
        names=names,
        sets=", ".join(f"({', '.join(map(_name, group))})" for group in sets),
    )


def _selected(columns: Sequence[Dimension], at: str, reference: str) -> str:
    expressions = {**_COLUMNS, Dimension.REFERENCE: reference}
    return ", ".join(f"{expressions[column].format(at=at)} AS {_name(column)}" for column in columns)


def _name(column: Dimension) -> str:
    # Words such as `key` and `day` mean something to SQL.
    return f"by_{column.value}"


def _taken_apart(
    lines: Sequence[tuple[Any, ...]],
    columns: Sequence[Dimension],
    sets: Sequence[Group],
    span: UsageRange,
    months: Sequence[date],
) -> dict[Group, list[UsageRow]]:
    days = list(span.days())
    meanings = {Dimension.DAY: days, Dimension.MONTH: list(months)}
    # A bit of GROUPING's is set where the column is not grouped by; the last column's is the lowest.
    masks = {
        sum(1 << place for place, column in enumerate(reversed(columns)) if column not in group): group
        for group in sets
    }
    found: dict[Group, list[UsageRow]] = {group: [] for group in sets}
    for mask, *cells, requests, characters, audio_seconds in lines:
        group = masks[mask]
        told = dict(zip(columns, cells, strict=True))
        values = {
            column: meanings[column][told[column] - 1] if column in meanings else told[column]
            for column in group
        }
        found[group].append(UsageRow(values, Sums(requests, characters, audio_seconds)))
    for rows in found.values():
        rows.sort(key=_order)
    return found


def _order(row: UsageRow) -> tuple[Any, ...]:
    times = [row.values[column] for column in TIMES if column in row.values]
    names = [str(value or "") for column, value in row.values.items() if column not in TIMES]
    return (*times, -row.sums.characters, -row.sums.requests, *names)


def _every_time(span: UsageRange, column: Dimension, rows: Sequence[UsageRow]) -> list[UsageRow]:
    times = list(span.days()) if column is Dimension.DAY else months_of(span)
    used = {row.values[column]: row for row in rows}
    return [used.get(time) or UsageRow({column: time}, Sums()) for time in times]
