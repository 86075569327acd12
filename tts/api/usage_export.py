"""`GET /api/usage/export`: the caller's usage as a file."""

from collections.abc import Mapping

from django.conf import settings
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework.request import Request

from accounts.scopes import Scope
from accounts.selectors import Caller
from tts.api.base import ApiView, caller_of
from tts.api.problems import FieldError, InvalidRequest, Problem
from tts.api.usage_query import usage_query_of
from tts.exports.columns import Detail
from tts.exports.file_formats import FileFormat
from tts.exports.snapshot import SnapshotTooSlow
from tts.services.export_files import ExportsBusy, ExportSpec, ExportStream, TooManyRows, export_stream

CHOICES: dict[str, tuple[str, ...]] = {
    "format": tuple(FileFormat),
    "detail": tuple(Detail),
    "bom": ("false", "true"),
    "manifest": ("inline", "none"),
}
"""Values of each parameter; the first is taken where it is not given."""


class UsageExportView(ApiView):
    """Streamed as it is read from the database, in one snapshot with the totals in its manifest."""

    required_scope = Scope.USAGE_READ

    def get(self, request: Request) -> HttpResponseBase:
        now = timezone.now()
        spec = export_asked(request.query_params, caller_of(request))
        if request.method == "HEAD":
            return HttpResponse(content_type=spec.content_type, headers=attachment_headers(spec))
        limit = settings.EXPORT_XLSX_ROWS if spec.file_format is FileFormat.XLSX else None
        try:
            return attachment(export_stream(spec=spec, now=now, most_rows=limit))
        except TooManyRows as problem:
            message = (
                f"{problem.rows} rows do not go into one workbook here, {problem.allowed} do;"
                " ask for csv or ndjson, for detail=summary, or for fewer days,"
                " or send the same as JSON to POST /api/usage/exports, which has it written to be fetched later"
            )
            raise InvalidRequest([FieldError("format", "too_long", message)]) from problem
        except SnapshotTooSlow as problem:
            detail = (
                "The workbook could not be written in the time there is. Ask for csv or ndjson, for fewer days, or send"
                " the same as JSON to POST /api/usage/exports."
            )
            raise Problem(504, "deadline_exceeded", detail, should_retry=False) from problem
        except ExportsBusy as problem:
            raise Problem(
                503, "at_capacity", "Too many exports are being sent. Try again shortly.", retry_after=5
            ) from problem


def attachment(stream: ExportStream) -> StreamingHttpResponse:
    """A stream as the answer to a download. The server closes it with the answer, however that ends."""
    response = StreamingHttpResponse(
        stream, content_type=stream.spec.content_type, headers=attachment_headers(stream.spec)
    )
    if stream.size is not None:
        response["Content-Length"] = str(stream.size)
    return response


def attachment_headers(spec: ExportSpec) -> dict[str, str]:
    # A tenant's slug, days and our own words: nothing that a file name or a header could stumble over.
    return {
        "Content-Disposition": f'attachment; filename="{spec.file_name}"',
        # Money: the next export of the same days may hold more.
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }


def export_asked(parameters: QueryDict, caller: Caller) -> ExportSpec:
    """The export of the caller's tenant that `parameters` ask for. Raises `InvalidRequest`."""
    errors: list[FieldError] = []
    chosen = {name: _choice(parameters, name, errors) for name in CHOICES}
    try:
        query = usage_query_of(parameters, caller, also=tuple(CHOICES))
    except InvalidRequest as problem:
        raise InvalidRequest([*problem.errors, *errors]) from problem
    if errors:
        raise InvalidRequest(errors)
    return ExportSpec(
        tenant=query.tenant,
        span=query.range,
        file_format=FileFormat(chosen["format"]),
        detail=Detail(chosen["detail"]),
        byte_order_mark=chosen["bom"] == "true",
        with_manifest=chosen["manifest"] == "inline",
    )


def _choice(parameters: Mapping[str, str], name: str, errors: list[FieldError]) -> str:
    value = parameters.get(name, CHOICES[name][0])
    if value not in CHOICES[name]:
        errors.append(FieldError(name, "invalid_choice", f"takes one of {', '.join(CHOICES[name])}"))
    return value
