"""Pages that show more than one tenant's affairs."""

from django.http import HttpRequest

from accounts.admin.base import GuardedAdmin, M
from accounts.roles import is_operator


class OperatorsAdmin(GuardedAdmin[M]):
    """For those who see every tenant; Django's permissions hold as well."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return super().has_module_permission(request) and is_operator(request.user)

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return super().has_view_permission(request, obj) and is_operator(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and is_operator(request.user)

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return super().has_change_permission(request, obj) and is_operator(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return super().has_delete_permission(request, obj) and is_operator(request.user)
