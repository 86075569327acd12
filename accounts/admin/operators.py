"""Pages that show more than one tenant's affairs."""

from django.contrib.auth import get_permission_codename
from django.http import HttpRequest

from accounts.admin.base import GuardedAdmin, M
from accounts.roles import holds_everywhere


class OperatorsAdmin(GuardedAdmin[M]):
    """For those whose permission counts everywhere."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return super().has_module_permission(request) and any(self.get_model_perms(request).values())

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return super().has_view_permission(request, obj) and (
            self._everywhere(request, "view") or self._everywhere(request, "change")
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and self._everywhere(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return super().has_change_permission(request, obj) and self._everywhere(request, "change")

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return super().has_delete_permission(request, obj) and self._everywhere(request, "delete")

    def _everywhere(self, request: HttpRequest, action: str) -> bool:
        codename = get_permission_codename(action, self.opts)
        return holds_everywhere(request.user, f"{self.opts.app_label}.{codename}")
