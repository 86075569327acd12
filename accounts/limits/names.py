"""The limits there are. Their names are those of the columns, the API and the admin."""

from enum import StrEnum


class Limit(StrEnum):
    """What a plan says. For each of them NULL is unlimited and 0 is none."""

    REQUESTS_PER_MINUTE = "requests_per_minute"
    CHARACTERS_PER_MINUTE = "characters_per_minute"
    CONCURRENT_REQUESTS = "concurrent_requests"
    QUEUED_REQUESTS = "queued_requests"
    CHARACTERS_PER_MONTH = "characters_per_month"
    MAX_CHARACTERS_SYNC = "max_characters_sync"
    MAX_CHARACTERS_ASYNC = "max_characters_async"
    MAX_TIMEOUT_SECONDS = "max_timeout_seconds"


KEY_LIMITS: tuple[Limit, ...] = (
    Limit.REQUESTS_PER_MINUTE,
    Limit.CONCURRENT_REQUESTS,
    Limit.CHARACTERS_PER_MONTH,
)
"""Those that a key may have lower ones of."""
