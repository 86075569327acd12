"""Redis connections of this process, opened once.

Three kinds, because redis-py 8 gives every socket a five-second time-out and ten retries: commands must fail fast,
and a blocking read must outlive any deadline without being cut off (ADR 0003).
"""

from functools import cache

from django.conf import settings
from redis import BlockingConnectionPool, ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

COMMAND_TIMEOUT_SECONDS = 2.0


def _commands(url: str) -> Redis:
    pool = ConnectionPool.from_url(
        url,
        socket_timeout=COMMAND_TIMEOUT_SECONDS,
        socket_connect_timeout=COMMAND_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 1),
        health_check_interval=30,
    )
    return Redis(connection_pool=pool)


@cache
def queue_redis() -> Redis:
    """Commands to the queue's Redis."""
    return _commands(settings.REDIS_URL)


@cache
def volatile_redis() -> Redis:
    """Commands to the Redis of answers and leases."""
    return _commands(settings.REDIS_VOLATILE_URL)


@cache
def waiting_redis() -> Redis:
    """Blocking reads: no time-out of the socket, each call names its own; as many connections as may wait."""
    pool = BlockingConnectionPool.from_url(
        settings.REDIS_VOLATILE_URL,
        max_connections=settings.TTS_WAITERS + 8,
        timeout=1,
        socket_timeout=None,
        socket_connect_timeout=COMMAND_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    return Redis(connection_pool=pool)


@cache
def speech_queue() -> Queue:
    """The queue of requests; its jobs carry an id and nothing else."""
    return Queue(settings.SPEECH_QUEUE, connection=queue_redis(), serializer=JSONSerializer)


@cache
def background_queue() -> Queue:
    """Usage exports: somebody waits for them."""
    return Queue(settings.BACKGROUND_QUEUE, connection=queue_redis(), serializer=JSONSerializer)


@cache
def housekeeping_queue() -> Queue:
    """Housekeeping: nobody waits for it."""
    return Queue(settings.HOUSEKEEPING_QUEUE, connection=queue_redis(), serializer=JSONSerializer)
