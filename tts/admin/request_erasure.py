"""Deleting texts and audio of requests, of those that repeat them as well: they hold the same text."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.actors import Actor
from accounts.admin.actors import actor_of
from accounts.roles import holds_somewhere
from tts.admin.request_actions import RequestActions, RequestView
from tts.admin.request_page import FOLDER, address
from tts.admin.request_powers import ERASE, Powers
from tts.models import SynthesisRequest
from tts.services.erasure import AudioNotRemoved, repetitions_erase, repetitions_kept, request_erase

REPETITIONS = "repetitions"
"""The box of the forms; ticked where it is shown first."""
SHOWN = 10
"""Repetitions that a form names; it tells the number of all."""


class RequestErasure(RequestActions):
    """The button of a request's page and the action of the list."""

    actions = (*RequestActions.actions, "erase_selected")

    def request_views(self) -> dict[str, RequestView]:
        return super().request_views() | {"erase": self.erase_view}

    def has_erase_permission(self, request: HttpRequest) -> bool:
        return holds_somewhere(request.user, ERASE)

    def erase_view(self, request: HttpRequest, request_id: UUID) -> HttpResponse:
        row = self.row_or_404(request, request_id)
        if not Powers(request, row).erase:
            raise PermissionDenied
        if request.method != "POST":
            context = self.shared_context(request, row, _("Delete text and audio"))
            context |= {"action": address("erase", row.pk), "name": "erase"}
            context |= {**_repetitions_of([row]), "repeats_kept": _repeats_kept(row)}
            return TemplateResponse(request, f"{FOLDER}/confirm.html", context)
        try:
            done = _erase(row, actor_of(request), repetitions=REPETITIONS in request.POST)
        except AudioNotRemoved:
            self.message_user(request, _("Storage refused to delete the audio; try again."), messages.ERROR)
        else:
            self.message_user(request, _told(done) if done else _("There was nothing left to delete."))
        return HttpResponseRedirect(address("change", row.pk))

    @admin.action(description=_("Delete text and audio of selected requests"), permissions=["erase"])
    def erase_selected(
        self, request: HttpRequest, queryset: QuerySet[SynthesisRequest]
    ) -> HttpResponse | None:
        rows = self._chosen(request, queryset, ERASE)
        if rows is None or "confirmed" not in request.POST:
            answer = self._asked_of_many(request, rows, "erase_selected", _("Delete text and audio"))
            if rows is not None and isinstance(answer, TemplateResponse):
                answer.context_data = {**(answer.context_data or {}), **_repetitions_of(rows)}
            return answer
        actor, repetitions, done, refused = actor_of(request), REPETITIONS in request.POST, 0, 0
        for row in rows:
            try:
                done += _erase(row, actor, repetitions=repetitions)
            except AudioNotRemoved:
                refused += 1
        self.message_user(request, _told(done))
        if refused:
            failed = ngettext(
                "Storage refused to delete the audio of %(count)d request; try again.",
                "Storage refused to delete the audio of %(count)d requests; try again.",
                refused,
            )
            self.message_user(request, failed % {"count": refused}, messages.ERROR)
        return None


def _erase(row: SynthesisRequest, actor: Actor, *, repetitions: bool) -> int:
    """How many requests had text or audio. Raises `AudioNotRemoved`."""
    now = timezone.now()
    done = int(request_erase(row=row, now=now, actor=actor))
    return done + repetitions_erase(row=row, now=now, actor=actor) if repetitions else done


def _told(done: int) -> str:
    told = ngettext(
        "Text and audio of %(count)d request deleted.", "Text and audio of %(count)d requests deleted.", done
    )
    return told % {"count": done}


def _repetitions_of(rows: list[SynthesisRequest]) -> dict[str, Any]:
    """What the forms say of requests that repeat `rows` and are none of them."""
    chosen = {row.pk for row in rows}
    kept = [found for found in repetitions_kept(rows=rows) if found.pk not in chosen]
    return {"repetitions": kept[:SHOWN], "repetition_count": len(kept)}


def _repeats_kept(row: SynthesisRequest) -> bool:
    """Whether the request that `row` repeats has its text or audio still."""
    return row.repeats is not None and bool(row.repeats.text or row.repeats.audio)
