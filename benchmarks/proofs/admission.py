"""Many ask at once: how many are in flight never passes the limit, and one idempotency key makes one request."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from django.db import connection
from django.utils import timezone

from accounts.models import UsagePeriod
from benchmarks.proofs.racing import database_connections
from benchmarks.proofs.table import Verdict
from tests.cast import Member
from tests.tts.rows import PARAMETERS, caller, together
from tts.models import IdempotencyKey, SynthesisRequest
from tts.services.admission import request_admit
from tts.services.idempotency import AlreadyAnswered, IdempotencyInFlight
from tts.services.in_flight import ConcurrencyLimited
from tts.services.states import request_cancel

THREADS = 40
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class ConcurrencyRace:
    """`at_once` were in flight after everybody had asked once, `highest` while all asked and canceled again and again;
    `left` is what was in flight and what characters were reserved when it was over.
    """

    at_once: int
    highest: int
    looks: int
    admitted: int
    refused: int
    left: tuple[int, int]


@dataclass(slots=True)
class Watch:
    """What a watcher saw in flight, in `looks` looks."""

    highest: int = 0
    looks: int = 0
    problems: list[BaseException] = field(default_factory=list)


def concurrency_race(member: Member, *, threads: int = THREADS, rounds: int = ROUNDS) -> ConcurrencyRace:
    """Let `threads` ask at the same moment, and then ask and cancel for `rounds`, while somebody else counts."""
    with database_connections(threads + 1):
        first = [row for row in together(*[partial(_ask, member)] * threads) if row is not None]
        at_once = in_flight(member)
        for row in first:
            request_cancel(request_id=row.id, now=timezone.now())
        with watching(member) as watch:
            again = together(*[partial(_ask_and_cancel, member, rounds)] * threads)
    admitted = len(first) + sum(again)
    refused = threads * (rounds + 1) - admitted
    return ConcurrencyRace(
        at_once, watch.highest, watch.looks, admitted, refused, (in_flight(member), reserved(member))
    )


def in_flight(member: Member) -> int:
    """Requests of the member's tenant that are queued or running."""
    unfinished = SynthesisRequest.objects.of(member.tenant).filter(status__in=SynthesisRequest.UNFINISHED)
    return unfinished.count()


def reserved(member: Member) -> int:
    """Characters that are reserved in any period of the member's tenant or its keys."""
    return sum(UsagePeriod.objects.of(member.tenant).values_list("reserved_characters", flat=True))


@contextmanager
def watching(member: Member) -> Iterator[Watch]:
    """Count what is in flight over and over, on a thread of its own."""
    watch, over = Watch(), threading.Event()

    def look() -> None:
        try:
            while not over.is_set():
                watch.highest = max(watch.highest, in_flight(member))
                watch.looks += 1
        except BaseException as problem:  # noqa: BLE001 - raised below, on the thread that waits
            watch.problems.append(problem)
        finally:
            connection.close()

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield watch
    finally:
        over.set()
        watcher.join()
    for problem in watch.problems:
        raise problem


def _ask(member: Member, *, idempotency_key: str = "") -> SynthesisRequest | None:
    """The request, None when it was refused for those in flight."""
    try:
        return request_admit(
            caller=caller(member),
            parameters=PARAMETERS,
            request_id="race",
            address=None,
            now=timezone.now(),
            idempotency_key=idempotency_key,
        ).row
    except ConcurrencyLimited:
        return None


def _ask_and_cancel(member: Member, rounds: int) -> int:
    admitted = 0
    for _ in range(rounds):
        row = _ask(member)
        if row is not None:
            admitted += 1
            request_cancel(request_id=row.id, now=timezone.now())
    return admitted


def concurrency(member: Member, *, limit: int) -> Verdict:
    """40 threads of a tenant that may have `limit` in flight."""
    race = concurrency_race(member)
    return Verdict(
        f"in flight, {THREADS} threads",
        f"= {limit}, then ≤ {limit}, then 0",
        f"{race.at_once}, {race.highest}, {race.left[0]}",
        race.at_once == limit and race.highest <= limit and race.left == (0, 0) and race.refused > 0,
    )


def idempotency_race(member: Member, *, threads: int = THREADS) -> Counter[str]:
    """Let `threads` ask with one idempotency key; what became of each."""
    with database_connections(threads):
        return Counter(together(*[partial(_outcome, member)] * threads))


def _outcome(member: Member) -> str:
    try:
        _ask(member, idempotency_key="the same")
    except IdempotencyInFlight:
        return "in flight"
    except AlreadyAnswered:
        return "answered"
    return "admitted"


def idempotency(member: Member) -> Verdict:
    """40 threads with one key and one body: one request, charged once."""
    outcomes = idempotency_race(member)
    rows = SynthesisRequest.objects.of(member.tenant)
    expected = PARAMETERS.characters
    once = rows.count() == IdempotencyKey.objects.of(member.tenant).count() == outcomes["admitted"] == 1
    periods = set(UsagePeriod.objects.of(member.tenant).values_list("reserved_characters", flat=True))
    observed = f"{rows.count()}; {', '.join(map(str, periods))}"
    for row in rows:
        request_cancel(request_id=row.id, now=timezone.now())
    return Verdict(
        f"idempotency, {THREADS} threads",
        f"1 request; {expected} characters",
        observed,
        once and periods == {expected} and outcomes["in flight"] == THREADS - 1,
    )
