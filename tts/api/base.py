"""What all views of the API share."""

from typing import Any, cast

from django.db import connection
from rest_framework.metadata import BaseMetadata
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.selectors import Caller
from tts.api.limits import headers_for, read_rates_taken
from tts.api.negotiation import OneRenderer
from tts.api.parsers import StrictJSONParser
from tts.api.request_facts import request_facts_current


class Methods(BaseMetadata):
    """What OPTIONS tells: which methods there are, and nothing about the code behind them."""

    def determine_metadata(self, request: Request, view: APIView) -> dict[str, list[str]]:
        return {"methods": view.allowed_methods}


class ApiView(APIView):
    """JSON in, JSON or audio out. Subclasses name their `required_scope`."""

    parser_classes: list[type[BaseParser]] = [StrictJSONParser]
    renderer_classes = [JSONRenderer]
    content_negotiation_class = OneRenderer
    metadata_class = Methods

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        # Not `request.auth`, which would ask a database that is away once more.
        caller = request_facts_current().caller
        if caller is not None:
            for name, value in headers_for(caller=caller).items():
                response.headers.setdefault(name, value)
        # What one key may read is for nobody else: no cache on the way may keep it.
        response.headers.setdefault("Cache-Control", "private, no-store")
        answer = super().finalize_response(request, response, *args, **kwargs)
        if answer.streaming and not connection.in_atomic_block:
            # The headers asked the database once more; a stream takes minutes, and connections are few.
            connection.close()
        return answer

    def check_throttles(self, request: Request) -> None:
        """A call that may be made takes a request of its caller's limits; `SpeechView` takes characters as well."""
        read_rates_taken(caller=caller_of(request))

    def perform_authentication(self, request: Request) -> None:
        super().perform_authentication(request)
        if isinstance(request.auth, Caller):
            facts = request_facts_current()
            facts.caller = request.auth
            facts.key_label = request.auth.key_label
            facts.tenant = request.auth.tenant.slug


def caller_of(request: Request) -> Caller:
    """Who is calling; permissions have made sure that somebody is."""
    return cast(Caller, request.auth)
