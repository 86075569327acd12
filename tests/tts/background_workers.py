"""Workers of the background queues as Redis knows them, without a process."""

from collections.abc import Iterator
from contextlib import contextmanager

from rq import Queue, Worker

from tts.connections import queue_redis


@contextmanager
def registered(*queues: str) -> Iterator[None]:
    """One idle worker that serves these queues."""
    redis = queue_redis()
    worker = Worker([Queue(name, connection=redis) for name in queues], connection=redis)
    worker.register_birth()  # type: ignore[no-untyped-call] # RQ has no annotations here
    worker.set_state("idle")
    try:
        yield
    finally:
        worker.register_death()  # type: ignore[no-untyped-call] # nor here
