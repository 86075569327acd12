"""The log: what happened to requests and what processes had to say, in one list that follows along."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from accounts.admin.base import RecordAdmin
from accounts.models import Tenant
from accounts.roles import holds_everywhere
from tts.admin.logs_form import LogForm
from tts.admin.logs_shown import ShownLine, shown
from tts.models import LogRecord
from tts.selectors import engines_known
from tts.services.logs_lines import MOST_SEARCHED, LogLine, LogPage, Place, Source
from tts.services.logs_search import (
    Tail,
    log_line_find,
    log_lines_of_request,
    log_page,
    log_since,
    log_tail,
)

TENANTS_SHOWN = 100
BEFORE, SEEN = "before", "seen"


@admin.register(LogRecord)
class LogAdmin(RecordAdmin[LogRecord]):
    """For those who see every tenant. Lines are of two tables, so the pages are this class's own."""

    def has_view_permission(self, request: HttpRequest, obj: LogRecord | None = None) -> bool:
        return super().has_view_permission(request, obj) and holds_everywhere(
            request.user, "tts.view_logrecord"
        )

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("newest/", view(self.newest_view), name="tts_logrecord_newest"),
            path("event/<int:event_id>/", view(self.event_view), name="tts_logrecord_event"),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self._require(request)
        form = _form(request, BEFORE)
        before = _place(request)
        is_valid = form.is_valid()
        page = log_page(chosen=form.chosen(), before=before) if is_valid else LogPage(())
        newest = log_tail() if is_valid and before is None else None
        context = {
            **self._context(request, _("Log")),
            "form": form,
            "page": page,
            "lines": shown(page.lines, self.admin_site.name),
            "older": _with(request, **{BEFORE: page.older}) if page.older else "",
            "is_older": before is not None,
            "newest_first": _with(request, **{BEFORE: None}),
            "most_searched": MOST_SEARCHED,
            "tail": newest,
            "tail_url": f"{self._url('newest')}{_with(request, **{BEFORE: None})}",
            "is_filtered": any(form.data.get(name) for name in form.fields),
            "tenants": Tenant.objects.order_by("slug").values_list("slug", flat=True)[:TENANTS_SHOWN],
            "engines": engines_known(),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/tts/logrecord/change_list.html", context)

    def newest_view(self, request: HttpRequest) -> HttpResponse:
        """Lines that came since `seen`, as rows of the table, and where the log ends now; without it, just that."""
        self._require(request)
        form = _form(request, SEEN)
        try:
            seen = Tail.parse(request.GET[SEEN]) if SEEN in request.GET else log_tail()
        except ValueError as problem:
            raise BadRequest from problem
        if not form.is_valid():
            raise BadRequest
        lines, now = log_since(chosen=form.chosen(), seen=seen)
        rows = render_to_string(
            "admin/tts/logrecord/lines.html", {"lines": shown(lines, self.admin_site.name)}, request
        )
        return JsonResponse({"rows": rows.strip(), "newest": str(now)}, headers={"Cache-Control": "no-store"})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        self._require(request)
        number = int(object_id) if object_id.isdecimal() and len(object_id) < 19 else 0
        return self._line_page(request, log_line_find(source=Source.RECORD, number=number))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        # Nobody changes records: there is nothing to tell but the record.
        return self.change_view(request, object_id)

    def event_view(self, request: HttpRequest, event_id: int) -> HttpResponse:
        self._require(request)
        found = log_line_find(source=Source.EVENT, number=event_id) if event_id < 2**63 else None
        return self._line_page(request, found)

    def _line_page(self, request: HttpRequest, line: LogLine | None) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        if line is None:
            messages.warning(request, _("That line of the log is no longer kept."))
            return HttpResponseRedirect(self._url("changelist"))
        others = log_lines_of_request(about=line.about) if line.about else LogPage(())
        context = {
            **self._context(request, _("Line of the log")),
            "line": ShownLine(line, self.admin_site.name),
            "lines": shown(others.lines, self.admin_site.name),
            "has_more": others.older is not None,
            "of_request": f"?{urlencode({'request_id': line.about})}" if line.about else "",
        }
        return TemplateResponse(request, "admin/tts/logrecord/line.html", context)

    def _require(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _url(self, name: str) -> str:
        return reverse(f"{self.admin_site.name}:tts_logrecord_{name}")

    def _context(self, request: HttpRequest, title: str) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "title": title, "opts": self.opts}


def _form(request: HttpRequest, *others: str) -> LogForm:
    """The filters of an address; any other parameter in it, but `others`, is a bad request."""
    if request.GET.keys() - LogForm.base_fields.keys() - set(others):
        raise BadRequest
    return LogForm(request.GET, label_suffix="")


def _place(request: HttpRequest) -> Place | None:
    given = request.GET.get(BEFORE, "")
    try:
        return Place.parse(given) if given else None
    except ValueError as problem:
        raise BadRequest from problem


def _with(request: HttpRequest, **changes: object) -> str:
    """The query of this address with `changes`; None takes a parameter out."""
    query = request.GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = str(value)
    return f"?{query.urlencode()}"
