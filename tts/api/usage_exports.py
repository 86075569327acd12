"""`/api/usage/exports`: usage as a file that the background worker writes, to be fetched later."""

import math
import re
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict
from django.utils import timezone
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actors import Actor
from accounts.addresses import client_address
from accounts.models import ApiKey
from accounts.scopes import Scope
from tts.api.base import ApiView, caller_of
from tts.api.history import cursor_of, place_of
from tts.api.history_query import DEFAULT_LIMIT, MOST
from tts.api.limits import rates_given_back_when
from tts.api.problems import FieldError, InvalidRequest, Problem
from tts.api.request_facts import request_id_current
from tts.api.serializers import MAX_ERRORS
from tts.api.usage_export_json import export_body, export_json, export_path
from tts.api.usage_query import wrong_parameters
from tts.models import UsageExport
from tts.request_history import Place
from tts.services.export_bounds import (
    UNFINISHED,
    Asker,
    ExportRefused,
    TooManyAtOnce,
    TooManyToday,
    TooMuchKept,
)
from tts.services.export_lookup import export_of_tenant, exports_page
from tts.services.exports import export_request, exports_reconcile_seldom

PARAMETERS = ("limit", "cursor")


class UsageExportsView(ApiView):
    """The exports of the caller's tenant, newest first, and a new one."""

    required_scope = Scope.USAGE_READ

    def get(self, request: Request) -> Response:
        limit, after = _page_asked(request.query_params)
        key = key_of_caller(request)
        page = exports_page(tenant=caller_of(request).tenant, after=after, limit=limit)
        following = None
        if page.next is not None:
            query = urlencode({"limit": limit, "cursor": cursor_of(page.next)})
            following = f"/api/usage/exports?{query}"
        return Response({"exports": [export_json(row, key) for row in page.rows], "next": following})

    def post(self, request: Request) -> Response:
        key = key_of_caller(request)
        spec = export_body(cast(dict[str, Any], request.data), caller_of(request))
        now = timezone.now()
        with rates_given_back_when((Problem,), repeated=()):
            try:
                export = export_request(
                    spec=spec, asker=Asker(key=key), actor=actor_of_key(request, key), now=now
                )
            except ExportRefused as refused:
                raise _refusal(refused, now) from refused
        return Response(export_json(export, key), status=202, headers={"Location": export_path(export)})


class UsageExportDetailView(ApiView):
    """One of them: how far it is, and where its file is."""

    required_scope = Scope.USAGE_READ

    def get(self, request: Request, export_id: UUID) -> Response:
        export = export_found(request, export_id)
        if export.status in UNFINISHED:
            # Whoever waits for a file should not wait for one that nobody writes.
            exports_reconcile_seldom(now=timezone.now())
            export = export_found(request, export_id)
        return Response(export_json(export, key_of_caller(request)))


def export_found(request: Request, export_id: UUID) -> UsageExport:
    """An export of the caller's tenant. Raises `NotFound`, for another tenant's as well."""
    export = export_of_tenant(tenant=caller_of(request).tenant, export_id=export_id)
    if export is None:
        raise NotFound
    return export


def key_of_caller(request: Request) -> ApiKey:
    """The key of the call; callers without one have no scope that leads here."""
    key = caller_of(request).key
    if key is None:
        raise Problem(403, "forbidden", "There are no exports for callers without a key; use one.")
    return key


def actor_of_key(request: Request, key: ApiKey) -> Actor:
    return Actor.of_key(key, address=client_address(request), request_id=request_id_current())


def _page_asked(query: QueryDict) -> tuple[int, Place | None]:
    errors = wrong_parameters(query, PARAMETERS)
    limit = query.get("limit", str(DEFAULT_LIMIT))
    if not re.fullmatch(r"[0-9]{1,3}", limit) or not 1 <= int(limit) <= MOST:
        errors.append(FieldError("limit", "invalid", f"must be a number from 1 to {MOST}"))
    if errors:
        raise InvalidRequest(errors[:MAX_ERRORS])
    cursor = query.get("cursor")
    return int(limit), None if cursor is None else place_of(cursor)


def _refusal(refused: ExportRefused, now: datetime) -> Problem:
    code, policy, detail = _told(refused)
    wait = max(1, math.ceil((refused.again_at - now).total_seconds()))
    return Problem(429, code, detail, retry_after=wait, violated_policies=[policy])


def _told(refused: ExportRefused) -> tuple[str, str, str]:
    allowed, when = refused.allowed, f"{refused.again_at:%Y-%m-%dT%H:%M:%SZ}"
    match refused:
        case TooManyAtOnce():
            whose = "This key" if refused.of_asker else "This tenant"
            detail = (
                f"{whose} has as many exports waiting or being written as it may ({allowed});"
                " ask again when one of them has ended. GET /api/usage/exports lists them."
            )
            return "concurrency_limited", "concurrent-exports", detail
        case TooManyToday():
            detail = (
                f"This tenant has asked for as many exports in the last 24 hours as it may ({allowed});"
                f" ask again after {when}, or fetch one of them. GET /api/usage/export streams without a job."
            )
            return "rate_limited", "exports-per-day", detail
        case TooMuchKept():
            detail = (
                f"Exports of this tenant take all the room there is ({allowed} MB); ask again after {when},"
                " when the first of them goes. GET /api/usage/export streams without keeping."
            )
            return "rate_limited", "export-storage", detail
        case _:
            raise TypeError(type(refused).__name__)
