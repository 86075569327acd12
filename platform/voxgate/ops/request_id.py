"""An id for every HTTP request, its line in the access log, and the header that carries it back."""

import logging
import re
import time
from collections.abc import Callable
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse

from accounts.addresses import client_address
from accounts.identifiers import uuid7
from accounts.keys import without_secrets
from tts.api.request_facts import RequestFacts, request_facts_for

access_log = logging.getLogger("voxgate.access")

VALID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
REQUEST_ID = "voxgate.request_id"
"""Where an HTTP request carries its id, for code that knows nothing of the API."""

PROBES = ("/livez", "/readyz")
"""Fetched by the second: not worth a line each."""

API = ("/api/", "/v1/")


class RequestIdMiddleware:
    """Keeps a valid incoming `X-Request-ID`, makes one otherwise, and sets it on every answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = request.headers.get("X-Request-ID", "")
        # An id is logged, stored and sent back: a key that somebody put there must not be.
        good = VALID.fullmatch(sent) and without_secrets(sent) == sent
        request_id = sent if good else uuid7().hex
        request.META[REQUEST_ID] = request_id
        started = time.monotonic()
        with request_facts_for(request_id) as facts:
            response = self._get_response(request)
            response["X-Request-ID"] = request_id
            probe = request.path_info in PROBES
            if probe or request.path_info.startswith("/api/"):
                # Django states the language of its pages; answers of the API have none, audio least of all.
                response.headers.pop("Content-Language", None)
            if not probe and not request.path_info.startswith("/static/"):
                _log(request, response, facts, time.monotonic() - started)
        return response


def _log(request: HttpRequest, response: HttpResponse, facts: RequestFacts, seconds: float) -> None:
    # The path without its query: queries may hold anything.
    access_log.info(
        "address=%s tenant=%s key=%s method=%s path=%s characters=%s status=%d seconds=%.3f request_id=%s",
        client_address(request) or "-",
        facts.tenant,
        facts.key_label,
        request.method,
        quote(request.path, errors="replace")[:200],
        "-" if facts.characters is None else facts.characters,
        response.status_code,
        seconds,
        facts.request_id,
        # Refused calls of the API are told in the admin too; whatever else scanners try is not.
        extra={"api_status": response.status_code if request.path_info.startswith(API) else 0},
    )
