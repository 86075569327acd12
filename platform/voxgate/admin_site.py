"""The admin site."""

import logging
from math import ceil
from typing import Any, NoReturn

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from redis.exceptions import RedisError

from accounts.addresses import client_address
from voxgate.admin_home import home_context, live_view
from voxgate.admin_sections import AppDict, sections
from voxgate.login_throttle import LoginAttempt, login_attempt, login_succeeded

logger = logging.getLogger(__name__)


class VoxgateAdminSite(admin.AdminSite):
    site_header = "Voxgate"
    site_title = "Voxgate"
    index_title = _("Operations")
    site_url = "/"

    def get_urls(self) -> list[URLPattern | URLResolver]:
        # No page of this admin uses them. "View on site" fails on models without a table, and both let people ask for
        # rows past the lists' own filters.
        closed = [path("r/<path:rest>", _not_found), path("autocomplete/", _not_found)]
        live = path("desk/live/", self.admin_view(live_view), name="desk_live")
        return [*closed, live, *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super().index(request, home_context(request) | (extra_context or {}))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[AppDict]:
        """The pages by what people come for; those of one application for its own page."""
        if app_label:
            return super().get_app_list(request, app_label)
        # Django's home asks twice, and what a member may do costs queries.
        found: list[AppDict] | None = getattr(request, "_sections", None)
        if found is None:
            found = sections(super().get_app_list(request))
            request._sections = found  # type: ignore[attr-defined]  # kept for the rest of this request
        return found

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.method != "POST":
            return super().login(request, extra_context)
        attempt = _attempt(request)
        if attempt is not None and attempt.refused:
            return self._throttled(request, attempt)
        response = super().login(request, extra_context)
        # One that fails shows the form again.
        if attempt is not None and response.status_code == 302:
            _forget(attempt)
        return response

    def _throttled(self, request: HttpRequest, attempt: LoginAttempt) -> HttpResponse:
        logger.warning("too many failed logins from %s", client_address(request))
        context = self.each_context(request) | {"minutes": ceil(attempt.wait_seconds / 60)}
        return TemplateResponse(
            request,
            "admin/login_throttled.html",
            context,
            status=429,
            headers={"Retry-After": str(attempt.wait_seconds)},
        )


def _attempt(request: HttpRequest) -> LoginAttempt | None:
    """None while Redis is away: that is when operators need the admin most, and passwords are still asked for."""
    try:
        return login_attempt(address=client_address(request), username=request.POST.get("username", ""))
    except RedisError as problem:
        logger.error("logins are not counted: %s", type(problem).__name__)
        return None


def _forget(attempt: LoginAttempt) -> None:
    try:
        login_succeeded(attempt)
    except RedisError as problem:
        logger.error("failed logins not forgotten: %s", type(problem).__name__)


def _not_found(request: HttpRequest, rest: str = "") -> NoReturn:
    raise Http404
