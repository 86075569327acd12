"""A worker asks for work: it gets the request whose turn it is, of whichever tenant, within every tenant's limit.

What RQ carries are doorbells. Each names the request that rang, but whoever hears it serves the request whose turn it
is, so order in Redis decides nothing and no tenant's queue can stand before another's.

No request is left lying while a worker is idle. Call a request servable when it waits and its tenant has less at work
than its limit. Whenever something is servable, a doorbell is in the queue or somebody is about to look:

* What makes a request servable is followed by a ring, after its commit: admission always rings; the end of a request
  at work rings where its tenant has others waiting (`turn_pass`), unless a doorbell hangs already.
* Only `request_claim_next` uses a doorbell up. It decides on a snapshot from after it got the lock, so on all that was
  committed before the doorbell was heard. Finding nothing, it leaves nothing behind; serving one of several, it rings
  for the next unless a doorbell hangs already.
* A doorbell that hangs is heard after it was seen, so the snapshot it leads to holds what made somebody rely on it.

So one doorbell wakes as many workers as there is work for, one after the other. The rest the sweeper mends within a
second, by ringing when something is servable and no doorbell hangs: after a process that died between its commit and
its ring, a Redis that forgot, or limits that were raised.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from accounts.limits.effective import EffectiveLimits
from accounts.limits.names import Limit
from accounts.models import Plan
from tts.models import SynthesisRequest, TenantTurn
from tts.services.fair_queue import Backlog, Contender, backlog_behind, next_in_turn
from tts.services.queueing import doorbell_ring
from tts.services.states import request_claim

CLAIM_LOCK = 0x766F7874
"""The advisory lock under which claims are made, one at a time ("voxt")."""

FROZEN_SECONDS = 5.0
"""A process that stops in the middle of a claim loses its connection, and with it the lock, after so long."""

# Nothing that waits behind the lock may use a snapshot from before it: hence a statement of its own.
_LOCK = """
SELECT set_config('idle_in_transaction_session_timeout', %(frozen)s, true), pg_advisory_xact_lock(%(lock)s)
"""

_CONTENDERS = """
WITH tenants AS (
    SELECT tenant_id,
           count(*) FILTER (WHERE status = 'queued' AND deadline_at > %(now)s) AS queued,
           count(*) FILTER (WHERE status = 'running') AS running
    FROM tts_synthesisrequest
    WHERE status IN ('queued', 'running')
    GROUP BY tenant_id
)
SELECT tenants.tenant_id, tenants.queued, tenants.running, head.id, head.characters, head.created_at,
       coalesce(turn.finish_tag, 0), tenant.plan_id,
       ARRAY(
           SELECT json_build_array(override.limit, override.value, override.observe_only)
           FROM accounts_limitoverride override
           WHERE override.tenant_id = tenants.tenant_id AND override.limit = %(limit)s
       ),
       (SELECT coalesce(max(start_tag), 0) FROM tts_tenantturn)
FROM tenants
JOIN accounts_tenant tenant ON tenant.id = tenants.tenant_id
CROSS JOIN LATERAL (
    SELECT id, characters, created_at
    FROM tts_synthesisrequest request
    WHERE request.tenant_id = tenants.tenant_id AND status = 'queued' AND deadline_at > %(now)s
    ORDER BY created_at, id
    LIMIT 1
) head
LEFT JOIN tts_tenantturn turn ON turn.tenant_id = tenants.tenant_id
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """A request that now belongs to a worker, and what waits behind it. `row.claim` is the worker's ticket."""

    row: SynthesisRequest
    backlog: Backlog


def request_claim_next(*, worker: str, now: datetime) -> Claim | None:
    """Take the request whose turn it is for `worker`; None when nothing may begin now.

    Claims are made one at a time, so a tenant never has more at work than its `concurrent_requests`, however many
    workers ask.
    """
    with transaction.atomic():
        _lock()
        found = _claim(worker, now)
    if found is None:
        return None
    claim, more = found
    if more:
        doorbell_ring(request_id=claim.row.id)
    return claim


def request_next(*, now: datetime) -> UUID | None:
    """The id of the request whose turn it is; None when nothing may begin now."""
    contenders, virtual_time = _contenders(now)
    chosen = next_in_turn(contenders, virtual_time)
    return None if chosen is None else chosen.head


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"frozen": str(int(1000 * FROZEN_SECONDS)), "lock": CLAIM_LOCK})


def _claim(worker: str, now: datetime) -> tuple[Claim, bool] | None:
    """The claim, and whether something else may begin as well."""
    while True:
        contenders, virtual_time = _contenders(now)
        chosen = next_in_turn(contenders, virtual_time)
        if chosen is None:
            return None
        row = request_claim(request_id=chosen.head, worker=worker, now=now)
        # It may have ended since it was found: canceling and expiring take no lock. Then there is another to find.
        if row is not None:
            _advance(chosen, virtual_time)
            more = sum(contender.servable for contender in contenders) > 1
            return Claim(row, backlog_behind(chosen, contenders)), more


def _advance(served: Contender, virtual_time: float) -> None:
    turn = TenantTurn(
        tenant_id=served.tenant_id,
        start_tag=served.start_tag(virtual_time),
        finish_tag=served.finish_tag_after_head(virtual_time),
    )
    TenantTurn.all_tenants.bulk_create(
        [turn], update_conflicts=True, unique_fields=["tenant"], update_fields=["start_tag", "finish_tag"]
    )


def _contenders(now: datetime) -> tuple[list[Contender], float]:
    """Tenants with something waiting that has not expired, and the virtual time."""
    with connection.cursor() as cursor:
        cursor.execute(_CONTENDERS, {"now": now, "limit": Limit.CONCURRENT_REQUESTS})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    if not rows:
        return [], 0.0
    plans = Plan.objects.in_bulk({plan_id for *_, plan_id, _overrides, _virtual_time in rows})
    contenders = [
        _contender(row, plans[plan_id].limits(overrides)) for *row, plan_id, overrides, _virtual_time in rows
    ]
    return contenders, rows[0][-1]


def _contender(row: list[Any], limits: EffectiveLimits) -> Contender:
    tenant_id, queued, running, head, characters, since, finish_tag = row
    return Contender(
        tenant_id,
        queued,
        running,
        head,
        characters,
        since,
        finish_tag,
        weight=limits.priority_weight,
        concurrent=limits.of(Limit.CONCURRENT_REQUESTS),
    )
