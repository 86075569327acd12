"""What it costs to let one request in: who calls, what the limits say, and its record."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch
from uuid import UUID

from django.db import connection
from django.test import RequestFactory
from django.utils import timezone
from rest_framework.request import Request

from accounts.authentication import KeyAuthentication
from accounts.services.limiting import rates_take
from tests.cast import Member
from tests.tts.rows import PARAMETERS
from tts.models import SynthesisRequest
from tts.services import admission
from tts.services.queueing import request_enqueue


@dataclass(slots=True)
class Enqueueing:
    """How long the last call of RQ's enqueue took, in seconds."""

    seconds: float = 0.0


@dataclass(slots=True)
class Statements:
    """The SQL sent by this thread, in order; opening and ending a transaction is not among it."""

    sent: list[str] = field(default_factory=list)


def let_in(member: Member, *, idempotency_key: str = "") -> SynthesisRequest:
    """What `POST /api/tts` does before it waits: the key is checked, rates are taken, the request is admitted."""
    request = Request(RequestFactory().post("/api/tts", headers=member.headers))
    authenticated = KeyAuthentication().authenticate(request)
    if authenticated is None:
        raise RuntimeError("the key was not looked at")
    caller = authenticated[1]
    rates_take(caller=caller, characters=PARAMETERS.characters)
    return admission.request_admit(
        caller=caller,
        parameters=PARAMETERS,
        request_id="cost",
        address="127.0.0.1",
        now=timezone.now(),
        idempotency_key=idempotency_key,
    ).row


@contextmanager
def statements() -> Iterator[Statements]:
    """Collect what this thread sends to Postgres."""
    found = Statements()

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found.sent.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found


@contextmanager
def enqueueing_timed() -> Iterator[Enqueueing]:
    """Time the enqueue inside of admission, to tell it apart."""
    found = Enqueueing()

    def timed(*, request_id: UUID) -> bool:
        began = time.perf_counter()
        try:
            return request_enqueue(request_id=request_id)
        finally:
            found.seconds = time.perf_counter() - began

    with patch.object(admission, request_enqueue.__name__, timed):
        yield found
