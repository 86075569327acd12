"""Errors as `application/problem+json` (RFC 9457), with the stable codes of the HTTP contract."""

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, JsonResponse, UnreadablePostError
from django.utils import timezone
from redis.exceptions import RedisError
from rest_framework import exceptions

from accounts.authentication import AddressRefused, TenantSuspended, TooManyFailures
from accounts.permissions import ScopeMissing
from tts.api.request_facts import request_id_current
from tts.api.unexpected import name_of, stack_of
from tts.services.refusal_counts import ADDRESS_BLOCKED, refusals_count

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"

TITLES: dict[str, str] = {
    "invalid_request": "The request is not valid.",
    "unauthenticated": "An API key is needed.",
    "forbidden": "This is not allowed.",
    "tenant_suspended": "The tenant is suspended.",
    "scope_missing": "The key lacks a scope.",
    "address_refused": "The key may not be used from this address.",
    "not_found": "There is no such thing.",
    "method_not_allowed": "The method is not allowed here.",
    "not_ready": "This does not exist yet.",
    "audio_expired": "The audio is no longer kept.",
    "export_expired": "The file is no longer kept.",
    "idempotency_in_flight": "The first request with this key has not ended.",
    "idempotency_mismatch": "The key was used with another body.",
    "rate_limited": "Too many requests.",
    "characters_rate_limited": "Too many characters.",
    "concurrency_limited": "Too many requests at once.",
    "quota_exhausted": "The characters left of this month do not suffice.",
    "body_too_large": "The body is too large.",
    "unsupported_media_type": "The body must be JSON.",
    "range_not_satisfiable": "The range lies outside the audio.",
    "synthesis_failed": "No engine could speak this.",
    "internal": "Something went wrong on our side.",
    "canceled": "The request was canceled.",
    "at_capacity": "The server is busy.",
    "dependency_unavailable": "A part of the server is away.",
    "deadline_exceeded": "The deadline passed.",
}
"""Every code this server answers with, and its title."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One bad field of a request: what is wrong with it and what would be right."""

    field: str
    code: str
    message: str


class InvalidRequest(exceptions.APIException):
    """400 that names every bad field."""

    status_code = 400
    default_code = "invalid_request"

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in errors))
        self.errors = errors
        self.headers: dict[str, str] = {}


class Problem(exceptions.APIException):
    """Any other refusal: a status, a code of `TITLES`, what happened, the field to change where one is to blame,
    headers that tell a client what to do, and the id of the record where there is one.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: list[FieldError] | None = None,
        retry_after: int | None = None,
        should_retry: bool = True,
        record: UUID | None = None,
        violated_policies: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail, code)
        self.status_code = status
        self.code = code
        self.errors = errors
        self.retry_after = retry_after
        self.should_retry = should_retry
        self.record = record
        self.violated_policies = tuple(violated_policies)
        self.headers = dict(headers or {})


def problem(
    status: int,
    code: str,
    detail: str = "",
    *,
    errors: list[FieldError] | None = None,
    headers: dict[str, str] | None = None,
    **members: Any,
) -> JsonResponse:
    """A problem response. `instance` names the HTTP request, so that equal mistakes get equal answers."""
    request_id = request_id_current()
    body: dict[str, Any] = {
        "type": f"urn:voxgate:problem:{code}",
        "title": TITLES[code],
        "status": status,
        "detail": detail or TITLES[code],
        "instance": f"urn:voxgate:request:{request_id}",
        "code": code,
        "request_id": request_id,
        **members,
    }
    if errors:
        body["errors"] = [{"field": e.field, "code": e.code, "message": e.message} for e in errors]
    return JsonResponse(
        body,
        status=status,
        headers=headers,
        content_type=CONTENT_TYPE,
        json_dumps_params={"ensure_ascii": False},
    )


def problem_response(exc: Exception, context: dict[str, Any]) -> JsonResponse:
    """DRF's exception handler: every exception of an API view becomes a problem."""
    match exc:
        case InvalidRequest():
            return problem(400, "invalid_request", str(exc.detail), errors=exc.errors, headers=exc.headers)
        case Problem():
            return _refusal(exc)
        case exceptions.ParseError():
            errors = [FieldError("body", "unreadable", str(exc.detail))]
            return problem(400, "invalid_request", str(exc.detail), errors=errors)
        case TooManyFailures():
            refusals_count(limits=[ADDRESS_BLOCKED], now=timezone.now())
            wait = max(1, math.ceil(exc.seconds))
            detail = f"Too many failed attempts from this address; try again in {wait} s."
            return problem(429, "rate_limited", detail, headers={"Retry-After": str(wait)}, retry_after=wait)
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            detail = "Send a valid key as `Authorization: Bearer <key>`."
            return problem(401, "unauthenticated", detail, headers={"WWW-Authenticate": "Bearer"})
        case TenantSuspended() | ScopeMissing() | AddressRefused():
            return problem(403, str(exc.default_code), str(exc.detail))
        case exceptions.PermissionDenied() | PermissionDenied():
            return problem(403, "forbidden")
        case exceptions.NotFound() | Http404():
            return problem(404, "not_found")
        case exceptions.MethodNotAllowed():
            view = context["view"]
            return problem(405, "method_not_allowed", headers={"Allow": ", ".join(view.allowed_methods)})
        case exceptions.UnsupportedMediaType():
            return problem(415, "unsupported_media_type", "Send JSON with `Content-Type: application/json`.")
        case exceptions.APIException():
            return problem(exc.status_code, str(exc.default_code), str(exc.detail))
        case UnreadablePostError():
            # The client went away in the middle of its body; nobody reads this.
            return problem(400, "invalid_request", "The body ended early.")
        case RedisError() | OperationalError() | InterfaceError():
            # Every other complaint of the database is a defect of ours, and trying again would not help.
            logger.error("a dependency is away: %s", type(exc).__qualname__)
            return problem(503, "dependency_unavailable", retry_after=5, headers={"Retry-After": "5"})
        case _:
            log_unexpected(exc)
            return problem(500, "internal", "Report the request id to the operator of this server.")


def log_unexpected(exc: BaseException) -> None:
    """To the error log with its stack, without its message, which may quote what the client sent."""
    logger.error("unexpected %s\n%s", name_of(exc), stack_of(exc))


def _refusal(exc: Problem) -> JsonResponse:
    headers = dict(exc.headers)
    members: dict[str, Any] = {}
    if exc.status_code == 429 or exc.code == "at_capacity":
        refusals_count(limits=exc.violated_policies or [exc.code], now=timezone.now())
    if exc.violated_policies:
        members["violated-policies"] = list(exc.violated_policies)
    if exc.retry_after is not None:
        headers["Retry-After"] = str(exc.retry_after)
        members["retry_after"] = exc.retry_after
    if exc.record is not None:
        members["links"] = {"request": f"/api/requests/{exc.record}"}
    if not exc.should_retry:
        headers["x-should-retry"] = "false"
    return problem(exc.status_code, exc.code, str(exc.detail), errors=exc.errors, headers=headers, **members)
