"""Whose work a record tells of, where no HTTP request is in hand: in workers."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

_current: ContextVar[str] = ContextVar("voxgate_log_subject", default="")


@contextmanager
def logs_about(request_id: UUID) -> Iterator[None]:
    """For its time, records of this thread, and of those started with its context, carry the id of a request's row."""
    token = _current.set(str(request_id))
    try:
        yield
    finally:
        _current.reset(token)


def logs_subject() -> str:
    """The id of the request at work here; empty outside of one."""
    return _current.get()
