"""Tells the janitor at once that a speech worker has died, so that its work is queued again soon."""

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from voxgate.ops.up.child import Child
from voxgate.ops.up.console import Console
from voxgate.ops.up.supervisor import Supervised

KEY = "voxgate:dead-workers"
"""A Redis list of RQ worker names, `<slot>.<pid>`, read by `manage.py janitor`."""


class DeadWorkers:
    """A death hook for the supervisor. A worker that ended by itself with code 0 has finished its job."""

    def __init__(self, url: str, console: Console) -> None:
        self._console = console
        self._redis = redis.Redis.from_url(
            url, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
        )

    def __call__(self, process: Supervised, code: int) -> None:
        if code == 0 or not isinstance(process, Child) or not process.spec.speaks:
            return
        try:
            self._redis.lpush(KEY, f"{process.name}.{process.pid}")
        except redis.RedisError as error:
            # The janitor finds the worker's lease expired some seconds later.
            self._console.line(f"  the janitor could not be told of {process.name}: {type(error).__name__}")

    def close(self) -> None:
        self._redis.close()
