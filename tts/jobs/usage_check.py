"""The nightly comparison of usage with its events, as a job of the housekeeping queue."""

from django.utils import timezone

from tts.services.housekeeping import USAGE_CHECK, housekeeping_ended
from tts.usage.checking import usage_check


def check() -> None:
    """See `tts.usage.checking.usage_check`, which records what it found."""
    usage_check(now=timezone.now())
    housekeeping_ended(task=USAGE_CHECK)
