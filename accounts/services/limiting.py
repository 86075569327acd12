"""Rate limits of a caller: its key's, its tenant's requests and its tenant's characters, all in one call."""

from accounts.limits.buckets import Bucket, Taken
from accounts.limits.giving_back import give_back
from accounts.limits.names import Limit
from accounts.limits.taking import peek, take
from accounts.selectors import Caller

TENANT_REQUESTS = "tenant-requests"
KEY_REQUESTS = "key-requests"
TENANT_CHARACTERS = "tenant-characters"

LIMIT_OF = {
    TENANT_REQUESTS: Limit.REQUESTS_PER_MINUTE,
    KEY_REQUESTS: Limit.REQUESTS_PER_MINUTE,
    TENANT_CHARACTERS: Limit.CHARACTERS_PER_MINUTE,
}
"""The limit that each policy in the headers stands for."""


class RateLimited(Exception):
    """A bucket refuses; nothing was taken of any."""

    def __init__(self, taken: Taken) -> None:
        super().__init__(self.code_of(taken))
        self.taken = taken

    @staticmethod
    def code_of(taken: Taken) -> str:
        """The HTTP contract's code: characters are only to blame when nothing else refuses."""
        names = {state.bucket.name for state in taken.refusing}
        return "characters_rate_limited" if names == {TENANT_CHARACTERS} else "rate_limited"

    @property
    def code(self) -> str:
        return self.code_of(self.taken)


def rates_take(*, caller: Caller, characters: int = 0) -> Taken:
    """Take one request and `characters` of every bucket of a caller, or nothing.

    Raises `RateLimited`, `CostAboveBurst` where `characters` are more than a minute allows, and `LimiterUnavailable`.
    """
    taken = take(_buckets(caller, requests=1, characters=characters))
    if not taken.admitted:
        raise RateLimited(taken)
    return taken


def rates_peek(*, caller: Caller) -> Taken:
    """How the buckets of a caller stand; takes nothing. Raises `LimiterUnavailable`."""
    return peek(_buckets(caller, requests=0, characters=0))


def rates_give_back(*, taken: Taken, characters_only: bool = False) -> Taken:
    """Undo `rates_take` for a request that was refused afterwards: a refused request consumes nothing.

    With `characters_only` the request stays taken. Returns how the buckets stand then. Raises `LimiterUnavailable`.
    """
    return give_back(taken, unit="characters" if characters_only else None)


def _buckets(caller: Caller, *, requests: int, characters: int) -> list[Bucket]:
    tenant = str(caller.tenant.pk)
    burst = caller.limits.requests_burst
    buckets = []
    for enforced, value in (
        (True, caller.limits.of(Limit.REQUESTS_PER_MINUTE)),
        (False, caller.limits.watched(Limit.REQUESTS_PER_MINUTE)),
    ):
        if value is not None:
            # A burst never outlasts its rate by more than a minute, so an exception that is lower than the plan is so
            # at once; the same goes for a key.
            own_burst = max(1, min(burst, value))
            buckets.append(_requests(TENANT_REQUESTS, tenant, value, own_burst, requests, enforced=enforced))
    own = caller.key_limit(Limit.REQUESTS_PER_MINUTE)
    if caller.key is not None and own is not None:
        key_burst = max(1, min(burst, own))
        buckets.append(_requests(KEY_REQUESTS, str(caller.key.pk), own, key_burst, requests, enforced=True))
    for enforced, value in (
        (True, caller.limits.of(Limit.CHARACTERS_PER_MINUTE)),
        (False, caller.limits.watched(Limit.CHARACTERS_PER_MINUTE)),
    ):
        if value is not None:
            buckets.append(_characters(tenant, value, characters, enforced=enforced))
    return buckets


def _requests(name: str, owner: str, per_minute: int, burst: int, cost: int, *, enforced: bool) -> Bucket:
    return Bucket(
        name=name, owner=owner, units_per_minute=per_minute, burst=burst, cost=cost, enforced=enforced
    )


def _characters(owner: str, per_minute: int, cost: int, *, enforced: bool) -> Bucket:
    return Bucket(
        name=TENANT_CHARACTERS,
        owner=owner,
        units_per_minute=per_minute,
        burst=max(1, per_minute),
        cost=cost,
        enforced=enforced,
        unit="characters",
    )
