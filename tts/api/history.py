"""`GET /api/requests`: the history of the caller's tenant, page by page."""

import base64
import binascii
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.scopes import Scope
from tts.api.base import ApiView, caller_of
from tts.api.history_query import history_query
from tts.api.problems import FieldError, InvalidRequest, Problem
from tts.api.requests import request_json
from tts.request_history import Place, requests_page

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class RequestsView(ApiView):
    """Requests of the caller's tenant, newest first."""

    required_scope = Scope.HISTORY_READ

    def get(self, request: Request) -> Response:
        caller = caller_of(request)
        if caller.key is None:
            # They share one tenant. What keeps them apart is that nobody knows the ids of another's requests.
            raise Problem(403, "forbidden", "There is no list for callers without a key; use one.")
        tenant = caller.tenant
        query = history_query(request.query_params, zone=tenant.time_zone)
        after = None if query.following is None else place_of(query.following)
        page = requests_page(tenant=tenant, wanted=query.wanted, after=after, limit=query.limit)
        following = None
        if page.next is not None:
            sent = {name: value for name, value in request.query_params.items() if name != "cursor"}
            following = f"/api/requests?{urlencode({**sent, 'cursor': cursor_of(page.next)})}"
        return Response({"requests": [request_json(row) for row in page.rows], "next": following})


def cursor_of(place: Place) -> str:
    """A place as text for a URL; clients take it as it is."""
    microseconds = (place.created_at - EPOCH) // MICROSECOND
    packed = microseconds.to_bytes(8, "big") + place.id.bytes
    return base64.urlsafe_b64encode(packed).decode("ascii")


def place_of(cursor: str) -> Place:
    """The place that a cursor stands for. Raises `InvalidRequest` for what no page has told."""
    try:
        packed = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True)
        if len(packed) != 24:
            raise ValueError
        created_at = EPOCH + int.from_bytes(packed[:8], "big") * MICROSECOND
    except (ValueError, OverflowError, binascii.Error):
        error = FieldError("cursor", "invalid", "must be the cursor of an earlier page's `next`")
        raise InvalidRequest([error]) from None
    return Place(created_at, UUID(bytes=packed[8:]))
