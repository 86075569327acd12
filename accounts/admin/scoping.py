"""Whose rows a person sees in the admin, and may change.

Everything a page of Django's admin shows or acts on comes out of `get_queryset`: lists, pages, histories, popups and
the rows of actions. Choices of foreign keys come out of `get_form`.
"""

from typing import Any, ClassVar

from django.contrib.auth import get_permission_codename
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest

from accounts.admin.base import GuardedAdmin, M, RecordAdmin
from accounts.models import Tenant
from accounts.roles import holds_everywhere, holds_somewhere, tenants_allowing


class TenantScopedAdmin(GuardedAdmin[M]):
    """Shows rows of the tenants in which a person may view them, and changes those of tenants in which they may.

    Rows that belong to no tenant are for those whose permission counts everywhere.
    """

    tenant_path: ClassVar[str] = "tenant"
    """The lookup from a row to its tenant's id."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        rows: QuerySet[M] = super().get_queryset(request)
        return rows if self.sees_all(request) else self._of(rows, self.seen_tenants(request))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> M | None:
        # Who may see no row at all is told so, of every id alike.
        if not self.has_view_permission(request):
            raise PermissionDenied
        return super().get_object(request, object_id, from_field)

    def permission(self, action: str) -> str:
        """The name of Django's permission for `add`, `change`, `delete` or `view`."""
        return f"{self.opts.app_label}.{get_permission_codename(action, self.opts)}"

    def sees_all(self, request: HttpRequest) -> bool:
        """Whether this page shows rows of every tenant."""
        return any(holds_everywhere(request.user, name) for name in self._to_see)

    def seen_tenants(self, request: HttpRequest) -> QuerySet[Tenant]:
        """The tenants whose rows this page shows."""
        if self.sees_all(request):
            return Tenant.objects.all()
        view, change = self._to_see
        return tenants_allowing(request.user, view if request.user.has_perm(view) else change)

    def all_allowed(self, request: HttpRequest, rows: QuerySet[M], action: str) -> QuerySet[M]:
        """`rows`, for an action that changes them. Raises `PermissionDenied` when one of them is only to be seen."""
        permission = self.permission(action)
        if not holds_everywhere(request.user, permission):
            allowed = self._of(self.model._default_manager.all(), tenants_allowing(request.user, permission))
            if rows.exclude(pk__in=allowed.values("pk")).exists():
                raise PermissionDenied
        return rows

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        if not super().has_view_permission(request, obj):
            return False
        return obj is None or self.sees_all(request) or self._is_of(obj, self.seen_tenants(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and holds_somewhere(request.user, self.permission("add"))

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return super().has_change_permission(request, obj) and self._allows(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return super().has_delete_permission(request, obj) and self._allows(request, "delete", obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[M]) -> None:
        super().delete_queryset(request, self.all_allowed(request, queryset, "delete"))

    def get_form(
        self, request: HttpRequest, obj: M | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        permission = self.permission("change" if change else "add")
        for field in form.base_fields.values():
            if isinstance(field, ModelChoiceField) and getattr(field.queryset, "model", None) is Tenant:
                field.queryset = tenants_allowing(request.user, permission)
                # A row of no tenant would be everybody's.
                field.required = field.required or not holds_everywhere(request.user, permission)
        return form

    @property
    def _to_see(self) -> tuple[str, str]:
        """Either of them lets Django show a row."""
        return self.permission("view"), self.permission("change")

    def _allows(self, request: HttpRequest, action: str, row: M | None) -> bool:
        """Whether a person may do this with `row`; without one, with any at all."""
        permission = self.permission(action)
        if row is None or holds_everywhere(request.user, permission):
            return holds_somewhere(request.user, permission)
        return self._is_of(row, tenants_allowing(request.user, permission))

    def _is_of(self, row: M, tenants: QuerySet[Tenant]) -> bool:
        return self._of(self.model._default_manager.filter(pk=row.pk), tenants).exists()

    def _of(self, rows: QuerySet[Any], tenants: QuerySet[Tenant]) -> QuerySet[Any]:
        # Through ids, so that it fits columns that are no foreign keys too.
        return rows.filter(**{f"{self.tenant_path}__in": tenants.values("pk")})


class ScopedRecordAdmin(TenantScopedAdmin[M], RecordAdmin[M]):
    """Rows of tenants that services write and people only read."""

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return super().has_operate_permission(request) and self._allows(request, "change", None)
