"""How many requests of a tenant are in flight: always counted from the rows, so that no counter can be wrong."""

from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from accounts.limits.effective import lowest
from accounts.limits.names import Limit
from accounts.selectors import Caller
from tts.text.features import LEXICON


class ConcurrencyLimited(Exception):
    """As many requests as a limit allows are in flight. `of_key` tells whether it is the key's own limit."""

    code = "concurrency_limited"

    def __init__(self, current: int, allowed: int, *, of_key: bool) -> None:
        super().__init__(self.code)
        self.current = current
        self.allowed = allowed
        self.of_key = of_key


@dataclass(frozen=True, slots=True)
class InFlight:
    """Requests of a tenant, and of one of its keys, that are queued or running."""

    tenant: int
    key: int
    running: int
    """Of the tenant's, those at work."""
    lexicon_version: int | None = None


_COUNT = """
SELECT count(*), count(*) FILTER (WHERE api_key_id = %(key)s),
       count(*) FILTER (WHERE status = 'running'),
       (SELECT version FROM tts_pronunciationdictionary WHERE tenant_id = %(tenant)s AND version > 0)
FROM tts_synthesisrequest
WHERE tenant_id = %(tenant)s AND status IN ('queued', 'running')
"""


def in_flight_count(*, caller: Caller) -> InFlight:
    """Count, and tell the version of the tenant's dictionary on the way: one statement."""
    key = None if caller.key is None else caller.key.pk
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"tenant": caller.tenant.pk, "key": key})
        tenant, of_key, running, version = cursor.fetchone()
    return InFlight(tenant, of_key, running, None if LEXICON in settings.TTS_TEXT_OFF else version)


def in_flight_allowed(concurrent: int | None, queued: int | None) -> int | None:
    """How many may be in flight: those at work and those that wait. None for unlimited.

    Nothing at work is nothing at all: what waits would wait for ever.
    """
    if concurrent == 0:
        return 0
    return None if concurrent is None or queued is None else concurrent + queued


def in_flight_check(*, caller: Caller, found: InFlight) -> list[Limit]:
    """Refuse one more where a limit says so, with `ConcurrencyLimited`.

    Returns the observed limits that would have refused it.
    """
    enforced = in_flight_allowed(
        caller.limits.of(Limit.CONCURRENT_REQUESTS), caller.limits.of(Limit.QUEUED_REQUESTS)
    )
    if enforced is not None and found.tenant >= enforced:
        raise ConcurrencyLimited(found.tenant, enforced, of_key=False)
    own = caller.key_limit(Limit.CONCURRENT_REQUESTS)
    if own is not None and found.key >= own:
        raise ConcurrencyLimited(found.key, own, of_key=True)
    return _would_refuse(caller, found)


def in_flight_maximum(*, caller: Caller) -> int | None:
    """The lowest number of requests in flight that the caller is allowed; None for unlimited."""
    tenants = in_flight_allowed(
        caller.limits.of(Limit.CONCURRENT_REQUESTS), caller.limits.of(Limit.QUEUED_REQUESTS)
    )
    return lowest(tenants, caller.key_limit(Limit.CONCURRENT_REQUESTS))


def _would_refuse(caller: Caller, found: InFlight) -> list[Limit]:
    observed = caller.limits.observed
    named = [limit for limit in (Limit.CONCURRENT_REQUESTS, Limit.QUEUED_REQUESTS) if limit in observed]
    if not named:
        return []
    # The other of the two is as it is enforced: one may be tried without the other.
    concurrent, queued = (
        observed[limit] if limit in observed else caller.limits.of(limit)
        for limit in (Limit.CONCURRENT_REQUESTS, Limit.QUEUED_REQUESTS)
    )
    allowed = in_flight_allowed(concurrent, queued)
    return named if allowed is not None and found.tenant >= allowed else []
