"""Whose turn it is: start-time fair queueing over tenants.

P. Goyal, H. M. Vin and H. Cheng, "Start-time Fair Queueing", SIGCOMM 1996. A request's start tag is the later of its
tenant's last finish tag and the virtual time; its finish tag lies its cost, in characters divided by the tenant's
weight, behind that. The smallest start tag is served, and virtual time is the largest start tag served so far. So
tenants that always have something waiting get service by their weights, one that comes new is next whatever the others
have waiting, and nobody saves up turns by staying away.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Contender:
    """A tenant with requests waiting. `head` is the oldest of them; `concurrent` of None is unlimited, of 0 none."""

    tenant_id: UUID
    queued: int
    running: int
    head: UUID
    head_characters: int
    head_since: datetime
    finish_tag: float
    weight: int = 1
    concurrent: int | None = None

    @property
    def servable(self) -> int:
        """How many of its waiting requests may begin now."""
        if self.concurrent is None:
            return self.queued
        return max(0, min(self.queued, self.concurrent - self.running))

    def start_tag(self, virtual_time: float) -> float:
        return max(self.finish_tag, virtual_time)

    def finish_tag_after_head(self, virtual_time: float) -> float:
        return self.start_tag(virtual_time) + self.head_characters / self.weight


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits when a request begins: `whole` requests until the last one of its tenant has had its turn, of which
    `own` are the tenant's."""

    whole: float = 0.0
    own: int = 0
    concurrent: int | None = None

    def per_worker(self, workers: int) -> float:
        """How many requests wait for each worker, as this tenant has to see it: no more work for the tenant than its
        limit allows at once."""
        own_workers = workers if self.concurrent is None else max(1, min(self.concurrent, workers))
        return max(self.whole / workers, self.own / own_workers)


def next_in_turn(contenders: Iterable[Contender], virtual_time: float) -> Contender | None:
    """Who is served next; None where nobody may be. Among equals the oldest request goes first."""
    return min(
        (contender for contender in contenders if contender.servable),
        key=lambda contender: (contender.start_tag(virtual_time), contender.head_since, contender.head),
        default=None,
    )


def backlog_behind(chosen: Contender, contenders: Iterable[Contender]) -> Backlog:
    """What waits once the head of `chosen` is at work.

    Of another tenant's requests only those count that get their turn before the last of `chosen`'s: somebody's five
    hundred must not make everybody else's look late.
    """
    own = chosen.queued - 1
    turns = (own + 1) / chosen.weight
    others = sum(
        min(float(other.queued), turns * other.weight)
        for other in contenders
        if other.tenant_id != chosen.tenant_id
    )
    return Backlog(own + others, own, chosen.concurrent)
