"""Lines of a request's timeline."""

from collections.abc import Iterable
from datetime import datetime

from tts.models import RequestEvent, SynthesisRequest

Level = RequestEvent.Level
EventData = dict[str, str | int | float | bool | None]


def event(
    row: SynthesisRequest,
    name: str,
    at: datetime,
    *,
    level: RequestEvent.Level = Level.ACCESS,
    **data: str | float | None,
) -> RequestEvent:
    """An unsaved line of a request, of which the id and the tenant are read. `data` holds numbers and codes only."""
    kept: EventData = {key: value for key, value in data.items() if value is not None}
    return RequestEvent(request_id=row.pk, tenant_id=row.tenant_id, name=name, at=at, level=level, data=kept)


def events_write(lines: Iterable[RequestEvent]) -> None:
    """Store lines in one statement; call it inside the transaction whose change they tell of."""
    RequestEvent.all_tenants.bulk_create(lines)
