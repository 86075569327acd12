"""Housekeeping: what ran, what it did, what comes next, and a button for those who do not want to wait."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import RecordAdmin
from accounts.admin.filters import DayFilter
from accounts.admin.formatting import EMPTY, moment, seconds
from accounts.admin.marks import Tone, mark
from accounts.admin.operators import OperatorsAdmin
from accounts.roles import holds_everywhere
from tts.admin.maintenance_words import removed, what_it_did
from tts.models import MaintenanceRun, MaintenanceTask
from tts.services.housekeeping import TASKS, housekeeping_start

STATES = {
    None: (_("at work"), Tone.BUSY),
    True: (_("succeeded"), Tone.GOOD),
    False: (_("failed"), Tone.BAD),
}
TASK_LABELS = {
    "retention": _("Delete what is past its days"),
    "orphans": _("Look for files of nobody"),
    "usage-check": _("Recompute usage"),
    "exports": _("Delete expired exports"),
    "service-figures": _("Thin out the platform's figures"),
}


class RunDayFilter(DayFilter):
    column = "started_at"


@admin.register(MaintenanceRun)
class MaintenanceAdmin(RecordAdmin[MaintenanceRun], OperatorsAdmin[MaintenanceRun]):
    """Read-only. What a run does with one tenant's requests is on its page, so it is for operators."""

    list_display = ("started", "kind_name", "state", "took", "did", "problem")
    list_filter = ("kind", "succeeded", RunDayFilter)
    lookups = frozenset({"kind__exact", "succeeded__exact", "succeeded__isnull", "day"})
    list_per_page = 50
    sortable_by = ()
    fields = ("kind_name", "state", "problem", "started", "finished", "took", "did", "by_tenant")

    def get_urls(self) -> list[URLPattern]:
        start = self.admin_site.admin_view(self.start_view)
        return [path("start/", start, name="tts_maintenancerun_start"), *super().get_urls()]

    def may_start(self, request: HttpRequest) -> bool:
        """To add a run, as Django's permission calls it, is to start one."""
        return holds_everywhere(request.user, "tts.add_maintenancerun")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"schedule": _schedule(), "may_start": self.may_start(request)}
        return super().changelist_view(request, {**(extra_context or {}), **context})

    def start_view(self, request: HttpRequest) -> HttpResponse:
        """Queue the task that the form names."""
        if not (self.has_view_permission(request) and self.may_start(request)):
            raise PermissionDenied
        if request.method == "POST":
            task = next((task for task in TASKS if task.name == request.POST.get("task")), None)
            if task is not None and housekeeping_start(task=task):
                told = _(
                    "The housekeeping worker does it next. Its run appears below, if there was anything to do."
                )
                self.message_user(request, told)
            else:
                told = _("It was not started: it waits or runs already, or Redis is away.")
                self.message_user(request, told, messages.WARNING)
        return HttpResponseRedirect(reverse(f"{self.admin_site.name}:tts_maintenancerun_changelist"))

    @admin.display(description=_("started"))
    def started(self, run: MaintenanceRun) -> SafeString | str:
        return moment(run.started_at)

    @admin.display(description=_("finished"))
    def finished(self, run: MaintenanceRun) -> SafeString | str:
        return moment(run.finished_at)

    @admin.display(description=_("kind"))
    def kind_name(self, run: MaintenanceRun) -> str:
        return str(run.get_kind_display())

    @admin.display(description=_("state"))
    def state(self, run: MaintenanceRun) -> SafeString:
        return mark(*STATES[run.succeeded])

    @admin.display(description=_("took"))
    def took(self, run: MaintenanceRun) -> SafeString | str:
        return seconds(
            None if run.finished_at is None else (run.finished_at - run.started_at).total_seconds()
        )

    @admin.display(description=_("what it did"))
    def did(self, run: MaintenanceRun) -> str:
        return what_it_did(run) or EMPTY

    @admin.display(description=_("by tenant"))
    def by_tenant(self, run: MaintenanceRun) -> SafeString | str:
        tenants = run.data.get("tenants")
        if not isinstance(tenants, dict) or not tenants:
            return EMPTY
        rows = format_html_join(
            "",
            '<tr><th scope="row">{}</th><td>{}</td></tr>',
            ((slug, "; ".join(removed(of_tenant))) for slug, of_tenant in tenants.items()),
        )
        return format_html('<table class="by-tenant">{}</table>', rows)


def _schedule() -> list[dict[str, Any]]:
    """Each task with its label, when it was last due, and when it is next."""
    now = timezone.now()
    started = dict(MaintenanceTask.objects.values_list("name", "started_for"))
    return [
        {
            "name": task.name,
            "label": TASK_LABELS[task.name],
            "last": moment(started.get(task.name)),
            "next": moment(task.next_after(now)),
        }
        for task in TASKS
    ]
