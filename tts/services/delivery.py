"""The last line of a timeline: the audio was handed to the client."""

import logging
from datetime import datetime

from django.db import Error

from tts.models import RequestEvent, SynthesisRequest
from tts.services.events import event

logger = logging.getLogger(__name__)

DELIVERED = "delivered"


def delivery_record(*, row: SynthesisRequest, sent_bytes: int, now: datetime) -> None:
    """Tell that a client was sent `sent_bytes` of audio; only the first time of each request is kept.

    Never raises for the database: the client has its audio already.
    """
    seconds = round((now - row.created_at).total_seconds(), 4)
    line = event(row, DELIVERED, now, bytes=sent_bytes, seconds=seconds)
    try:
        # The database holds that there is one: two processes may send the same audio at the same time.
        RequestEvent.all_tenants.bulk_create([line], ignore_conflicts=True)
    except Error as problem:
        logger.warning("delivery of request %s is not on record: %s", row.pk, type(problem).__name__)
