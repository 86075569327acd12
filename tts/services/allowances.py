"""How long and how large a request of a caller may be."""

from django.conf import settings

from accounts.limits.effective import lowest
from accounts.limits.names import Limit
from accounts.selectors import Caller


def max_characters_sync(caller: Caller) -> int:
    """Characters of a text that is answered at once: the plan's limit, within the server's own."""
    return lowest(caller.limit(Limit.MAX_CHARACTERS_SYNC), settings.TTS_MAX_CHARACTERS) or 0


def longest_timeout(caller: Caller) -> float:
    """Seconds that a request may ask for at most: the plan's limit, within the server's own."""
    planned = caller.limit(Limit.MAX_TIMEOUT_SECONDS)
    return settings.TTS_MAX_TIMEOUT if planned is None else min(float(planned), settings.TTS_MAX_TIMEOUT)


def default_timeout(caller: Caller) -> float:
    """Seconds of a request that names none: the tenant's, else the server's, and never more than is allowed."""
    wanted = caller.tenant.default_timeout_seconds or settings.TTS_TIMEOUT
    return float(min(wanted, longest_timeout(caller)))
