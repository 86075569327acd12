"""The `Idempotency-Key` header."""

from rest_framework.request import Request

from tts.api.problems import FieldError, InvalidRequest
from tts.services.idempotency import MAX_LENGTH

HEADER = "Idempotency-Key"
REPLAYED = {"Idempotent-Replayed": "true"}
"""On an answer that was given before."""


def idempotency_key_of(request: Request) -> str:
    """The key as sent, empty without one. Raises `InvalidRequest` naming the header."""
    key = request.headers.get(HEADER)
    if key is None:
        return ""
    if not 1 <= len(key) <= MAX_LENGTH or not (key.isascii() and key.isprintable()):
        message = f"must be 1 to {MAX_LENGTH} printable ASCII characters"
        raise InvalidRequest([FieldError(HEADER, "invalid", message)])
    return key
