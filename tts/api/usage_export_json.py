"""A stored export in JSON: the body that asks for one, and what is told of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from accounts.models import ApiKey
from accounts.selectors import Caller
from tts.api.fields import NULL
from tts.api.problems import FieldError, InvalidRequest
from tts.api.serializers import MAX_ERRORS
from tts.api.usage_export import CHOICES, export_asked
from tts.api.usage_query import RANGE_PARAMETERS
from tts.models import UsageExport
from tts.services.export_files import ExportSpec
from tts.services.export_links import export_key_token
from tts.services.export_writing import export_spec

FIELDS = (*RANGE_PARAMETERS, *CHOICES)
ERRORS = {
    "interrupted": "The worker that wrote it is gone.",
    "storage_failed": "Storage did not take the file.",
    "timed_out": "It took too long; fewer days take less.",
    "internal": "Something went wrong on our side.",
}


def export_body(data: Mapping[str, Any], caller: Caller) -> ExportSpec:
    """What a body asks for: the fields of `GET /api/usage/export`, `bom` as a boolean. Raises `InvalidRequest`."""
    errors: list[FieldError] = []
    parameters = QueryDict(mutable=True)
    for name, value in data.items():
        message = _taken(parameters, name, value)
        if message:
            errors.append(FieldError(name, "invalid", message))
    try:
        spec = export_asked(parameters, caller)
    except InvalidRequest as problem:
        raise InvalidRequest([*errors, *problem.errors][:MAX_ERRORS]) from problem
    if spec.span.starts_at >= spec.span.ends_at:
        message = f"{spec.span.zone.key} has no such day"
        errors.append(FieldError("from", "out_of_range", message))
    if errors:
        raise InvalidRequest(errors)
    return spec


def _taken(parameters: QueryDict, name: str, value: object) -> str:
    """Put a field among the parameters; what is wrong with its type, if anything is."""
    match name, value:
        case _ if name not in FIELDS:
            # By its name alone it is refused there.
            parameters[name] = ""
        case _, None:
            return NULL["null"]
        case "bom", bool():
            parameters[name] = "true" if value else "false"
        case "bom", _:
            return "must be true or false"
        case _, str():
            parameters[name] = value
        case _:
            return "must be a string"
    return ""


def export_path(export: UsageExport) -> str:
    return f"/api/usage/exports/{export.pk}"


def export_json(export: UsageExport, key: ApiKey) -> dict[str, Any]:
    """An export as the API shows it to who holds `key`. Times are UTC (RFC 3339)."""
    spec, is_kept = export_spec(export), export.status == UsageExport.Status.SUCCEEDED
    return {
        "id": str(export.pk),
        "status": export.status,
        "from": spec.span.first.isoformat(),
        "to": spec.span.last.isoformat(),
        "timezone": export.time_zone,
        "format": export.file_format,
        "detail": export.detail,
        "bom": export.byte_order_mark,
        "manifest": "inline" if export.with_manifest else "none",
        "rows_done": export.rows_done,
        "rows_expected": export.rows_total,
        "created_at": _instant(export.created_at),
        "started_at": _instant(export.started_at),
        "finished_at": _instant(export.finished_at),
        "expires_at": _instant(export.expires_at),
        "file_name": spec.file_name,
        "file_bytes": export.file_bytes,
        "sha256": export.sha256 or None,
        "totals": export.totals or None,
        "error": _error(export),
        "links": {"self": export_path(export), **_links(export, key, is_kept)},
    }


def _links(export: UsageExport, key: ApiKey, is_kept: bool) -> dict[str, str | None]:
    if not is_kept:
        return {"file": None, "manifest": None}
    signed = urlencode({"token": export_key_token(export=export, key=key)})
    return {part: f"{export_path(export)}/{part}?{signed}" for part in ("file", "manifest")}


def _error(export: UsageExport) -> dict[str, str] | None:
    code = export.error_code
    return {"code": code, "detail": ERRORS.get(code, code)} if code else None


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
