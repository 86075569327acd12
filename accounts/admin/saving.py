"""Admin forms that save through services."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts.admin.base import GuardedAdmin, M


class ServiceSavedAdmin(GuardedAdmin[M]):
    """Tells what a service refuses although the form found nothing wrong: somebody else was faster.

    Subclasses save in `save_model`, `save_formset`, `delete_model` and `delete_queryset`. Each page's POST is one
    transaction, so nothing of a refused one is kept.
    """

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except ValidationError as problem:
            return self._refused(request, problem)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except ValidationError as problem:
            return self._refused(request, problem)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().changelist_view(request, extra_context)
        except ValidationError as problem:
            return self._refused(request, problem)

    def _refused(self, request: HttpRequest, problem: ValidationError) -> HttpResponse:
        self.message_user(request, " ".join(problem.messages), messages.ERROR)
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_changelist"
        return HttpResponseRedirect(reverse(name))


def become(obj: Model, created: Model) -> None:
    """Let the object of a form be the row that a service made for it."""
    obj.pk = created.pk
    obj.refresh_from_db()
