"""Dependencies that are away: connections of this process lead to a port where nobody listens."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections
from django.test import override_settings

from accounts.connections import limits_redis
from tts import connections as redis_connections


@contextmanager
def closed_port() -> Iterator[int]:
    """A port of 127.0.0.1 that refuses connections and that nobody else can take meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@contextmanager
def redis_away(*, queue: bool = True, volatile: bool = True) -> Iterator[None]:
    """The queue's Redis, the volatile one, or both are away, for all threads of this process."""
    with closed_port() as port:
        url = f"redis://127.0.0.1:{port}/0"
        changed = {"REDIS_URL": url} if queue else {}
        changed |= {"REDIS_VOLATILE_URL": url} if volatile else {}
        _forget_connections(queue=queue, volatile=volatile)
        try:
            with override_settings(**changed):
                yield
        finally:
            _forget_connections(queue=queue, volatile=volatile)


@contextmanager
def database_away() -> Iterator[None]:
    """Postgres refuses the connections of this thread."""
    here = connections["default"]
    with closed_port() as port:
        elsewhere = {**here.settings_dict, "HOST": "127.0.0.1", "PORT": port, "OPTIONS": {}}
        connections["default"] = type(here)(elsewhere, "default")
        try:
            yield
        finally:
            connections["default"].close()
            connections["default"] = here


def flush_redis() -> None:
    """Both servers forget everything."""
    redis_connections.queue_redis().flushall()
    redis_connections.volatile_redis().flushall()


def _forget_connections(*, queue: bool, volatile: bool) -> None:
    opened = []
    if queue:
        redis_connections.speech_queue.cache_clear()
        redis_connections.background_queue.cache_clear()
        redis_connections.housekeeping_queue.cache_clear()
        opened += [redis_connections.queue_redis]
    if volatile:
        opened += [redis_connections.volatile_redis, redis_connections.waiting_redis]
    for client in opened:
        if client.cache_info().currsize:
            client().connection_pool.disconnect()
        client.cache_clear()
    if volatile:
        if limits_redis.cache_info().currsize:
            limits_redis().connection_pool.disconnect()
        limits_redis.cache_clear()
