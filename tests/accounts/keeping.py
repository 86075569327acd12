"""Everything this server keeps: rows, Redis values, files, sessions, and what it logs."""

import io
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from django.contrib.sessions.models import Session
from django.db import connection
from psycopg.sql import SQL, Identifier
from redis import Redis

Kept = tuple[str, bytes]
"""Where something was found, and what it is."""

WINDOW = 12
"""So many characters of a secret in a row are a leak."""

_RUNS = re.compile(rb"[0-9A-Za-z]{%d,}" % WINDOW)


class Leaks:
    """Looks for keys, or pieces of their secrets, in what was kept."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._pieces = {piece for key in keys for piece in pieces(key)}

    def of(self, kept: Iterable[Kept]) -> set[str]:
        """The places where a piece of a secret was found."""
        return {place for place, content in kept if self._leaks(content)}

    def _leaks(self, content: bytes) -> bool:
        return any(
            run[start : start + WINDOW] in self._pieces
            for run in _RUNS.findall(content)
            for start in range(len(run) - WINDOW + 1)
        )


def pieces(key: str) -> list[bytes]:
    """Each 12 characters in a row of a key's secret and checksum."""
    secret = key.rpartition("_")[2].encode()
    return [secret[start : start + WINDOW] for start in range(len(secret) - WINDOW + 1)]


def rows() -> Iterator[Kept]:
    """Every row of every table, all its columns as text."""
    for table in tables():
        with connection.cursor() as cursor:
            cursor.execute(SQL("SELECT kept::text FROM {} AS kept").format(Identifier(table)).as_string())
            yield f"table {table}", "\n".join(row for (row,) in cursor.fetchall()).encode()


def tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        return [name for (name,) in cursor.fetchall()]


def sessions() -> Iterator[Kept]:
    """What is in the sessions, which the table holds encoded."""
    for session in Session.objects.all():
        yield "session", repr(session.get_decoded()).encode()


def redis_values(client: Redis, name: str) -> Iterator[Kept]:
    for key in cast(Iterator[bytes], client.scan_iter()):
        yield f"{name}: {key.decode()}", key + repr(_value(client, key)).encode()


def _value(client: Redis, key: bytes) -> Any:
    kind = cast(bytes, client.type(key))
    match kind:
        case b"string":
            return client.get(key)
        case b"list":
            return client.lrange(key, 0, -1)
        case b"set":
            return client.smembers(key)
        case b"zset":
            return client.zrange(key, 0, -1, withscores=True)
        case b"hash":
            return client.hgetall(key)
        case b"stream":
            return client.xrange(key)
        case _:
            raise AssertionError(f"values of kind {kind!r} are not looked at")


def files(directory: Path, *, but: Iterable[Path] = ()) -> Iterator[Kept]:
    """Every file below `directory`: logs, and the files of the servers that run there."""
    left_out = set(but)
    for path in directory.rglob("*"):
        if path not in left_out and path.is_file() and not path.is_symlink():
            try:
                yield f"file {path.relative_to(directory)}", path.read_bytes()
            except FileNotFoundError:
                # A running server has removed it meanwhile.
                continue


@contextmanager
def everything_logged() -> Iterator[io.StringIO]:
    """All records of all loggers at level DEBUG, statements of the database with their parameters among them."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    loggers = [logging.getLogger(), *map(logging.getLogger, logging.root.manager.loggerDict)]
    before = [(logger, logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG if logger is logging.getLogger() else logging.NOTSET)
        logger.propagate = True
    logging.getLogger().addHandler(handler)
    connection.force_debug_cursor = True
    try:
        yield written
    finally:
        connection.force_debug_cursor = False
        logging.getLogger().removeHandler(handler)
        for logger, level, propagate in before:
            logger.setLevel(level)
            logger.propagate = propagate
