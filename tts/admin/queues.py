"""django-rq's dashboard, for superusers only: it shows and starts, stops and deletes jobs."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern
from django_rq.admin import QueueAdmin
from django_rq.models import Dashboard

from accounts.admin.base import GuardedAdmin

View = Callable[..., HttpResponse]


@admin.register(Dashboard)
class QueuesAdmin(GuardedAdmin[Dashboard], QueueAdmin):
    """django-rq lets every member of staff in, and API tokens too. Here each of its views asks for a superuser."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_superuser

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> None:
        # The model is there for its permission only; no table holds rows of it.
        return None

    def get_urls(self) -> list[URLPattern]:
        return [
            URLPattern(url.pattern, self._superusers_only(url.callback), url.default_args, url.name)
            for url in super().get_urls()
        ]

    def _superusers_only(self, view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_module_permission(request):
                raise PermissionDenied
            try:
                return view(request, *args, **kwargs)
            except ImproperlyConfigured as problem:
                # Pages of rq-scheduler, which is not installed.
                raise Http404 from problem

        # Sends the anonymous to the login page before that.
        return self.admin_site.admin_view(guarded)
