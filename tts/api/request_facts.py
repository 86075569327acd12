"""What is known of the HTTP request in hand, for its answer and for the access log."""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # settings reach this module before models can be imported
    from accounts.limits.buckets import Taken
    from accounts.selectors import Caller
    from tts.services.in_flight import InFlight


@dataclass(slots=True)
class RequestFacts:
    """What is not known from the start is filled in once it is; never any text."""

    request_id: str
    key_label: str = "-"
    tenant: str = "-"
    characters: int | None = None
    caller: "Caller | None" = None
    taken: "Taken | None" = None
    in_flight: "InFlight | None" = None
    started: float = field(default_factory=time.monotonic)

    def seconds(self) -> float:
        """How long the request has been in hand."""
        return time.monotonic() - self.started


_current: ContextVar[RequestFacts | None] = ContextVar("voxgate_request", default=None)


@contextmanager
def request_facts_for(request_id: str) -> Iterator[RequestFacts]:
    """Make facts current for the time of one HTTP request."""
    facts = RequestFacts(request_id)
    token = _current.set(facts)
    try:
        yield facts
    finally:
        _current.reset(token)


def request_facts_optional() -> RequestFacts | None:
    """Facts of the request in hand, None outside of one."""
    return _current.get()


def request_facts_current() -> RequestFacts:
    """Facts of the request in hand; a detached object outside of one."""
    return _current.get() or RequestFacts(uuid.uuid4().hex)


def request_id_current() -> str:
    return request_facts_current().request_id
