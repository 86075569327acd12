"""What the admin classes of this project share."""

from typing import TYPE_CHECKING, Generic, TypeVar

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

M = TypeVar("M", bound=Model)

if TYPE_CHECKING:

    class TypedAdmin(admin.ModelAdmin[M]): ...

else:
    # Django's ModelAdmin takes no type parameters at run time; its stubs want them.
    class TypedAdmin(Generic[M], admin.ModelAdmin): ...


class RecordAdmin(TypedAdmin[M]):
    """Rows that services write and people only read: no add, change or delete, for superusers neither."""

    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """For actions that call a service: the model's own `change` permission, although rows cannot be edited."""
        return super().has_change_permission(request)
