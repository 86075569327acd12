"""Made-up tenants with history, all or nothing."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from django.db import connection, transaction

from tts.models import EngineAttempt, RequestEvent, SynthesisRequest, UsageEvent
from tts.seeding.books import Books
from tts.seeding.copying import RowCopy
from tts.seeding.history import Inventor
from tts.seeding.made import ATTEMPT, EVENT, REQUEST, USAGE, Made
from tts.seeding.people import KeyText, people_make

BATCH = 10_000
"""Requests that are held in memory at once."""


@dataclass(slots=True)
class Sown:
    """What `demo_seed` made."""

    keys: list[KeyText] = field(repr=False)
    tenants: int
    statuses: Counter[str] = field(default_factory=Counter)


def demo_seed(*, requests: int, start: datetime, until: datetime, seed: int) -> Sown:
    """Make a few tenants with plans, keys and members, and `requests` requests of theirs in one transaction.

    Periods, thresholds and would-be refusals agree with the requests. The texts of ended requests are kept as each
    tenant keeps them; audio is not made. Raises `ValidationError` when one of the tenants is there already.
    """
    with transaction.atomic():
        people, keys = people_make(start=start, until=until)
        books = [Books(person) for person in people]
        for entry in books:
            entry.open(start, until)
        with connection.cursor() as cursor:
            # Else a million rows' foreign keys are remembered until the end.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        sown = Sown(keys, len(people))
        made = Inventor(books, seed=seed, until=until).requests(requests, start)
        while batch := list(islice(made, BATCH)):
            _write(batch)
            sown.statuses.update(row.status.value for row in batch)
        for entry in books:
            entry.close()
    return sown


def _write(batch: list[Made]) -> None:
    RowCopy(SynthesisRequest, REQUEST).write(made.request_row() for made in batch)
    RowCopy(EngineAttempt, ATTEMPT).write(row for made in batch for row in made.attempt_rows())
    RowCopy(RequestEvent, EVENT).write(row for made in batch for row in made.event_rows())
    RowCopy(UsageEvent, USAGE).write(row for made in batch if (row := made.usage_row()) is not None)
