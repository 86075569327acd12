"""Workers that ask for work, on a real database: order, limits, and nothing left lying."""

import itertools
import threading
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import InternalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.cast import Cast, Member, member
from tests.system import wait_for
from tests.tts.rows import OUTCOME, SPOKEN, admitted, elsewhere, fresh, together
from tts.models import SynthesisRequest, TenantTurn
from tts.services import turns
from tts.services.states import (
    request_cancel,
    request_return,
    request_succeed,
)
from tts.services.turns import Claim, request_claim_next

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_redis")]

Status = SynthesisRequest.Status


def claim(worker: str = "one.1") -> Claim | None:
    return request_claim_next(worker=worker, now=timezone.now())


def taken(worker: str = "one.1") -> SynthesisRequest:
    found = claim(worker)
    assert found is not None
    return found.row


def done(row: SynthesisRequest) -> None:
    assert request_succeed(row=row, outcome=OUTCOME, attempts=[SPOKEN], now=timezone.now())


def at_work(one: Member) -> int:
    return SynthesisRequest.objects.of(one.tenant).filter(status=Status.RUNNING).count()


def test_the_oldest_request_of_a_tenant_goes_first(cast: Cast) -> None:
    now = timezone.now()
    rows = [admitted(cast.alice, now=now - timedelta(seconds=age)) for age in (1, 3, 2)]
    assert [taken() for _ in rows] == [rows[1], rows[2], rows[0]]
    assert claim() is None


def test_a_claim_belongs_to_its_worker(cast: Cast) -> None:
    row = admitted(cast.alice)
    mine = taken("me.7")
    assert (mine.id, mine.status, mine.worker, mine.claim) == (row.id, Status.RUNNING, "me.7", 1)
    assert mine.text == "你好，世界。"


def test_who_comes_new_is_served_before_the_rest_of_five_hundred(cast: Cast) -> None:
    for _ in range(40):
        admitted(cast.alice)
    for _ in range(10):
        done(taken())
    single = admitted(cast.bob)
    assert taken() == single


def test_what_has_expired_or_ended_is_nobodys_turn(cast: Cast) -> None:
    late, canceled, good = (admitted(cast.alice, timeout_seconds=seconds) for seconds in (1, 15, 15))
    request_cancel(request_id=canceled.id, now=timezone.now())
    found = request_claim_next(worker="one.1", now=late.deadline_at)
    assert found is not None
    assert found.row == good
    assert request_claim_next(worker="one.1", now=late.deadline_at) is None
    assert fresh(late).status == Status.QUEUED, "the sweeper ends it"


def test_a_request_whose_worker_was_lost_is_first_again(cast: Cast) -> None:
    first, _second = admitted(cast.alice), admitted(cast.alice)
    row = taken("lost.1")
    assert request_return(request_id=row.id, claim=1, worker="lost.1", now=timezone.now())
    again = taken("two.2")
    assert (again, again.claim) == (first, 2)


@pytest.mark.parametrize(("limit", "served"), [(0, 0), (1, 1), (3, 3), (None, 4)])
def test_no_more_of_a_tenant_are_at_work_than_its_plan_says(db: None, limit: int | None, served: int) -> None:
    # Admission itself lets nobody in who may do nothing.
    one = member("one", concurrent_requests=5)
    for _ in range(4):
        admitted(one)
    one.tenant.plan.concurrent_requests = limit
    one.tenant.plan.save()
    assert sum(claim() is not None for _ in range(4)) == served


def test_an_override_that_only_observes_lets_everything_through(db: None) -> None:
    one = member("one", concurrent_requests=3)
    for _ in range(4):
        admitted(one)
    one.tenant.overrides.create(limit="concurrent_requests", value=1, observe_only=True)
    assert sum(claim() is not None for _ in range(4)) == 3
    one.tenant.overrides.create(limit="concurrent_requests", value=4)
    assert claim() is not None


def test_a_tenant_at_its_limit_holds_up_nobody(db: None) -> None:
    hog, other = member("hog", concurrent_requests=1), member("other", concurrent_requests=1)
    for _ in range(5):
        admitted(hog)
    first = taken()
    assert claim() is None
    single = admitted(other)
    assert taken() == single
    done(first)
    assert taken().tenant == hog.tenant


def test_service_follows_weights_within_a_tenth(db: None) -> None:
    tenants = {weight: member(f"weight-{weight}", priority_weight=weight) for weight in (1, 3)}
    for one in tenants.values():
        for _ in range(70):
            admitted(one)
    served = Counter[UUID]()
    for _ in range(80):
        row = taken()
        served[row.tenant_id] += row.characters
        done(row)
    light, heavy = (served[tenants[weight].tenant.id] for weight in (1, 3))
    assert heavy / light == pytest.approx(3.0, rel=0.1)


def test_the_order_of_service_is_on_record(cast: Cast) -> None:
    """Workers come and go; where a tenant stands does not."""
    admitted(cast.alice)
    taken()
    turn = TenantTurn.objects.of(cast.alice.tenant).get()
    assert (turn.start_tag, turn.finish_tag) == (0.0, 6.0)
    admitted(cast.alice), admitted(cast.bob)
    assert taken().tenant == cast.bob.tenant
    assert taken().tenant == cast.alice.tenant
    turn.refresh_from_db()
    assert (turn.start_tag, turn.finish_tag) == (6.0, 12.0)


