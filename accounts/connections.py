"""The limiter's connections to Redis, opened once per process."""

from functools import cache

from django.conf import settings
from redis import BlockingConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

COMMAND_TIMEOUT_SECONDS = 2.0
MAX_CONNECTIONS = 32


def limits_client(url: str) -> Redis:
    """A client to take from buckets with: each command is sent once, and fails within two seconds.

    No retries, because a command whose answer was lost may have taken already. Connections that the server closed are
    noticed and replaced before a command is sent on them.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        # A call holds its connection for a fraction of a millisecond, so threads share few of them.
        max_connections=MAX_CONNECTIONS,
        timeout=COMMAND_TIMEOUT_SECONDS,
        socket_timeout=COMMAND_TIMEOUT_SECONDS,
        socket_connect_timeout=COMMAND_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=30,
    )
    return Redis.from_pool(pool)


@cache
def limits_redis() -> Redis:
    """The volatile Redis, where the buckets are."""
    return limits_client(settings.REDIS_VOLATILE_URL)
