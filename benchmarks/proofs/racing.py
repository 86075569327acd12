"""Database connections for every thread of a race."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def database_connections(count: int) -> Iterator[None]:
    """Let `count` threads of this process hold a database connection each, so that they wait for locks only."""
    # Django's wrapper of this backend has a pool; its type in the stubs does not know.
    pool: Any = connection.pool  # type: ignore[attr-defined]
    before = pool.max_size
    pool.resize(0, max(count + 2, before))
    try:
        yield
    finally:
        pool.resize(0, before)