@pytest.mark.django_db(transaction=True)
def test_eight_workers_at_once_never_pass_the_limit(db: None) -> None:
    """Seen from outside after every claim, and by the database at every moment in between."""
    tenants = [member("two", concurrent_requests=2), member("three", concurrent_requests=3)]
    for one in tenants:
        for _ in range(40):
            admitted(one)
    most = Counter[UUID]()
    over = threading.Event()
    finished = threading.Event()

    def watch() -> int:
        for looks in itertools.count(1):
            for one, limit in zip(tenants, (2, 3), strict=True):
                found = at_work(one)
                most[one.tenant.id] = max(most[one.tenant.id], found)
                if found > limit:
                    over.set()
            if finished.is_set():
                return looks
        raise AssertionError

    held: deque[SynthesisRequest] = deque()

    def work(worker: str) -> int:
        """Claims until the limits say no, and ends a request then."""
        claims = 0
        while SynthesisRequest.all_tenants.filter(status=Status.QUEUED).exists():
            found = claim(worker)
            if found is not None:
                claims += 1
                held.append(found.row)
            else:
                # There may be nothing to end: then all wait for others.
                with suppress(IndexError):
                    done(held.popleft())
        return claims

    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(_on_own_connection, watch)
        claims = together(*(partial(work, f"w.{number}") for number in range(8)))
        finished.set()
        looks = watching.result(60)
    assert sum(claims) == 80
    assert not over.is_set()
    assert set(most.values()) == {2, 3}, "the limits were reached"
    assert looks > 20


def _on_own_connection(task: Callable[[], Any]) -> Any:
    try:
        return task()
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_claims_of_many_workers_give_each_request_away_once(cast: Cast) -> None:
    rows = [admitted(one) for one in (cast.alice, cast.bob) for _ in range(8)]
    found = together(*(partial(claim, f"w.{number}") for number in range(20)))
    claims = [one.row for one in found if one is not None]
    assert sorted(row.id for row in claims) == sorted(row.id for row in rows)
    assert {row.claim for row in claims} == {1}


@pytest.mark.django_db(transaction=True)
def test_a_request_that_ends_while_it_is_claimed_gives_its_turn_to_the_next(cast: Cast) -> None:
    first, second = admitted(cast.alice), admitted(cast.alice)
    canceled: list[bool] = []

    def interfere(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("UPDATE") and not canceled:
            cancel = partial(request_cancel, request_id=first.id, now=timezone.now())
            canceled.append(elsewhere(cancel))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(interfere):
        assert taken() == second
    assert canceled == [True]


@pytest.mark.django_db(transaction=True)
def test_a_claim_waits_for_the_one_before_it(db: None) -> None:
    """Else a request from a server whose clock is behind would begin beside the one that fills the limit."""
    one = member("one", concurrent_requests=1)
    row = admitted(one)
    second: list[Future[Claim | None]] = []

    def overtake() -> Claim | None:
        admitted(one, now=row.created_at - timedelta(seconds=1))
        return claim("two.2")

    def somebody_waits_for_the_lock() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            return bool(cursor.fetchone()[0])

    def interfere(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("UPDATE") and not second:
            second.append(pool.submit(_on_own_connection, overtake))
            wait_for(lambda: second[0].done() or somebody_waits_for_the_lock(), what="the second claim")
        return execute(sql, params, many, context)

    with ThreadPoolExecutor(1) as pool, connection.execute_wrapper(interfere):
        assert taken() == row
        assert second[0].result(20) is None
    assert at_work(one) == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_frozen_in_the_middle_of_a_claim_stops_the_others_only_for_a_moment(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "FROZEN_SECONDS", 0.3)
    row = admitted(cast.alice)
    locked, served = threading.Event(), threading.Event()

    def freeze() -> None:
        with pytest.raises(InternalError, match="idle-in-transaction"):
            claim_slowly()

    @transaction.atomic
    def claim_slowly() -> None:
        turns._lock()
        locked.set()
        assert served.wait(20)
        TenantTurn.all_tenants.count()

    def ask() -> SynthesisRequest:
        assert locked.wait(10)
        try:
            return taken()
        finally:
            served.set()

    _, claimed = together(freeze, ask)
    assert claimed == row


@pytest.mark.django_db(transaction=True)
def test_a_claim_costs_six_statements_however_many_tenants_wait(cast: Cast) -> None:
    for one in (cast.alice, cast.bob):
        admitted(one), admitted(one)
    with CaptureQueriesContext(connection) as queries:
        assert claim() is not None
    statements = [query["sql"].split(maxsplit=1)[0] for query in queries.captured_queries]
    # Lock, contenders, their plans, compare-and-set, the row, the tenant's turn.
    assert statements == ["BEGIN", "SELECT", "WITH", "SELECT", "UPDATE", "SELECT", "INSERT", "COMMIT"]
