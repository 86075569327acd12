"""The admin site."""

from typing import NoReturn

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.http import Http404, HttpRequest
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _


class VoxgateAdminSite(admin.AdminSite):
    site_header = "Voxgate"
    site_title = "Voxgate"
    index_title = _("Operations")
    site_url = "/"

    def get_urls(self) -> list[URLPattern | URLResolver]:
        # No page of this admin uses them. "View on site" fails on models without a table, and both let people ask for
        # rows past the lists' own filters.
        closed = [path("r/<path:rest>", _not_found), path("autocomplete/", _not_found)]
        return [*closed, *super().get_urls()]


def _not_found(request: HttpRequest, rest: str = "") -> NoReturn:
    raise Http404


class VoxgateAdminConfig(AdminConfig):
    default_site = "voxgate.admin_site.VoxgateAdminSite"
