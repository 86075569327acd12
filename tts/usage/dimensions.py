"""What use is told apart by."""

from enum import StrEnum


class Dimension(StrEnum):
    """A column of usage reports. Days and months are local ones of the report's time zone."""

    DAY = "day"
    MONTH = "month"
    KEY = "key"
    VOICE = "voice"
    ENGINE = "engine"
    FALLBACK = "fallback"
    OUTCOME = "outcome"
    REFERENCE = "reference"
    TENANT = "tenant"


TIMES = (Dimension.DAY, Dimension.MONTH)
GROUPABLE = (*TIMES, Dimension.KEY, Dimension.VOICE, Dimension.ENGINE, Dimension.OUTCOME, Dimension.REFERENCE)
"""What `/api/usage` groups by; the HTTP contract lists them."""
