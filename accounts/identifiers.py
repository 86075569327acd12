"""Primary keys that sort by the time they were made."""

import uuid

from uuid_utils import compat


def uuid7() -> uuid.UUID:
    """A UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, then random bits."""
    return compat.uuid7()
