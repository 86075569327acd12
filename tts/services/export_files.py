"""Usage files from the database: opened, streamed to a client, written into a file."""

import tempfile
import threading
import time
import weakref
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import BinaryIO
from uuid import UUID

from django.db import connection

from accounts.identifiers import uuid7
from accounts.models import Tenant
from tts.exports.columns import Detail, Row
from tts.exports.csv_file import csv_chunks
from tts.exports.file_formats import CONTENT_TYPES, FileFormat, FileName
from tts.exports.manifest import ALL, Manifest
from tts.exports.ndjson_file import ndjson_chunks
from tts.exports.snapshot import UsageSnapshot
from tts.exports.xlsx_file import xlsx_write
from tts.usage.ranges import UsageRange

STREAM_SECONDS = 15 * 60
"""How long a client may take to fetch a stream: its snapshot holds up the database's housekeeping, and it has one of
few places.
"""

WHOLE_SECONDS = 2 * 60
"""How long a workbook may take to be written before its first byte can be sent: somebody waits, and a thread does."""

PLACES = 6
PLACES_OF_TENANT = 3
"""Streams of one process at once, in all and of one tenant: each has a connection and a thread of its own."""

CHUNK_BYTES = 64 * 1024


class TooManyRows(ValueError):
    """The file would have more `rows` than are `allowed` this way."""

    def __init__(self, rows: int, allowed: int) -> None:
        super().__init__(f"{rows} rows, {allowed} are allowed")
        self.rows = rows
        self.allowed = allowed


class ExportsBusy(RuntimeError):
    """As many exports are being streamed as may be at once."""


@dataclass(frozen=True, slots=True)
class ExportSpec:
    """What is asked for. Without a tenant it is the usage of all, which is for operators and finance to ask."""

    tenant: Tenant | None
    span: UsageRange
    file_format: FileFormat
    detail: Detail
    byte_order_mark: bool = False
    with_manifest: bool = True

    @property
    def file_name(self) -> str:
        owner = ALL if self.tenant is None else self.tenant.slug
        return str(FileName(owner, self.span.first, self.span.last, self.detail, self.file_format))

    @property
    def content_type(self) -> str:
        return CONTENT_TYPES[self.file_format]


@dataclass(slots=True)
class OpenExport:
    """A file about to be written: its manifest, and the snapshot that its rows come from. To be closed."""

    spec: ExportSpec
    manifest: Manifest
    snapshot: UsageSnapshot

    def __enter__(self) -> "OpenExport":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.snapshot.close()

    def chunks(self, on_rows: Callable[[int], None] | None = None) -> Iterator[bytes]:
        """The file in parts, for formats of text. `on_rows` is told how many rows are done, from time to time."""
        batches = self._batches(on_rows)
        match self.spec.file_format:
            case FileFormat.CSV:
                return csv_chunks(
                    manifest=self.manifest,
                    batches=batches,
                    with_manifest=self.spec.with_manifest,
                    byte_order_mark=self.spec.byte_order_mark,
                )
            case FileFormat.NDJSON:
                return ndjson_chunks(
                    manifest=self.manifest, batches=batches, with_manifest=self.spec.with_manifest
                )
            case FileFormat.XLSX:
                raise ValueError("a workbook can only be written whole")

    def write(self, file: BinaryIO, on_rows: Callable[[int], None] | None = None) -> None:
        """All of it into `file`."""
        if self.spec.file_format is FileFormat.XLSX:
            xlsx_write(
                file,
                manifest=self.manifest,
                batches=self._batches(on_rows),
                with_manifest=self.spec.with_manifest,
            )
            return
        for chunk in self.chunks(on_rows):
            file.write(chunk)

    def _batches(self, on_rows: Callable[[int], None] | None) -> Iterator[Sequence[Row]]:
        done = 0
        for batch in self.snapshot.batches():
            yield batch
            done += len(batch)
            if on_rows is not None:
                on_rows(done)


def export_open(
    *, spec: ExportSpec, now: datetime, id: UUID | None = None, seconds: float | None = None
) -> OpenExport:
    """Take a snapshot of what `spec` asks for, as of `now`. Who calls it closes it.

    Raises Django's `OperationalError` when the database is away.
    """
    snapshot = UsageSnapshot(spec.tenant, spec.span, spec.detail, seconds)
    try:
        return OpenExport(spec, snapshot.manifest(id=id or uuid7(), now=now), snapshot)
    except BaseException:
        snapshot.close()
        raise


