"""Work that only one process does at a time, wherever it was started."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum

from django.db import DatabaseError, connection


class Lock(IntEnum):
    """Advisory locks of Postgres, in the first of whose two numbers Voxgate's are told from others'."""

    RETENTION = 1
    ORPHANS = 2
    USAGE = 3
    EXPORTS_OF_ALL = 4


SPACE = 0x766F7867
"""ASCII "voxg"."""


@contextmanager
def lock_held(lock: Lock) -> Iterator[bool]:
    """Whether this process has the lock, for as long as the block lasts; False when another has it.

    Postgres gives the lock of a process that dies to the next one.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [SPACE, lock])
        (taken,) = cursor.fetchone()
    try:
        yield bool(taken)
    finally:
        if taken:
            # A connection that is broken has lost it anyway.
            with suppress(DatabaseError), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [SPACE, lock])


def lock_in_transaction(lock: Lock) -> None:
    """Wait until nobody else has the lock, and hold it until the transaction in hand ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [SPACE, lock])
