"""Lines of a request's timeline."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from tts.models import RequestEvent

Level = RequestEvent.Level
EventData = dict[str, str | int | float | bool | None]


def event(
    request_id: UUID,
    name: str,
    at: datetime,
    *,
    level: RequestEvent.Level = Level.ACCESS,
    **data: str | float | None,
) -> RequestEvent:
    """An unsaved line. `data` holds numbers and codes only, never user text."""
    kept: EventData = {key: value for key, value in data.items() if value is not None}
    return RequestEvent(request_id=request_id, name=name, at=at, level=level, data=kept)


def events_write(lines: Iterable[RequestEvent]) -> None:
    """Store lines in one statement; call it inside the transaction whose change they tell of."""
    RequestEvent.objects.bulk_create(lines)
