"""How often somebody may fail to log in to the admin.

Counted in the volatile Redis: counters that run out by themselves leave no rows behind, and a flood of attempts costs
Postgres nothing. The username goes into a key as a digest only, because people type passwords into the wrong field.
"""

import ipaddress
import unicodedata
from dataclasses import dataclass
from typing import cast

from django.utils.crypto import salted_hmac

from tts.connections import volatile_redis

WINDOW_SECONDS = 600
MAX_FAILURES = 10
"""Of one address with one username, in a window that begins with the first."""

MAX_ATTEMPTS_OF_ADDRESS = 50
"""With whatever usernames: against one password tried on everybody, and because each attempt costs half a second of
hashing."""

_PREFIX = "voxgate:login"


@dataclass(frozen=True, slots=True)
class LoginAttempt:
    """An attempt, counted before its password is looked at, so that many at once cannot slip through together.

    `wait_seconds` is 0 for one that may go on, else the seconds until the next may.
    """

    key: str
    wait_seconds: int

    @property
    def refused(self) -> bool:
        return self.wait_seconds > 0


def login_attempt(*, address: str | None, username: str) -> LoginAttempt:
    """Count an attempt of `username` from `address`. Raises `RedisError` when Redis is away."""
    network = _network(address)
    # Django takes all these spellings for one username, or might.
    name = unicodedata.normalize("NFKC", username).strip().casefold()
    digest = salted_hmac("voxgate.login_throttle", name, algorithm="sha256").hexdigest()
    key = f"{_PREFIX}:{network}:{digest}"
    # The address first, so that a flood of usernames makes no flood of keys.
    wait = _count(f"{_PREFIX}:{network}", MAX_ATTEMPTS_OF_ADDRESS) or _count(key, MAX_FAILURES)
    return LoginAttempt(key, wait)


def login_succeeded(attempt: LoginAttempt) -> None:
    """It was no failure: forget those of its address and username before it. Raises `RedisError`."""
    volatile_redis().delete(attempt.key)


def _count(key: str, limit: int) -> int:
    """Add one; the seconds to wait when that is above `limit`, else 0."""
    with volatile_redis().pipeline(transaction=True) as pipeline:
        pipeline.set(key, 0, ex=WINDOW_SECONDS, nx=True)
        pipeline.incr(key)
        pipeline.ttl(key)
        _, count, seconds = cast(tuple[object, int, int], tuple(pipeline.execute()))
    return max(1, seconds) if count > limit else 0


def _network(address: str | None) -> str:
    """Whom an address stands for: of IPv6, a customer gets 64 bits at least."""
    if address is None:
        return "-"
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    return str(ipaddress.ip_network((ip, 64), strict=False).network_address)
