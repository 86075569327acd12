"""Whose rows a person sees in the admin, and may change.

Everything a page of Django's admin shows or acts on comes out of `get_queryset`: lists, pages, histories, popups and
the rows of actions. Choices of foreign keys come out of `formfield_for_foreignkey`.
"""

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import ForeignKey, Model, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest

from accounts.admin.base import GuardedAdmin, M, RecordAdmin
from accounts.models import Tenant
from accounts.roles import Role, is_operator, visible_tenants

__all__ = ["Role", "ScopedRecordAdmin", "TenantScopedAdmin", "is_operator", "visible_tenants"]


WRITES_ANYWHERE = "voxgate.writes_anywhere"
"""Where an HTTP request remembers in which roles its person may write at all."""


class TenantScopedAdmin(GuardedAdmin[M]):
    """Shows rows of the tenants that a person is a member of; to operators, all.

    Django's permissions hold as well. Rows that belong to no tenant are for operators.
    """

    tenant_path: ClassVar[str] = "tenant"
    """The lookup from a row to its tenant's id."""

    writer: ClassVar[Role | None] = None
    """The role in its tenant that lets a person change a row, or add and delete one; None for operators only."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        rows: QuerySet[M] = super().get_queryset(request)
        return rows if is_operator(request.user) else self._of(rows, visible_tenants(request.user))

    def writable_tenants(self, request: HttpRequest) -> QuerySet[Tenant]:
        """The tenants whose rows this person may change."""
        if is_operator(request.user):
            return Tenant.objects.all()
        return Tenant.objects.none() if self.writer is None else visible_tenants(request.user, self.writer)

    def may_write(self, request: HttpRequest, row: Model | None = None) -> bool:
        """Whether this person's role lets them change `row`; without one, anything at all."""
        if is_operator(request.user):
            return True
        tenants = self.writable_tenants(request)
        if row is None:
            # The list of models beside every page asks it of each of them.
            known: dict[Role | None, bool] = request.META.setdefault(WRITES_ANYWHERE, {})
            if self.writer not in known:
                known[self.writer] = tenants.exists()
            return known[self.writer]
        return self._of(self.model._default_manager.filter(pk=row.pk), tenants).exists()

    def all_writable(self, request: HttpRequest, rows: QuerySet[M]) -> QuerySet[M]:
        """`rows`, for an action that changes them. Raises `PermissionDenied` when one of them is only to be seen."""
        if not is_operator(request.user):
            writable = self._of(self.model._default_manager.all(), self.writable_tenants(request))
            if rows.exclude(pk__in=writable.values("pk")).exists():
                raise PermissionDenied
        return rows

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return super().has_view_permission(request, obj) and (obj is None or self._sees(request, obj))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and self.may_write(request)

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return super().has_change_permission(request, obj) and self.may_write(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return super().has_delete_permission(request, obj) and self.may_write(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[M]) -> None:
        super().delete_queryset(request, self.all_writable(request, queryset))

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> "ModelChoiceField[Any] | None":
        if db_field.remote_field.model is Tenant:
            kwargs["queryset"] = self.writable_tenants(request)
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and db_field.remote_field.model is Tenant and not is_operator(request.user):
            # An empty one would be everybody's.
            field.required = True
        return field

    def _sees(self, request: HttpRequest, row: M) -> bool:
        if is_operator(request.user):
            return True
        own = self.model._default_manager.filter(pk=row.pk)
        return self._of(own, visible_tenants(request.user)).exists()

    def _of(self, rows: QuerySet[Any], tenants: QuerySet[Tenant]) -> QuerySet[Any]:
        # Through ids, so that it fits columns that are no foreign keys too.
        return rows.filter(**{f"{self.tenant_path}__in": tenants.values("pk")})


class ScopedRecordAdmin(TenantScopedAdmin[M], RecordAdmin[M]):
    """Rows of tenants that services write and people only read."""

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return super().has_operate_permission(request) and self.may_write(request)
