"""Reading request bodies: JSON of bounded size, nothing else."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser


class BodyTooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "body_too_large"
    default_detail = "The request body is too large."


class StrictJSONParser(BaseParser):
    """One JSON object in UTF-8, without NaN and infinities, read up to a limit and no further."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        limit = settings.TTS_MAX_BODY_BYTES
        if (
            parser_context
            and "chunked" in parser_context["request"].headers.get("Transfer-Encoding", "").lower()
        ):
            raise ParseError("Send the body with a Content-Length; a chunked body is not read.")
        too_large = BodyTooLarge(f"The request body may have at most {limit} bytes.")
        if _announced(parser_context) > limit:
            # Before a byte is read: whoever announces much and sends little would hold a thread meanwhile.
            raise too_large
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise too_large
        try:
            data = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
        except UnicodeDecodeError as problem:
            raise ParseError(f"The body is not UTF-8: byte {problem.start} cannot be read.") from problem
        except json.JSONDecodeError as problem:
            raise ParseError(f"The body is not JSON: {problem.msg} at position {problem.pos}.") from problem
        except (ValueError, RecursionError) as problem:
            raise ParseError(
                "The body is not JSON that can be read: a number or its nesting is too large."
            ) from problem
        if not isinstance(data, dict):
            raise ParseError('The body must be a JSON object such as {"text": "…"}.')
        return data


def _announced(context: Mapping[str, Any] | None) -> int:
    """Bytes that the client says it will send."""
    length = context["request"].META.get("CONTENT_LENGTH", "") if context else ""
    return int(length) if str(length).isdecimal() else 0


def _refuse_constant(name: str) -> None:
    raise json.JSONDecodeError(f"{name} is not JSON", name, 0)
