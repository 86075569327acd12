"""What staff do with requests: run again, compare engines, cancel. Services do the work."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin.actors import actor_of
from accounts.admin.scoping import ScopedRecordAdmin
from accounts.roles import holds_somewhere, tenants_allowing
from accounts.services.limiting import RateLimited
from accounts.services.quota import QuotaExhausted
from tts.admin.request_page import (
    FOLDER,
    LIVE_PARTS,
    address,
    blob_policy,
    live_context,
    parts_rendered,
    with_related,
)
from tts.admin.request_powers import CANCEL, RERUN, Powers
from tts.admin.request_words import REFUSALS
from tts.models import SynthesisRequest
from tts.services.in_flight import ConcurrencyLimited
from tts.services.looking import staff_cancel
from tts.services.repeating import (
    Comparison,
    NotRepeatable,
    comparison_newest,
    engines_compare,
    request_rerun,
)

MOST_AT_ONCE = 100
"""Rows that one action of the list takes."""
REFUSED = (NotRepeatable, QuotaExhausted, ConcurrencyLimited, RateLimited)

RequestView = Callable[[HttpRequest, UUID], HttpResponse]


class RequestActions(ScopedRecordAdmin[SynthesisRequest]):
    """Buttons of a request's page and actions of the list. Each GET asks, each POST does."""

    actions: tuple[str, ...] = ("cancel_selected",)

    def request_views(self) -> dict[str, RequestView]:
        """The pages below that of a request, by the last part of their address."""
        return {
            "state": self.state_view,
            "rerun": self.rerun_view,
            "compare": self.compare_view,
            "cancel": self.cancel_view,
        }

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"<uuid:request_id>/{name}/",
                self.admin_site.admin_view(view),
                name=f"tts_synthesisrequest_{name}",
            )
            for name, view in self.request_views().items()
        ]
        return [*own, *super().get_urls()]

    def state_view(self, request: HttpRequest, request_id: UUID) -> HttpResponse:
        """The live sections of a request, for its page and for comparisons, which ask until it has ended."""
        row = self.row_or_404(request, request_id)
        context = live_context(request, row, Powers(request, row))
        names = ("side",) if request.GET.get("part") == "side" else LIVE_PARTS
        return JsonResponse({"final": row.is_final, "parts": parts_rendered(request, context, names)})

    def rerun_view(self, request: HttpRequest, request_id: UUID) -> HttpResponse:
        row = self.row_or_404(request, request_id)
        powers = Powers(request, row)
        if not powers.rerun:
            raise PermissionDenied
        if request.method != "POST":
            return self._asked(request, row, "rerun", _("Run again"))
        made = self._repeated(request, row, powers, request_rerun)
        if made is None:
            return HttpResponseRedirect(address("change", row.pk))
        return HttpResponseRedirect(address("change", made.pk))

    def compare_view(self, request: HttpRequest, request_id: UUID) -> HttpResponse:
        """Both engines side by side: the newest comparison, or the offer to make one."""
        row = self.row_or_404(request, request_id)
        powers = Powers(request, row)
        if not powers.rerun:
            raise PermissionDenied
        if request.method == "POST":
            self._repeated(request, row, powers, engines_compare)
            return HttpResponseRedirect(address("compare", row.pk))
        return self._compared(request, row, comparison_newest(row=row))

    def cancel_view(self, request: HttpRequest, request_id: UUID) -> HttpResponse:
        row = self.row_or_404(request, request_id)
        if not Powers(request, row).cancel:
            raise PermissionDenied
        if request.method != "POST":
            return self._asked(request, row, "cancel", _("Cancel"))
        if staff_cancel(actor=actor_of(request), row=row, now=timezone.now()):
            self.message_user(request, _("The request was canceled."))
        else:
            self.message_user(request, _("The request had ended already."), messages.WARNING)
        return HttpResponseRedirect(address("change", row.pk))

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return holds_somewhere(request.user, CANCEL)

    @admin.action(description=_("Cancel selected requests"), permissions=["cancel"])
    def cancel_selected(
        self, request: HttpRequest, queryset: QuerySet[SynthesisRequest]
    ) -> HttpResponse | None:
        rows = self._chosen(request, queryset, CANCEL)
        if rows is None or "confirmed" not in request.POST:
            return self._asked_of_many(request, rows, "cancel_selected", _("Cancel requests"))
        actor = actor_of(request)
        done = sum(staff_cancel(actor=actor, row=row, now=timezone.now()) for row in rows)
        told = ngettext("%(count)d request canceled.", "%(count)d requests canceled.", done)
        self.message_user(request, told % {"count": done})
        return None

    def row_or_404(self, request: HttpRequest, request_id: UUID) -> SynthesisRequest:
        """The request, when it is of a tenant of theirs. A foreign one is like one that never was."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = with_related(self.get_queryset(request)).filter(pk=request_id).first()
        if row is None:
            raise Http404
        return row

    def shared_context(self, request: HttpRequest, row: SynthesisRequest, title: Any) -> dict[str, Any]:
        """What every page about one request starts from."""
        request.current_app = self.admin_site.name
        shared = self.admin_site.each_context(request)
        return {
            **shared,
            "opts": self.opts,
            "title": title,
            "row": row,
            "change_url": address("change", row.pk),
        }

    def _repeated(self, request: HttpRequest, row: SynthesisRequest, powers: Powers, ask: Any) -> Any:
        """What `ask` makes of the request, None after telling why it was refused. Operators are not charged."""
        charged = not powers.everywhere(RERUN)
        try:
            return ask(row=row, actor=actor_of(request), charged=charged, now=timezone.now())
        except REFUSED as refusal:
            self.message_user(request, REFUSALS[refusal.code], messages.ERROR)
            return None

    def _compared(
        self, request: HttpRequest, row: SynthesisRequest, found: Comparison | None
    ) -> TemplateResponse:
        sides = []
        for compared in () if found is None else (found.primary, found.fallback):
            compared.tenant = row.tenant
            sides.append(live_context(request, compared, Powers(request, compared)))
        context = {
            **self.shared_context(request, row, _("Compare engines")),
            "sides": sides,
            "repeatable": live_context(request, row, Powers(request, row))["repeatable"],
            "refusal": REFUSALS["text_gone"],
            "action": address("compare", row.pk),
        }
        response = TemplateResponse(request, f"{FOLDER}/compare.html", context)
        response["Content-Security-Policy"] = blob_policy()
        return response

    def _asked(self, request: HttpRequest, row: SynthesisRequest, action: str, title: Any) -> HttpResponse:
        context = self.shared_context(request, row, title)
        context |= {"action": address(action, row.pk), "name": action}
        return TemplateResponse(request, f"{FOLDER}/confirm.html", context)

    def _chosen(
        self, request: HttpRequest, rows: QuerySet[SynthesisRequest], permission: str
    ) -> list[SynthesisRequest] | None:
        """The rows ticked; None when they are too many. Raises `PermissionDenied` for one that is only to be seen."""
        chosen = list(rows.select_related("tenant")[: MOST_AT_ONCE + 1])
        allowed = set(
            tenants_allowing(request.user, permission)
            .filter(pk__in={row.tenant_id for row in chosen})
            .values_list("pk", flat=True)
        )
        if any(row.tenant_id not in allowed for row in chosen):
            raise PermissionDenied
        return None if len(chosen) > MOST_AT_ONCE else chosen

    def _asked_of_many(
        self, request: HttpRequest, rows: list[SynthesisRequest] | None, action: str, title: Any
    ) -> HttpResponse | None:
        if rows is None:
            told = _("At most %(most)d requests at once: narrow the selection down.") % {"most": MOST_AT_ONCE}
            self.message_user(request, told, messages.ERROR)
            return None
        request.current_app = self.admin_site.name
        shared = self.admin_site.each_context(request)
        context = {**shared, "opts": self.opts, "title": title, "rows": rows, "name": action}
        return TemplateResponse(request, f"{FOLDER}/confirm_many.html", context)
