"""Compare-and-set: whoever tries, however many at once, each change happens once."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from tests.cast import Cast
from tests.tts.rows import (
    FAILED,
    OUTCOME,
    SPOKEN,
    admitted,
    claimed,
    elsewhere,
    event_names,
    fresh,
    together,
)
from tts.models import EngineAttempt, SynthesisRequest, UsageEvent
from tts.services.states import (
    request_cancel,
    request_claim,
    request_expire,
    request_fail,
    request_give_up,
    request_return,
    request_succeed,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_redis")]

Status = SynthesisRequest.Status
FINAL = {Status.SUCCEEDED, Status.FAILED, Status.CANCELED, Status.EXPIRED}


@pytest.mark.django_db(transaction=True)
def test_of_sixteen_workers_one_gets_the_request(cast: Cast) -> None:
    row = admitted(cast.alice)
    taken = together(
        *(partial(request_claim, request_id=row.id, worker=f"w.{n}", now=timezone.now()) for n in range(16))
    )
    (winner,) = [claim for claim in taken if claim is not None]
    assert (winner.status, winner.claim) == (Status.RUNNING, 1)
    assert fresh(row).worker == winner.worker


def test_what_is_not_there_cannot_be_claimed(cast: Cast) -> None:
    row = admitted(cast.alice)
    request_cancel(request_id=row.id, now=timezone.now())
    assert request_claim(request_id=row.id, worker="w.1", now=timezone.now()) is None
    assert request_claim(request_id=cast.alice.tenant.id, worker="w.1", now=timezone.now()) is None


@pytest.mark.django_db(transaction=True)
def test_the_ticket_is_that_of_the_own_claim(cast: Cast) -> None:
    """Between a claim and reading its ticket, nobody can give the request to another worker."""
    row = admitted(cast.alice)

    def give_away() -> bool:
        return request_return(request_id=row.id, claim=1, worker="slow.1", now=timezone.now())

    given_away: list[bool] = []

    def interfere(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT"):
            given_away.append(elsewhere(give_away))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(interfere):
        mine = request_claim(request_id=row.id, worker="slow.1", now=timezone.now())
    assert given_away == [False]
    assert mine is not None
    assert (mine.claim, mine.worker) == (1, "slow.1")


@pytest.mark.django_db(transaction=True)
def test_every_end_at_once_is_one_end(cast: Cast) -> None:
    """Five ways out race for sixty requests: each ends once, is charged at most once, tells one story."""
    shuffled = random.Random(7)
    seen: Counter[str] = Counter()
    for _ in range(60):
        row = claimed(cast.alice)
        now = timezone.now()
        ways: dict[str, Callable[[], bool]] = {
            Status.SUCCEEDED: partial(
                request_succeed, row=row, outcome=OUTCOME, attempts=[FAILED, SPOKEN], now=now
            ),
            Status.FAILED: partial(
                request_fail, row=row, code="synthesis_failed", detail="", attempts=[FAILED], now=now
            ),
            Status.EXPIRED: partial(request_expire, request_id=row.id, now=now),
            Status.CANCELED: partial(request_cancel, request_id=row.id, now=now),
            Status.QUEUED: partial(request_return, request_id=row.id, claim=1, worker="one.1", now=now),
        }
        names = list(ways)
        shuffled.shuffle(names)
        won = {
            name for name, did in zip(names, together(*(ways[name] for name in names)), strict=True) if did
        }

        after = fresh(row)
        assert won & FINAL == {after.status}
        assert after.finished_at is not None
        usage = UsageEvent.all_tenants.get(request=row)
        assert (usage.outcome, usage.characters > 0) == (after.status, after.status == Status.SUCCEEDED)
        attempts = {Status.SUCCEEDED: 2, Status.FAILED: 1}.get(Status(after.status), 0)
        assert EngineAttempt.objects.filter(request=row).count() == attempts
        names_seen = Counter(event_names(row))
        assert sum(names_seen[state] for state in FINAL) == 1
        assert names_seen["worker-lost"] == (Status.QUEUED in won)
        seen[after.status] += 1
    assert len(seen) >= 2, "the race was never open"


def test_a_claim_that_was_given_back_ends_nothing(cast: Cast) -> None:
    old = claimed(cast.alice)
    assert request_return(request_id=old.id, claim=1, worker="one.1", now=timezone.now())
    new = request_claim(request_id=old.id, worker="two.2", now=timezone.now())
    assert new is not None
    assert new.claim == 2

    now = timezone.now()
    assert not request_succeed(row=old, outcome=OUTCOME, attempts=[SPOKEN], now=now)
    assert not request_fail(row=old, code="internal", detail="", now=now)
    assert not request_return(request_id=old.id, claim=1, worker="one.1", now=now)
    assert not request_give_up(request_id=old.id, claim=1, code="worker_lost", detail="", now=now)
    assert (fresh(old).status, fresh(old).worker) == (Status.RUNNING, "two.2")
    assert EngineAttempt.objects.count() == UsageEvent.all_tenants.filter(outcome="succeeded").count() == 0

    assert request_succeed(row=new, outcome=OUTCOME, attempts=[SPOKEN], now=now)
    assert event_names(new) == [
        "received",
        "worker-lost",
        "claimed",
        "attempt",
        "encoded",
        "stored",
        "succeeded",
    ]


def test_an_end_is_for_good(cast: Cast) -> None:
    row = claimed(cast.alice)
    now = timezone.now()
    assert request_succeed(row=row, outcome=OUTCOME, attempts=[SPOKEN], now=now)
    later = now + timedelta(hours=1)
    assert not request_succeed(row=row, outcome=OUTCOME, attempts=[SPOKEN], now=later)
    assert not request_expire(request_id=row.id, now=later)
    assert not request_cancel(request_id=row.id, now=later)
    assert fresh(row).finished_at == now
    assert UsageEvent.all_tenants.filter(outcome="succeeded").count() == 1


def test_an_end_that_cannot_be_recorded_whole_is_not_recorded(cast: Cast) -> None:
    """The state, the attempts, the timeline and the charge are one transaction."""
    row = claimed(cast.alice)
    # Two attempts of one position break a constraint, after the state was already changed.
    EngineAttempt.objects.create(request=row, claim=1, position=1, engine="x", outcome="error", seconds=0)
    with pytest.raises(IntegrityError):
        request_succeed(row=row, outcome=OUTCOME, attempts=[SPOKEN], now=timezone.now())
    assert fresh(row).status == Status.RUNNING
    assert event_names(row) == []
    assert UsageEvent.all_tenants.filter(outcome="succeeded").count() == 0


def test_the_charge_names_who_asked_for_what(cast: Cast) -> None:
    row = claimed(cast.alice, reference="cost-centre-7")
    request_succeed(row=row, outcome=OUTCOME, attempts=[SPOKEN], now=timezone.now())
    usage = UsageEvent.all_tenants.get()
    assert (usage.request_id, usage.tenant_id, usage.api_key_id) == (
        row.id,
        cast.alice.tenant.id,
        cast.alice.row.id,
    )
    assert (usage.characters, usage.audio_seconds, usage.engine, usage.reference) == (
        6,
        Decimal("1.5"),
        "espeak",
        "cost-centre-7",
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "sleeping"},
        {"characters": 0},
        {"status": "succeeded"},
        {"finished_at": timezone.now()},
        {"status": "queued", "finished_at": timezone.now()},
    ],
    ids=["an unknown state", "no characters", "final unfinished", "running finished", "queued finished"],
)
def test_the_database_refuses_rows_that_make_no_sense(cast: Cast, changes: dict[str, object]) -> None:
    row = claimed(cast.alice)
    with pytest.raises(IntegrityError):
        SynthesisRequest.all_tenants.filter(pk=row.pk).update(**changes)


def test_the_database_refuses_a_second_charge(cast: Cast) -> None:
    row = claimed(cast.alice)
    request_succeed(row=row, outcome=OUTCOME, attempts=[SPOKEN], now=timezone.now())
    with pytest.raises(IntegrityError):
        UsageEvent.all_tenants.create(
            request=row,
            tenant=cast.alice.tenant,
            at=timezone.now(),
            characters=6,
            audio_seconds=1.5,
            engine="espeak",
            voice="",
            outcome="succeeded",
            fallback="none",
        )


def test_a_long_detail_is_cut_to_what_its_column_holds(cast: Cast) -> None:
    row = claimed(cast.alice)
    assert request_fail(row=row, code="synthesis_failed", detail="x" * 900, now=timezone.now())
    assert len(fresh(row).error_detail) == 500
