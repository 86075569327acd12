"""Made-up tenants with history, all or nothing."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from django.db import connection, transaction

from tts.models import (
    EngineAttempt,
    LogRecord,
    MaintenanceRun,
    RequestEvent,
    ServiceBucket,
    SynthesisRequest,
    UsageBucket,
    UsageEvent,
)
from tts.seeding.books import Books
from tts.seeding.copying import RowCopy
from tts.seeding.history import Inventor
from tts.seeding.housekeeping import log_records_write, maintenance_write
from tts.seeding.lines import EVENT, event_rows
from tts.seeding.made import ATTEMPT, REQUEST, USAGE, Made
from tts.seeding.people import KeyText, Seeded, people_make
from tts.seeding.service import Service

BATCH = 10_000
"""Requests that are held in memory at once."""

FILLED = (
    SynthesisRequest,
    EngineAttempt,
    RequestEvent,
    UsageEvent,
    UsageBucket,
    ServiceBucket,
    LogRecord,
    MaintenanceRun,
)
"""Models whose tables a seed makes large."""

_SUM_UP = """
INSERT INTO tts_usagebucket (tenant_id, api_key_id, starts_at, outcome, engine, voice, fallback, requests, characters,
        audio_seconds)
    SELECT tenant_id, api_key_id, date_bin('15 minutes', at, '2000-01-01T00:00Z'), outcome, engine, voice, fallback,
        count(*), sum(characters), sum(audio_seconds)
    FROM tts_usageevent WHERE tenant_id = ANY(%s) GROUP BY 1, 2, 3, 4, 5, 6, 7
"""


@dataclass(slots=True)
class Sown:
    """What `demo_seed` made."""

    keys: list[KeyText] = field(repr=False)
    tenants: int
    attempts: int = 0
    statuses: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Wish:
    """What `demo_seed` is to make.

    `attempts`, unless it is 0, is how many engines are asked in all: workers are lost while they speak until there are
    so many. Without `unfinished`, every request has ended, so that no worker that runs takes one up.
    """

    requests: int
    start: datetime
    until: datetime
    seed: int
    attempts: int = 0
    unfinished: bool = True


def demo_seed(wish: Wish, *, on_progress: Callable[[int], None] = lambda requests: None) -> Sown:
    """Make a few tenants with plans, keys and members, and requests of theirs, in one transaction.

    Periods, thresholds, would-be refusals and all sums agree with the requests. The texts of ended requests are kept as
    each tenant keeps them; audio is not made. `on_progress` is told how many requests are written. Raises
    `ValidationError` when one of the tenants is there already.
    """
    with transaction.atomic():
        people, keys = people_make(start=wish.start, until=wish.until)
        books = [Books(person) for person in people]
        for entry in books:
            entry.open(wish.start, wish.until)
        with connection.cursor() as cursor:
            # Else a million rows' foreign keys are remembered until the end.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        sown = Sown(keys, len(people))
        service = Service(wish.until)
        inventor = Inventor(
            books, seed=wish.seed, until=wish.until, attempts=wish.attempts, unfinished=wish.unfinished
        )
        made = inventor.requests(wish.requests, wish.start)
        while batch := list(islice(made, BATCH)):
            sown.attempts += _write(batch)
            service.count(batch)
            log_records_write(batch, wish.until)
            sown.statuses.update(row.status.value for row in batch)
            on_progress(sown.statuses.total())
        for entry in books:
            entry.close()
        service.write()
        maintenance_write(wish.until)
        _sum_up(people)
    return sown


def tables_settle() -> None:
    """Tell Postgres what is in the tables now, so that it plans well and reads indexes alone where they suffice.

    Outside of a transaction, where VACUUM can run; inside of one, there are statistics only.
    """
    tables = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in FILLED)
    with connection.cursor() as cursor:
        cursor.execute(f"{'ANALYZE' if connection.in_atomic_block else 'VACUUM (ANALYZE)'} {tables}")


def _write(batch: list[Made]) -> int:
    """Write requests with all that hangs off them; how many attempts they made."""
    attempts = [row for made in batch for row in made.attempt_rows()]
    RowCopy(SynthesisRequest, REQUEST).write(made.request_row() for made in batch)
    RowCopy(EngineAttempt, ATTEMPT).write(attempts)
    RowCopy(RequestEvent, EVENT).write(row for made in batch for row in event_rows(made))
    RowCopy(UsageEvent, USAGE).write(row for made in batch if (row := made.usage_row()) is not None)
    return len(attempts)


def _sum_up(people: Sequence[Seeded]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SUM_UP, [[seeded.tenant.pk for seeded in people]])
