"""Fetching one file: resumed where it stopped, checked while it arrives, complete or not there.

`X.partial` holds what has arrived, `X.partial.json` from where; the file gets its name when it is whole and right.
"""

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tts.voices.store.catalogue import Download
from tts.voices.store.checksums import Digests, mismatch
from tts.voices.store.errors import WAYS_OUT, DownloadFailed, WrongContent
from tts.voices.store.http import Answer, Interrupted, get
from tts.voices.store.layout import writing

CHUNK_BYTES = 1 << 16
MAX_FILE_BYTES = 4 * 2**30
"""More than any voice has: an answer without end must not fill the disk."""

Watch = Callable[[int, int | None], None]
"""Called with the bytes that are there and how many there will be, None where nobody says."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to bear with a server.

    After `attempts` failures in a row without `progress_bytes` in between it is given up; waits between them double
    from `wait_seconds`. Less than `slowest_bytes` in `slowest_seconds` counts as a failure too.
    """

    timeout_seconds: float = 30.0
    attempts: int = 5
    wait_seconds: float = 1.0
    progress_bytes: int = 2**20
    slowest_bytes: int = 32 * 1024
    slowest_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Source:
    """What a partial file belongs to; `etag` is empty where the server gave none that can be relied on."""

    url: str
    etag: str = ""


