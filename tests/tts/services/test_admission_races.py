"""Many ask for speech at once, on connections of their own."""

import random
from functools import partial

import pytest
from django.utils import timezone

from accounts.models import UsagePeriod
from accounts.services.keys import key_issue
from benchmarks.proofs.admission import (
    THREADS,
    concurrency_race,
    idempotency_race,
    in_flight,
    reserved,
)
from benchmarks.proofs.racing import database_connections
from tests.cast import Member, member
from tests.tts.rows import OUTCOME, PARAMETERS, SPOKEN, admitted, caller, queued_jobs, together
from tts.models import SynthesisRequest, UsageEvent
from tts.services import admission
from tts.services.in_flight import in_flight_count
from tts.services.states import request_cancel, request_claim, request_expire, request_succeed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_redis")]

LIMIT = 7


@pytest.mark.slow
def test_in_flight_never_passes_the_limit() -> None:
    race = concurrency_race(member("carol", concurrent_requests=5, queued_requests=2))
    assert race.at_once == LIMIT
    assert 0 < race.highest <= LIMIT
    assert race.looks > 10
    assert race.admitted > LIMIT
    assert race.refused > 0
    assert race.left == (0, 0)


@pytest.mark.slow
def test_in_flight_passes_the_limit_when_it_is_counted_before_the_lock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the test above would see if admission counted first and reserved afterwards."""
    carol = member("carol", concurrent_requests=5, queued_requests=2)
    early = in_flight_count(caller=caller(carol))
    monkeypatch.setattr(admission, "in_flight_count", lambda *, caller: early)
    assert concurrency_race(carol, rounds=1).at_once > LIMIT


def test_one_idempotency_key_makes_one_request() -> None:
    carol = member("carol", concurrent_requests=None)
    assert idempotency_race(carol) == {"admitted": 1, "in flight": THREADS - 1}
    (row,) = SynthesisRequest.objects.of(carol.tenant)
    assert [job[:36] for job in queued_jobs()] == [str(row.id)]
    assert {period.reserved_characters for period in UsagePeriod.objects.of(carol.tenant)} == {
        PARAMETERS.characters
    }


@pytest.mark.slow
def test_accepting_and_ending_with_two_keys_never_wait_for_each_other() -> None:
    """A deadlock would be an error of one of the threads: Postgres ends it after a second."""
    carol = member("carol", characters_per_month=100_000)
    other = Member(carol.tenant, *key_issue(tenant=carol.tenant, name="other", characters_per_month=50_000))
    with database_connections(24):
        charged = sum(together(*(partial(_live, who, seed) for seed, who in enumerate([carol, other] * 12))))
    assert in_flight(carol) == reserved(carol) == 0
    assert UsageEvent.objects.of(carol.tenant).filter(outcome="succeeded").count() == charged > 0
    figures = {
        period.api_key: (period.used_characters, period.requests)
        for period in UsagePeriod.objects.of(carol.tenant)
    }
    assert figures[None] == (charged * PARAMETERS.characters, charged)
    assert sum(requests for key, (_, requests) in figures.items() if key is not None) == charged


def _live(who: Member, seed: int) -> int:
    """Accept requests and end them in some way; how many were charged."""
    draw, charged = random.Random(seed), 0
    for number in range(12):
        row = admitted(who)
        way = draw.choice(["succeed", "cancel", "expire"])
        now = timezone.now()
        if way == "succeed":
            claimed = request_claim(request_id=row.id, worker=f"{seed}.{number}", now=now)
            assert claimed is not None
            charged += request_succeed(row=claimed, outcome=OUTCOME, attempts=[SPOKEN], now=now)
        elif way == "cancel":
            assert request_cancel(request_id=row.id, now=now)
        else:
            assert request_expire(request_id=row.id, now=now)
    return charged
