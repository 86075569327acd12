"""`/api/usage/exports/{id}/file` and `/manifest`: what the background worker wrote, by key or by signed link."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.authentication import caller_let_in
from accounts.scopes import Scope
from accounts.selectors import Caller
from tts.api.base import ApiView
from tts.api.problems import Problem
from tts.api.usage_export import attachment_headers
from tts.api.usage_exports import actor_of_key, export_found, key_of_caller
from tts.exports.checking import SIDE_FILE
from tts.models import UsageExport
from tts.services.export_bounds import UNFINISHED
from tts.services.export_links import export_key_caller
from tts.services.export_writing import export_spec
from tts.services.exports import export_fetched, export_file


class LinkAuthentication(BaseAuthentication):
    """`?token=` of a link that the API gave out: the caller is who got it, under the same conditions as with the key.

    A token that does not hold counts as none, so that the key does as long as the file is kept.
    """

    def authenticate(self, request: Request) -> tuple[None, Caller] | None:
        token = request.query_params.get("token")
        if token is None:
            return None
        export_id: UUID = request.parser_context["kwargs"]["export_id"]
        caller = export_key_caller(token=token, export_id=export_id, now=timezone.now())
        if caller is None:
            return None
        caller_let_in(caller=caller, request=request)
        return None, caller

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class UsageExportFileView(ApiView):
    """A stored file, as long as it is kept."""

    required_scope = Scope.USAGE_READ
    of_manifest: ClassVar[bool] = False

    def get_authenticators(self) -> list[BaseAuthentication]:
        return [LinkAuthentication(), *super().get_authenticators()]

    def get(self, request: Request, export_id: UUID) -> HttpResponseBase:
        export = export_found(request, export_id)
        if export.status in UNFINISHED:
            raise Problem(409, "not_ready", f"The export is {export.status}.", retry_after=1)
        if export.status == UsageExport.Status.FAILED:
            raise Problem(409, "not_ready", "The export has failed; ask for another.")
        file = export_file(export=export, of_manifest=self.of_manifest)
        if file is None:
            raise Problem(410, "export_expired", _gone(export.expires_at, timezone.now()))
        if request.method == "HEAD":
            response = self._attached(HttpResponse(), export)
            response["Content-Length"] = str(file.size)
            file.close()
            return response
        try:
            export_fetched(export=export, actor=actor_of_key(request, key_of_caller(request)))
        except BaseException:
            file.close()
            raise
        return self._attached(FileResponse(file), export)

    def _attached(self, response: HttpResponseBase, export: UsageExport) -> HttpResponseBase:
        spec = export_spec(export)
        headers = {**attachment_headers(spec), "Content-Type": spec.content_type}
        if self.of_manifest:
            headers["Content-Disposition"] = f'attachment; filename="{spec.file_name}{SIDE_FILE}"'
            headers["Content-Type"] = "application/json"
        for name, value in headers.items():
            response[name] = value
        return response


class UsageExportManifestView(UsageExportFileView):
    """The side file, with the SHA-256 of the file."""

    of_manifest = True


def _gone(expired_at: datetime | None, now: datetime) -> str:
    # Storage may have lost it before its time.
    is_past = expired_at is not None and expired_at <= now
    until = f" since {expired_at:%Y-%m-%dT%H:%M:%SZ}" if is_past else ""
    return f"The file is no longer kept{until}; ask for another."
