"""The admin as an application; its site is imported once there are models."""

from django.contrib.admin.apps import AdminConfig


class VoxgateAdminConfig(AdminConfig):
    default_site = "voxgate.admin_site.VoxgateAdminSite"
