"""`GET /api/usage`: what the caller's tenant used, by local days and whatever else tells it apart."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import ApiKey
from accounts.scopes import Scope
from tts.api.base import ApiView, caller_of
from tts.api.problems import FieldError, InvalidRequest
from tts.api.usage_query import usage_query
from tts.usage.dimensions import Dimension
from tts.usage.names import keys_named
from tts.usage.reports import TooManyRows, UsageRow, usage_report
from tts.usage.sums import Sums

MOST_ROWS = 10_000


class UsageView(ApiView):
    """Rows and totals of a range of days."""

    required_scope = Scope.USAGE_READ

    def get(self, request: Request) -> Response:
        query = usage_query(request, caller_of(request), also=("group_by",))
        try:
            report = usage_report(
                tenant=query.tenant, span=query.range, group_by=query.group_by, most_rows=MOST_ROWS
            )
        except TooManyRows as many:
            message = f"makes more than {many.allowed} rows; ask for fewer days or columns, or for an export"
            raise InvalidRequest([FieldError("group_by", "out_of_range", message)]) from many
        keys = keys_named(tenant=query.tenant, rows=report.rows)
        return Response(
            {
                "from": query.range.first.isoformat(),
                "to": query.range.last.isoformat(),
                "timezone": query.range.zone.key,
                "group_by": [dimension.value for dimension in report.group_by],
                "rows": [_row_json(row, keys) for row in report.rows],
                "totals": _sums_json(report.totals),
            }
        )


def _row_json(row: UsageRow, keys: dict[UUID, ApiKey]) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for dimension, value in row.values.items():
        match dimension, value:
            case Dimension.MONTH, month:
                cells["month"] = f"{month:%Y-%m}"
            case Dimension.KEY, UUID() as key_id:
                key = keys[key_id]
                cells |= {"key": key.label, "key_name": key.name}
            case Dimension.KEY, _:
                cells |= {"key": None, "key_name": None}
            case _:
                cells[dimension.value] = str(value)
    return cells | _sums_json(row.sums)


def _sums_json(sums: Sums) -> dict[str, Any]:
    return {
        "requests": sums.requests,
        "characters": sums.characters,
        # Milliseconds are exact in a double as long as there are less than fifteen digits.
        "audio_seconds": float(sums.audio_seconds),
    }
