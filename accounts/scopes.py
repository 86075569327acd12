"""What a key may do. Stable names of the HTTP contract."""

from enum import StrEnum


class Scope(StrEnum):
    SPEECH_WRITE = "speech:write"
    HISTORY_READ = "history:read"
    HISTORY_DELETE = "history:delete"
    USAGE_READ = "usage:read"
    VOICES_READ = "voices:read"
    WEBHOOKS_WRITE = "webhooks:write"


ALL_SCOPES: tuple[str, ...] = tuple(scope.value for scope in Scope)

ANONYMOUS_SCOPES: frozenset[str] = frozenset({Scope.SPEECH_WRITE, Scope.HISTORY_READ, Scope.VOICES_READ})
"""What callers without credentials may do, where an anonymous tenant is set at all."""
