"""GET requests to publishers of voices: encrypted where they began so, through the proxy of the environment.

The proxy variables are those of urllib (`https_proxy`, `no_proxy`, …), the trusted authorities those of OpenSSL
(`SSL_CERT_FILE`).
"""

import http.client
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import IO, Any, cast
from urllib.parse import urlsplit

from tts.voices.store.errors import WAYS_OUT, DownloadFailed

MAX_REDIRECTS = 5
MAX_RETRY_AFTER_SECONDS = 60.0
_USER_AGENT = "Voxgate voice store"
_MAX_DIGITS = 19
"""Of 2**63, which no file exceeds; Python refuses numbers of thousands with ValueError."""

_TEMPORARY = frozenset({408, 425, 429, 500, 502, 503, 504})


class Interrupted(Exception):
    """The transfer failed in a way that another attempt may mend. `retry_after_seconds` is the server's wish."""

    def __init__(self, reason: str, retry_after_seconds: float = 0.0) -> None:
        super().__init__(reason)
        self.retry_after_seconds = retry_after_seconds


@dataclass(slots=True)
class Answer:
    """An open response of status 200, 206 or 416."""

    status: int
    headers: Message
    _body: http.client.HTTPResponse

    def __enter__(self) -> "Answer":
        return self

    def __exit__(self, *_: object) -> None:
        self._body.close()

    def read(self, most: int) -> bytes:
        """What has arrived, at most `most` bytes; nothing at the end. Raises `Interrupted`."""
        try:
            return self._body.read1(most)
        except (OSError, http.client.HTTPException) as problem:
            raise Interrupted(_reason(problem)) from problem

    def number(self, header: str) -> int | None:
        """What a header says, None for anything but a number of at most 19 digits."""
        value = self.headers.get(header, "")
        return int(value) if value.isascii() and value.isdecimal() and len(value) <= _MAX_DIGITS else None


def get(url: str, headers: Mapping[str, str], *, timeout_seconds: float) -> Answer:
    """Ask for `url`, following redirects.

    `timeout_seconds` limits the connection and each read. Raises `Interrupted` where another attempt may succeed,
    `DownloadFailed` where none will.
    """
    host = urlsplit(url).hostname
    try:
        request = urllib.request.Request(  # noqa: S310 - the opener below knows http and https only
            url, headers={"User-Agent": _USER_AGENT, "Accept-Encoding": "identity", **headers}
        )
        body = cast(http.client.HTTPResponse, _opener().open(request, timeout=timeout_seconds))
        return Answer(body.status, body.headers, body)
    except urllib.error.HTTPError as problem:
        if problem.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
            return Answer(problem.code, problem.headers, cast(http.client.HTTPResponse, problem.fp))
        with problem:
            raise _refused(problem, host) from None
    except (OSError, http.client.HTTPException, ValueError) as problem:
        raise _unreachable(problem, host) from problem


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = MAX_REDIRECTS

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        before, after = urlsplit(req.full_url), urlsplit(newurl)
        if after.scheme != "https" and before.scheme != after.scheme:
            fp.close()
            raise DownloadFailed(
                f"{before.hostname} redirects from https to {after.scheme or 'an unknown scheme'}, which is "
                "refused. Use a mirror that stays encrypted."
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    opener = urllib.request.OpenerDirector()
    # Not `build_opener`, which adds file:, ftp: and data: addresses.
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=ssl.create_default_context()),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _Redirects(),
    ):
        opener.add_handler(handler)
    return opener


def _refused(problem: urllib.error.HTTPError, host: str | None) -> Exception:
    if problem.code in _TEMPORARY:
        wish = problem.headers.get("Retry-After", "")
        seconds = min(float(wish), MAX_RETRY_AFTER_SECONDS) if wish.isdecimal() else 0.0
        return Interrupted(f"{host} answered {problem.code}", seconds)
    if 300 <= problem.code < 400:
        return DownloadFailed(f"{host} redirects in a circle, or more than {MAX_REDIRECTS} times.")
    if problem.code in (404, 410):
        return DownloadFailed(
            f"{host} has no such file (HTTP {problem.code}). The publisher may have moved it, or the mirror lacks it. "
            f"{WAYS_OUT}"
        )
    return DownloadFailed(
        f"{host} refused the file (HTTP {problem.code}). A proxy or mirror may ask for something. {WAYS_OUT}"
    )


def _unreachable(problem: Exception, host: str | None) -> Exception:
    cause = problem.reason if isinstance(problem, urllib.error.URLError) else problem
    if isinstance(cause, ssl.SSLCertVerificationError):
        return DownloadFailed(
            f"The certificate of {host} is not trusted ({cause.verify_message}). If your network inspects traffic, "
            "let SSL_CERT_FILE name its authority."
        )
    if isinstance(problem, ValueError) or "unknown url type" in str(cause):
        return DownloadFailed(f"{host or 'The address'} cannot be asked: {cause}. {WAYS_OUT}")
    return Interrupted(f"{host} cannot be reached: {_reason(cause)}")


def _reason(problem: object) -> str:
    if isinstance(problem, TimeoutError):
        return "no answer in time"
    if isinstance(problem, OSError) and problem.strerror:
        return problem.strerror
    return str(problem) or type(problem).__name__
