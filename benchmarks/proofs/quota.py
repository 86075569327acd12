"""Many reserve characters of one month at once: what is granted ends at the limit."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction

from accounts.models import ApiKey, Tenant, UsagePeriod
from accounts.services.quota import QuotaExhausted, quota_reserve
from benchmarks.proofs.racing import database_connections
from benchmarks.proofs.table import Verdict
from tests.tts.rows import together

THREADS = 50
EACH = 40
MIXED_SIZES = (1, 1, 2, 3, 7, 40)


@dataclass(frozen=True, slots=True)
class Runner:
    """One thread of the race, and the limits it reserves under."""

    tenant: Tenant
    key: ApiKey | None
    limit: int | None
    key_limit: int | None = None


@dataclass(frozen=True, slots=True)
class Grants:
    """Characters that one runner was granted, the most it was told are taken, and the sizes it was refused."""

    characters: int
    highest: int
    refused: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class QuotaRace:
    """What `runners` were granted, beside what the periods say. Periods by key, None for the tenant's own."""

    runners: tuple[Runner, ...]
    grants: tuple[Grants, ...]
    reserved: dict[ApiKey | None, int]

    @property
    def granted(self) -> int:
        return sum(grants.characters for grants in self.grants)

    def granted_to(self, key: ApiKey | None) -> int:
        pairs = zip(self.runners, self.grants, strict=True)
        return sum(grants.characters for runner, grants in pairs if runner.key == key)

    @property
    def highest(self) -> int:
        return max(grants.highest for grants in self.grants)

    @property
    def refused(self) -> Counter[int]:
        """How often each size was refused."""
        return Counter(size for grants in self.grants for size in grants.refused)


def quota_race(
    runners: Sequence[Runner], *, now: datetime, each: int = EACH, sizes: Sequence[int] = (1,)
) -> QuotaRace:
    """Let all `runners`, of one tenant, reserve `each` times at the same moment, sizes drawn from `sizes`.

    Every reservation is a transaction of its own. Nothing is given back, so what is taken only grows.
    """
    with database_connections(len(runners)):
        grants = together(
            *(partial(_run, runner, now, each, sizes, seed) for seed, runner in enumerate(runners))
        )
    periods = UsagePeriod.objects.of(runners[0].tenant).select_related("api_key")
    reserved = {period.api_key: period.reserved_characters for period in periods}
    return QuotaRace(tuple(runners), tuple(grants), reserved)


def _run(runner: Runner, now: datetime, each: int, sizes: Sequence[int], seed: int) -> Grants:
    draw = random.Random(seed)  # noqa: S311 - sizes of a benchmark
    characters = highest = 0
    refused = []
    for _ in range(each):
        size = draw.choice(sizes)
        try:
            with transaction.atomic():
                reservation = quota_reserve(
                    tenant=runner.tenant,
                    key=runner.key,
                    characters=size,
                    limit=runner.limit,
                    key_limit=runner.key_limit,
                    now=now,
                )
        except QuotaExhausted:
            refused.append(size)
        else:
            characters += size
            highest = max(highest, reservation.taken)
    return Grants(characters, highest, tuple(refused))


def tenant_quota(tenant: Tenant, *, now: datetime) -> Verdict:
    """50 threads × 40 reservations of one character, half of which fit."""
    limit = THREADS * EACH // 2
    race = quota_race([Runner(tenant, None, limit)] * THREADS, now=now)
    return _verdict("month's characters, one size", race, limit)


def mixed_quota(tenant: Tenant, *, now: datetime) -> Verdict:
    """The same with requests of 1 to 40 characters: what is left goes to the small ones."""
    limit = 5_000
    race = quota_race([Runner(tenant, None, limit)] * THREADS, now=now, sizes=MIXED_SIZES)
    return _verdict("month's characters, mixed sizes", race, limit)


def key_quota(tenant: Tenant, key: ApiKey, *, now: datetime) -> Verdict:
    """Half of the threads use a key with a quota of its own; the tenant's holds over both halves."""
    limit, own = 1_500, 400
    runners = [Runner(tenant, key, limit, own), Runner(tenant, None, limit)] * (THREADS // 2)
    race = quota_race(runners, now=now, sizes=(1, 2))
    of_key = race.granted_to(key)
    return Verdict(
        "month's characters, key and tenant",
        f"= {own} and = {limit}",
        f"{of_key} and {race.granted}",
        of_key == race.reserved[key] == own and race.granted == race.reserved[None] == limit,
    )


def _verdict(subject: str, race: QuotaRace, limit: int) -> Verdict:
    kept = race.granted == race.reserved[None] == race.highest == limit and race.refused[1] > 0
    return Verdict(subject, f"= {limit}", str(race.granted), kept)
