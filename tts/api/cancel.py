"""`POST /api/requests/{id}/cancel`: nobody wants it any more."""

from uuid import UUID

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.scopes import Scope
from tts.api.base import ApiView, caller_of
from tts.api.requests import request_found, request_json
from tts.services.states import request_cancel


class RequestCancelView(ApiView):
    """Ends a request that waits or is being spoken; nothing is charged. One that has ended stays as it is.

    Who may not read the history learns how the request stands, and no more of it.
    """

    required_scope = Scope.SPEECH_WRITE

    def post(self, request: Request, request_id: UUID) -> Response:
        row = request_found(request, request_id)
        if request_cancel(request_id=row.id, now=timezone.now()):
            row = request_found(request, request_id)
        if Scope.HISTORY_READ in caller_of(request).scopes:
            return Response(request_json(row))
        return Response({"id": str(row.id), "status": row.status})