class _Places:
    """Places for streams of this process. Safe for several threads, and `leave` from a finalizer as well."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: Counter[UUID | None] = Counter()
        self._left: deque[UUID | None] = deque()

    def enter(self, owner: UUID | None) -> bool:
        with self._lock:
            self._clear()
            if self._taken.total() >= PLACES or self._taken[owner] >= PLACES_OF_TENANT:
                return False
            self._taken[owner] += 1
            return True

    def leave(self, owner: UUID | None) -> None:
        # Without the lock: the garbage collector may call this in a thread that holds it.
        self._left.append(owner)

    def _clear(self) -> None:
        while self._left:
            owner = self._left.popleft()
            self._taken[owner] -= 1
            if not self._taken[owner]:
                del self._taken[owner]


_places = _Places()


class ExportTooSlow(RuntimeError):
    """The client has not fetched a stream in the time there is."""


class ExportStream:
    """A file on its way to a client. Closing it, however far it got, gives connection and place back.

    So does the garbage collector, when whoever had it forgot it. Iterating raises `ExportTooSlow`, or
    `tts.exports.snapshot.SnapshotTooSlow`, when a client takes longer than `STREAM_SECONDS`.
    """

    def __init__(
        self, opened: OpenExport, leave: Callable[[], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._opened = opened
        self._clock = clock
        self._ends_at = clock() + STREAM_SECONDS
        self._whole: BinaryIO | None = None
        self.size: int | None = None
        """Bytes in all, where they are known before it is read."""
        # Nothing of it may refer to this stream, or it would never be collected.
        self._resources = ExitStack()
        self._resources.callback(leave)
        self._resources.callback(opened.close)
        self._finalizer = weakref.finalize(self, self._resources.close)

    @property
    def manifest(self) -> Manifest:
        return self._opened.manifest

    @property
    def spec(self) -> ExportSpec:
        return self._opened.spec

    def prepare(self) -> None:
        """Write what can only be written whole; what fails, fails here and not in the middle of an answer.

        Raises `tts.exports.snapshot.SnapshotTooSlow` when that takes longer than `WHOLE_SECONDS`.
        """
        if self.spec.file_format is not FileFormat.XLSX:
            return
        whole = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the stream
        self._resources.callback(whole.close)
        self._whole = whole
        self._opened.write(whole)
        self._opened.close()
        self.size = whole.tell()
        whole.seek(0)

    def __iter__(self) -> Iterator[bytes]:
        try:
            for chunk in self._chunks():
                if self._clock() > self._ends_at:
                    raise ExportTooSlow(f"not fetched within {STREAM_SECONDS} s")
                yield chunk
        finally:
            self.close()

    def _chunks(self) -> Iterator[bytes]:
        if self._whole is None:
            yield from self._opened.chunks()
        else:
            while chunk := self._whole.read(CHUNK_BYTES):
                yield chunk

    def close(self) -> None:
        self._finalizer()


def connection_give_back() -> None:
    """Give this thread's database connection back to the pool: a stream takes long, and connections are few."""
    if not connection.in_atomic_block:
        connection.close()


def export_stream(*, spec: ExportSpec, now: datetime, most_rows: int | None = None) -> ExportStream:
    """A file to be streamed at once. The caller iterates over it, and closes it when nobody reads on.

    The caller's own database connection goes back to the pool unless it is in a transaction. Raises `TooManyRows` when
    there are more than `most_rows`, `ExportsBusy`, `tts.exports.snapshot.SnapshotTooSlow` for a workbook that takes
    longer than `WHOLE_SECONDS`, and Django's `OperationalError` when the database is away.
    """
    owner = None if spec.tenant is None else spec.tenant.pk
    if not _places.enter(owner):
        raise ExportsBusy
    try:
        connection_give_back()
        is_whole = spec.file_format is FileFormat.XLSX
        opened = export_open(spec=spec, now=now, seconds=WHOLE_SECONDS if is_whole else STREAM_SECONDS)
    except BaseException:
        _places.leave(owner)
        raise
    stream = ExportStream(opened, partial(_places.leave, owner))
    try:
        if most_rows is not None and opened.manifest.rows > most_rows:
            raise TooManyRows(opened.manifest.rows, most_rows)
        stream.prepare()
    except BaseException:
        stream.close()
        raise
    return stream
