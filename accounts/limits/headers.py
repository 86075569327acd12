"""Header fields that tell a client its limits.

`RateLimit-Policy` and `RateLimit` follow draft-ietf-httpapi-ratelimit-headers-11 (May 2026): lists of RFC 9651
strings with parameters. The `X-RateLimit-` fields are the older custom of many APIs.
"""

import math
from collections.abc import Iterable, Sequence

from accounts.limits.buckets import BucketState


def limit_headers(states: Iterable[BucketState]) -> dict[str, str]:
    """The fields for the states of one call; none where no bucket is enforced, for observed ones are not told.

    A policy's `q` is the bucket's burst and `w` the seconds in which an empty bucket fills. In `RateLimit`, `r` is what
    remains and `t` how long that lasts at the steady pace, or, where nothing remains, how long until something does:
    so `r` over `t` never advises more than `q` over `w` (section 8.5). In a refusal no `t` is later than `Retry-After`
    (section 6). `X-RateLimit-Limit`, `-Remaining` and `-Reset` (seconds until full) are of the bucket nearest to
    refusing.
    """
    enforced = [state for state in states if state.bucket.enforced]
    if not enforced:
        return {}
    waits = [state.retry_after_seconds for state in enforced if not state.allowed]
    # A bucket that never will allow has no Retry-After to be earlier than.
    latest = max((wait for wait in waits if wait is not None), default=None)
    return {
        "RateLimit-Policy": ", ".join(_policy(state) for state in enforced),
        "RateLimit": ", ".join(_service_limit(state, latest) for state in enforced),
        **_custom(enforced),
    }


def retry_after(seconds: float) -> str:
    """The value of `Retry-After`: whole seconds, at least one."""
    return str(max(math.ceil(seconds), 1))


def _policy(state: BucketState) -> str:
    bucket = state.bucket
    policy = f'"{bucket.name}";q={bucket.limit}'
    if bucket.unit != "requests":
        policy += f';qu="{bucket.unit}"'
    if bucket.window_seconds is not None:
        policy += f";w={math.ceil(bucket.window_seconds)}"
    return policy


def _service_limit(state: BucketState, latest: float | None) -> str:
    limit = f'"{state.bucket.name}";r={state.remaining}'
    if not state.bucket.units_per_minute:
        return limit
    if state.remaining:
        window: float = state.bucket.debt_of(state.remaining) / 1e6
    else:
        window = state.seconds_until(1) or 0.0
    if latest is not None:
        window = min(window, latest)
    return f"{limit};t={math.ceil(window)}"


def _custom(states: Sequence[BucketState]) -> dict[str, str]:
    nearest = min(states, key=_distance_from_refusing)
    fields = {
        "X-RateLimit-Limit": str(nearest.bucket.limit),
        "X-RateLimit-Remaining": str(nearest.remaining),
    }
    if nearest.bucket.units_per_minute:
        fields["X-RateLimit-Reset"] = str(math.ceil(nearest.reset_seconds))
    return fields


def _distance_from_refusing(state: BucketState) -> tuple[bool, float]:
    return state.allowed, state.remaining / state.bucket.limit if state.bucket.limit else 0.0