class Downloader:
    """Fetches files over HTTP. `clock` and `sleep` are injected in tests."""

    def __init__(
        self,
        *,
        patience: Patience | None = None,
        max_bytes: int = MAX_FILE_BYTES,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._patience = patience or Patience()
        self._max_bytes = max_bytes
        self._clock = clock
        self._sleep = sleep

    def fetch(self, download: Download, folder: Path, *, url: str, watch: Watch) -> Path:
        """The file of `download`, fetched from `url` into `folder` unless it lies there whole already.

        Raises `WrongContent` when what arrived is not what was published, and discards it; `DownloadFailed` when it
        cannot be had, and keeps what arrived; `StoreNotWritable`.
        """
        target = folder / download.name
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            if target.exists() and not _objection(target, download):
                return target
            target.unlink(missing_ok=True)
        transfer = _Transfer(
            download, _Partial(target), url, watch, self._max_bytes, self._patience, self._clock
        )
        self._persist(transfer)
        try:
            transfer.check()
        except WrongContent:
            transfer.partial.discard()
            if not transfer.resumed:
                raise
            # Its beginning may be of another version, which a server without ETag cannot tell.
            self._persist(transfer)
            transfer.check_or_discard()
        with writing(folder):
            transfer.partial.finish()
        return target

    def _persist(self, transfer: "_Transfer") -> None:
        failures = 0
        while True:
            before = transfer.partial.size
            try:
                transfer.attempt()
                return
            except Interrupted as problem:
                moved = transfer.partial.size - before >= self._patience.progress_bytes
                failures = 1 if moved else failures + 1
                if failures >= self._patience.attempts:
                    kept = "What has arrived is kept: the same command goes on from there. "
                    raise DownloadFailed(
                        f"{problem}; gave up after {failures} attempts. {kept if transfer.partial.size else ''}"
                        f"Check the network and its proxy. {WAYS_OUT}"
                    ) from problem
                self._sleep(
                    max(problem.retry_after_seconds, self._patience.wait_seconds * 2 ** (failures - 1))
                )


class _Partial:
    """What has arrived of `target`."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self.path = target.with_name(f"{target.name}.partial")
        self._facts = target.with_name(f"{target.name}.partial.json")

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def source(self) -> Source | None:
        try:
            facts = json.loads(self._facts.read_bytes())
            return Source(str(facts["url"]), str(facts["etag"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def begin(self, source: Source) -> None:
        self.path.write_bytes(b"")
        self._facts.write_text(json.dumps(asdict(source)), encoding="utf-8")

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)
        self._facts.unlink(missing_ok=True)

    def finish(self) -> None:
        self.path.replace(self._target)
        self._facts.unlink(missing_ok=True)


@dataclass(slots=True)
class _Transfer:
    """One file on its way; `digests` are of what lies in `partial`."""

    download: Download
    partial: _Partial
    url: str
    watch: Watch
    max_bytes: int
    patience: Patience
    clock: Callable[[], float]
    resumed: bool = False

    def attempt(self) -> None:
        """Fetch what is missing. Raises `Interrupted`, `DownloadFailed`, `StoreNotWritable`."""
        size = self._kept()
        if size and size == self.download.size_bytes:
            self.resumed = True
            return
        with get(self.url, self._headers(size), timeout_seconds=self.patience.timeout_seconds) as answer:
            if answer.status == 416:
                self._beyond_the_end(answer, size)
                return
            start = self._start(answer, size)
            self._receive(answer, start, self._total(answer, start))

    def check(self) -> None:
        """Raises `WrongContent`."""
        if objection := _objection(self.partial.path, self.download):
            raise WrongContent(f"{objection} It was not installed. Try again, or another mirror.")

    def check_or_discard(self) -> None:
        try:
            self.check()
        except WrongContent:
            self.partial.discard()
            raise

    def _kept(self) -> int:
        """Bytes to go on from: none where they may be of another file."""
        source, size = self.partial.source, self.partial.size
        trusted = source is not None and (source.etag or self.download.checksums)
        if not (size and trusted and source is not None and source.url == self.url):
            self.partial.discard()
            return 0
        if self.download.size_bytes is not None and size > self.download.size_bytes:
            self.partial.discard()
            return 0
        return size

    def _headers(self, size: int) -> Mapping[str, str]:
        source = self.partial.source
        if not size or source is None:
            return {}
        return {"Range": f"bytes={size}-", **({"If-Range": source.etag} if source.etag else {})}

    def _beyond_the_end(self, answer: Answer, size: int) -> None:
        """The server has no more than what is there: the whole file, or another one."""
        if not size:
            raise self._not_whole(answer)
        if answer.headers.get("Content-Range", "") != f"bytes */{size}":
            self.partial.discard()
            raise Interrupted("the file changed at the server")

    def _start(self, answer: Answer, size: int) -> int:
        """Where the answer's bytes belong."""
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            raise DownloadFailed(f"{urlsplit(self.url).hostname} sends the file compressed, unasked.")
        if answer.status == 206 and not size:
            raise self._not_whole(answer)
        if answer.status == 206:
            unit, _, span = answer.headers.get("Content-Range", "").partition(" ")
            if unit == "bytes" and span.startswith(f"{size}-"):
                self.resumed = True
                return size
            self.partial.discard()
            raise Interrupted("the server sent another part than the one asked for")
        etag = answer.headers.get("ETag", "")
        with writing(self.partial.path.parent):
            # A weak ETag does not promise the same bytes (RFC 9110, section 13.1.5).
            self.partial.begin(Source(self.url, "" if etag.startswith("W/") else etag))
        self.resumed = False
        return 0

    def _total(self, answer: Answer, start: int) -> int | None:
        """How long the file will be. Raises `WrongContent` before a wrong one is fetched."""
        rest = answer.number("Content-Length")
        total = None if rest is None else start + rest
        expected = self.download.size_bytes
        if total is not None and expected is not None and total != expected:
            self.partial.discard()
            raise WrongContent(
                f"{self.download.name} has {total} bytes at the server and {expected} in the catalogue. "
                "The publisher has changed it, or the mirror sends a page instead; it was not fetched."
            )
        if total is not None and total > self.max_bytes:
            self.partial.discard()
            raise self._too_large()
        return total if total is not None else expected

    def _receive(self, answer: Answer, start: int, total: int | None) -> None:
        most = self.download.size_bytes or self.max_bytes
        pace = _Pace(self.patience, self.clock)
        received = start
        with writing(self.partial.path.parent), self.partial.path.open("ab", buffering=0) as file:
            self.watch(received, total)
            while chunk := answer.read(CHUNK_BYTES):
                received += len(chunk)
                if received > most:
                    self.partial.discard()
                    raise self._too_large()
                file.write(chunk)
                self.watch(received, total)
                pace.note(len(chunk))
            os.fsync(file.fileno())
        if total is not None and received < total:
            raise Interrupted(f"the connection ended after {received} of {total} bytes")

    def _not_whole(self, answer: Answer) -> DownloadFailed:
        return DownloadFailed(
            f"{urlsplit(self.url).hostname} answers as if a part of {self.download.name} had been asked for "
            f"(HTTP {answer.status}); it was not fetched. Check the proxy and the mirror. {WAYS_OUT}"
        )

    def _too_large(self) -> WrongContent:
        return WrongContent(f"{self.download.name} is larger than expected and was not kept.")


@dataclass(slots=True)
class _Pace:
    """Raises `Interrupted` when a server sends so little that it will never end."""

    patience: Patience
    clock: Callable[[], float]
    _since: float = 0.0
    _bytes: int = 0

    def __post_init__(self) -> None:
        self._since = self.clock()

    def note(self, count: int) -> None:
        self._bytes += count
        now = self.clock()
        if now - self._since < self.patience.slowest_seconds:
            return
        if self._bytes < self.patience.slowest_bytes:
            raise Interrupted(f"only {self._bytes} bytes in {now - self._since:.0f} s")
        self._since, self._bytes = now, 0


def _objection(path: Path, download: Download) -> str:
    """Why the file at `path` is not the published one, or nothing."""
    size = path.stat().st_size
    if download.size_bytes is not None and size != download.size_bytes:
        return f"{download.name} has {size} bytes; the publisher's has {download.size_bytes}."
    digests = Digests(download.checksums)
    digests.feed_file(path)
    if wrong := mismatch(digests.hexadecimal(), download.checksums):
        return f"The {wrong} of {download.name} is not the published one."
    return ""
