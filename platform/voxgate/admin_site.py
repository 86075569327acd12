"""The admin site."""

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class VoxgateAdminSite(admin.AdminSite):
    site_header = "Voxgate"
    site_title = "Voxgate"
    index_title = _("Operations")
    site_url = "/"


class VoxgateAdminConfig(AdminConfig):
    default_site = "voxgate.admin_site.VoxgateAdminSite"
