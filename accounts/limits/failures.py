"""Failed authentication, limited for each client address before any database work is done for it.

A failure is counted when it is known to be one, so as many attempts as are under way at once may come on top. An
IPv6 client is taken to be its /64, the smallest network a site is given, in which it chooses addresses freely
(RFC 4291, section 2.5.1).
"""

import ipaddress
import logging
from typing import Final

from django.conf import settings
from redis import Redis

from accounts.limits.buckets import Bucket
from accounts.limits.taking import LimiterUnavailable, peek, take

_IPV6_NETWORK_BITS: Final = 64

logger = logging.getLogger(__name__)


def failure_check(address: str | None, *, redis: Redis | None = None) -> float | None:
    """Seconds until another failure from `address` is allowed, None when it is now.

    It is while Redis is away, too: the database decides then who may.
    """
    bucket = _bucket(address)
    if bucket is None:
        return None
    try:
        (state,) = peek([bucket], redis=redis).states
    except LimiterUnavailable:
        return None
    return None if state.allowed else state.retry_after_seconds


def failure_record(address: str | None, *, redis: Redis | None = None) -> None:
    """Count a failure of `address`."""
    bucket = _bucket(address)
    if bucket is None:
        return
    try:
        take([bucket], redis=redis)
    except LimiterUnavailable:
        logger.warning("Failed authentication is not limited: Redis is away")


def network_of(address: str) -> str:
    """Whom a failure of `address` counts for: an IPv4 address, or the first of an IPv6 /64.

    An IPv4 address written as IPv6 (`::ffff:192.0.2.1`) is the IPv4 one. `ValueError` for what is no address.
    """
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(parsed), _IPV6_NETWORK_BITS), strict=False).network_address)


def _bucket(address: str | None) -> Bucket | None:
    """None where failures are not limited: the setting is 0, or the client has no address (a Unix socket)."""
    per_minute: int = settings.VOXGATE_AUTH_FAILURES_PER_MINUTE
    if per_minute == 0 or address is None:
        return None
    return Bucket(
        name="auth-failures",
        owner=network_of(address),
        units_per_minute=per_minute,
        burst=per_minute,
        cost=1,
        unit="failures",
    )
