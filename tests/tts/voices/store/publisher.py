"""A publisher of voices on this machine, with the habits of real servers, good and bad."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tts.voices.store.download import Patience

SECONDS = 10.0
"""Longer than any test waits."""

Habit = Callable[["Reply"], None]

QUICK = Patience(timeout_seconds=SECONDS, attempts=3, wait_seconds=1.0, progress_bytes=2**20)


@dataclass(slots=True)
class Published:
    """A file; `habits` answer the first requests, one each, and `serve` all later ones."""

    content: bytes
    etag: str = '"first"'
    habits: list[Habit] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came in."""

    path: str
    headers: dict[str, str]


class Publisher:
    """Serves `files` by path on `url`; `asked` are the requests so far, `closing` is set at the end of the test."""

    def __init__(self) -> None:
        self.files: dict[str, Published] = {}
        self.asked: list[Asked] = []
        self.closing = threading.Event()
        self._was_asked = threading.Event()
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                reply = Reply(self, publisher)
                publisher.asked.append(Asked(self.path, dict(self.headers)))
                publisher._was_asked.set()
                published = publisher.files.get(self.path)
                if published is None:
                    self.send_error(404)
                else:
                    reply.file = published
                    (published.habits.pop(0) if published.habits else serve)(reply)
                self.close_connection = True

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def publish(self, path: str, content: bytes, *habits: Habit, etag: str = '"first"') -> str:
        """Serve `content` under `path`; returns the address."""
        self.files[path] = Published(content, etag, list(habits))
        return self.url + path

    def ranges(self) -> list[str]:
        """The Range of each request, empty where there was none."""
        return [asked.headers.get("Range", "") for asked in self.asked]

    def wait_until_asked(self) -> bool:
        """Wait for the first request; False when none came."""
        return self._was_asked.wait(SECONDS)

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@dataclass(slots=True)
class Reply:
    """One request to be answered."""

    handler: BaseHTTPRequestHandler
    publisher: Publisher
    file: Published = field(default_factory=lambda: Published(b""))

    def head(self, status: int, length: int | None, **headers: str) -> None:
        self.handler.send_response(status)
        if length is not None:
            self.handler.send_header("Content-Length", str(length))
        if self.file.etag:
            self.handler.send_header("ETag", self.file.etag)
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()

    def send(self, data: bytes) -> None:
        # Clients that have read enough hang up.
        with contextlib.suppress(ConnectionError):
            self.handler.wfile.write(data)
            self.handler.wfile.flush()

    @property
    def start(self) -> int:
        """Where the client wants to go on, 0 for everything."""
        wanted = self.handler.headers.get("Range", "").removeprefix("bytes=").rstrip("-")
        condition = self.handler.headers.get("If-Range", self.file.etag)
        return int(wanted) if wanted and condition == self.file.etag else 0


def serve(reply: Reply) -> None:
    """As a good server does, ranges included."""
    _part(reply, reply.start, len(reply.file.content))


def cut_after(count: int) -> Habit:
    """The connection ends after `count` bytes of the body."""

    def habit(reply: Reply) -> None:
        _part(reply, reply.start, reply.start + count)

    return habit


def ignore_ranges(reply: Reply) -> None:
    """The whole file, whatever was asked for."""
    _part(reply, 0, len(reply.file.content))


def status(code: int, **headers: str) -> Habit:
    def habit(reply: Reply) -> None:
        reply.head(code, 0, **headers)

    return habit


def redirect(to: str) -> Habit:
    return status(302, Location=to)


def hang(reply: Reply) -> None:
    """Accepts the request and says nothing."""
    reply.publisher.closing.wait(SECONDS)


def endless(reply: Reply) -> None:
    """A body without a length that does not end before the client does."""
    reply.head(200, None)
    # The client hangs up, and a send after that fails in one of several ways.
    with contextlib.suppress(OSError):
        while not reply.publisher.closing.is_set():
            reply.handler.wfile.write(b"x" * 65536)


def wrong_part(reply: Reply) -> None:
    """A part that nobody asked for."""
    content = reply.file.content
    reply.head(206, len(content) - 1, Content_Range=f"bytes 1-{len(content) - 1}/{len(content)}")
    reply.send(content[1:])


def compressed(reply: Reply) -> None:
    reply.head(200, len(reply.file.content), Content_Encoding="gzip")
    reply.send(reply.file.content)


def _part(reply: Reply, start: int, stop: int) -> None:
    content = reply.file.content
    if start >= len(content) and start:
        reply.head(416, 0, Content_Range=f"bytes */{len(content)}")
        return
    headers = {"Content_Range": f"bytes {start}-{len(content) - 1}/{len(content)}"} if start else {}
    reply.head(206 if start else 200, len(content) - start, **headers)
    reply.send(content[start:stop])


@contextlib.contextmanager
def publishing() -> Iterator[Publisher]:
    publisher = Publisher()
    try:
        yield publisher
    finally:
        publisher.close()
