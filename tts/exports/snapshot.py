"""One moment of the usage tables, read row by row on a connection of its own.

A file takes longer to be fetched than a web request may keep one of the few pooled connections, and outlives the view
that begins it. So the connection is opened for it alone, and closed by whoever opened it. Everything comes out of one
repeatable-read transaction: row count, totals and rows are of the same moment.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

import psycopg
from django.db import connection as django_connection
from psycopg.rows import tuple_row

from accounts.models import Tenant
from tts.exports.columns import Detail, Row
from tts.exports.manifest import Manifest, Owner, Totals
from tts.usage.ranges import UsageRange
from tts.usage.sums import Sums

BATCH_ROWS = 1000
CONNECT_SECONDS = 5
IDLE_SECONDS = 60
"""How long Postgres keeps the snapshot for somebody who asks for no more rows: it holds up its housekeeping."""

# `{where}` is one of our own conditions below, `{summary}` the statement of that name.
_LINES = """
SELECT used.at, tenant.slug, COALESCE('vg_' || key.environment || '_' || key.public_id, ''), used.api_key_name,
    used.request_id::text, used.reference, used.engine, used.voice, used.fallback, used.outcome, used.error_code,
    used.characters, used.audio_seconds
FROM tts_usageevent used
JOIN accounts_tenant tenant ON tenant.id = used.tenant_id
LEFT JOIN accounts_apikey key ON key.id = used.api_key_id
WHERE used.at >= %(starts_at)s AND used.at < %(ends_at)s{where}
ORDER BY used.at, used.id
"""
_LINES_TOTALS = """
SELECT outcome, count(*), sum(characters)::bigint, sum(audio_seconds)
FROM tts_usageevent used
WHERE used.at >= %(starts_at)s AND used.at < %(ends_at)s{where}
GROUP BY outcome
"""

_SUMMARY = """
SELECT width_bucket(used.starts_at, %(beginnings)s::timestamptz[]) AS day, tenant.slug COLLATE "C" AS slug,
    COALESCE('vg_' || key.environment || '_' || key.public_id, '') COLLATE "C" AS key_id,
    COALESCE(key.name, '') AS key_name, used.engine COLLATE "C" AS engine, used.voice COLLATE "C" AS voice,
    used.fallback COLLATE "C" AS fallback, used.outcome COLLATE "C" AS outcome, sum(used.requests)::bigint AS requests,
    sum(used.characters)::bigint AS characters, sum(used.audio_seconds) AS audio_seconds
FROM tts_usagebucket used
JOIN accounts_tenant tenant ON tenant.id = used.tenant_id
LEFT JOIN accounts_apikey key ON key.id = used.api_key_id
WHERE used.starts_at >= %(starts_at)s AND used.starts_at < %(ends_at)s{where}
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""
_SUMMARY_ROWS = "{summary} ORDER BY 1, 2, 3, 5, 6, 7, 8"
_SUMMARY_COUNT = "SELECT count(*) FROM ({summary}) counted"
_SUMMARY_TOTALS = """
SELECT outcome, sum(requests)::bigint, sum(characters)::bigint, sum(audio_seconds)
FROM tts_usagebucket used
WHERE used.starts_at >= %(starts_at)s AND used.starts_at < %(ends_at)s{where}
GROUP BY outcome
"""

_UNFINISHED = """
SELECT EXISTS (
    SELECT 1 FROM tts_synthesisrequest used
    WHERE used.status IN ('queued', 'running') AND (used.origin = 'api' OR used.period_id IS NOT NULL)
        AND used.created_at >= %(starts_at)s AND used.created_at < %(ends_at)s{where}
)
"""
_OF_TENANT = " AND used.tenant_id = %(tenant)s"


class SnapshotTooSlow(RuntimeError):
    """Rows were fetched for longer than a snapshot may live."""


@dataclass(slots=True)
class UsageSnapshot:
    """Usage of a tenant, or of all, on the local days of a range. Use it as a context, or call `close`.

    `seconds` is how long it may live, None for as long as it takes. Raises what Django raises for its own connections
    when the database is away.
    """

    tenant: Tenant | None
    span: UsageRange
    detail: Detail
    seconds: float | None = None
    _connection: "psycopg.Connection[tuple[Any, ...]] | None" = field(init=False, default=None)
    _deadline: float | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        if self.seconds is not None:
            self._deadline = time.monotonic() + self.seconds
        with django_connection.wrap_database_errors:
            self._connection = _connect()

    def __enter__(self) -> "UsageSnapshot":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the transaction and the connection; safe to call again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def manifest(self, *, id: UUID, now: datetime) -> Manifest:
        """Facts of the file with this id, as of `now`."""
        totals = self._totals()
        rows = sum(amounts.requests for amounts in totals.values())
        if self.detail is Detail.SUMMARY:
            rows = self._fetch(_SUMMARY_COUNT)[0][0]
        span, tenant = self.span, self.tenant
        return Manifest(
            id=id,
            owner=None if tenant is None else Owner(tenant.pk, tenant.slug, tenant.name),
            first=span.first,
            last=span.last,
            starts_at=span.starts_at,
            ends_at=span.ends_at,
            time_zone=span.zone.key,
            detail=self.detail,
            generated_at=now,
            complete=span.ends_at <= now and not self._fetch(_UNFINISHED)[0][0],
            rows=rows,
            totals=totals,
        )

    def batches(self) -> Iterator[list[Row]]:
        """The rows, some at a time, by a cursor that stays in the database. Raises `SnapshotTooSlow`."""
        if self.detail is Detail.LINES:
            days = _Days(self.span)
            for found in self._stream(_LINES):
                yield [(row[0], days.of(row[0]), *row[1:]) for row in found]
        else:
            names = list(self.span.days())
            for found in self._stream(_SUMMARY_ROWS):
                yield [(names[row[0] - 1], *row[1:]) for row in found]

    def _totals(self) -> Totals:
        found = self._fetch(_LINES_TOTALS if self.detail is Detail.LINES else _SUMMARY_TOTALS)
        return {
            outcome: Sums(requests, characters, seconds) for outcome, requests, characters, seconds in found
        }

    def _stream(self, statement: str) -> Iterator[list[tuple[Any, ...]]]:
        with django_connection.wrap_database_errors, self._open.cursor("usage") as cursor:
            cursor.execute(self._filled(statement), self._parameters())
            while found := cursor.fetchmany(BATCH_ROWS):
                if self._deadline is not None and time.monotonic() > self._deadline:
                    raise SnapshotTooSlow(f"not fetched within {self.seconds} s")
                yield found

    def _fetch(self, statement: str) -> list[tuple[Any, ...]]:
        with django_connection.wrap_database_errors:
            return self._open.execute(self._filled(statement), self._parameters()).fetchall()

    def _filled(self, statement: str) -> Any:
        # A statement of this module with one of its own conditions.
        where = "" if self.tenant is None else _OF_TENANT
        return statement.format(where=where, summary=_SUMMARY.format(where=where))

    def _parameters(self) -> dict[str, Any]:
        return {
            "starts_at": self.span.starts_at,
            "ends_at": self.span.ends_at,
            "beginnings": self.span.beginnings()[:-1],
            "tenant": None if self.tenant is None else self.tenant.pk,
        }

    @property
    def _open(self) -> "psycopg.Connection[tuple[Any, ...]]":
        if self._connection is None:
            raise RuntimeError("the snapshot is closed")
        return self._connection


class _Days:
    """The local day of instants that never go back."""

    def __init__(self, span: UsageRange) -> None:
        self._names = list(span.days())
        self._ends = span.beginnings()[1:]
        self._place = 0

    def of(self, at: datetime) -> date:
        while at >= self._ends[self._place]:
            self._place += 1
        return self._names[self._place]


def _connect() -> "psycopg.Connection[tuple[Any, ...]]":
    parameters = django_connection.get_connection_params()
    ours = f"-c timezone=UTC -c idle_in_transaction_session_timeout={IDLE_SECONDS}s"
    options = f"{parameters.get('options') or ''} {ours}"
    # Rows as psycopg gives them, not as Django's cursors do.
    for name in ("cursor_factory", "context"):
        parameters.pop(name, None)
    connected = psycopg.connect(
        **{
            "connect_timeout": CONNECT_SECONDS,
            **parameters,
            "options": options.strip(),
            "row_factory": tuple_row,
        }
    )
    connected.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connected.read_only = True
    return cast("psycopg.Connection[tuple[Any, ...]]", connected)
