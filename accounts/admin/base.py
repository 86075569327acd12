"""What the admin classes of this project share."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern

M = TypeVar("M", bound=Model)

if TYPE_CHECKING:

    class TypedAdmin(admin.ModelAdmin[M]): ...

else:
    # Django's ModelAdmin takes no type parameters at run time; its stubs want them.
    class TypedAdmin(Generic[M], admin.ModelAdmin): ...


class OfferedOrder(ChangeList):
    """Sorts by the columns that carry a link for it. Django takes every column's number from a URL, and sorting a
    million rows by one without an index takes seconds.
    """

    def get_ordering_field(self, field_name: Any) -> Any:
        return super().get_ordering_field(field_name) if field_name in (self.sortable_by or ()) else None


class GuardedAdmin(TypedAdmin[M]):
    """Answers only what its own pages ask: any other filter in a URL, and every NUL, is a bad request (400)."""

    lookups: ClassVar[frozenset[str]] = frozenset()
    """Query parameters that the filters of `list_filter` take, each in full, such as `status__exact`."""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        # Django lets a URL filter by every column, and through relations: comparisons would tell a password's digest
        # bit by bit to whoever may open the list.
        return lookup in self.lookups

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return OfferedOrder

    def get_urls(self) -> list[URLPattern]:
        # What django-rq inherits from here declares no types.
        inherited: Callable[[], list[URLPattern]] = super().get_urls
        return [
            URLPattern(url.pattern, _without_nul(url.callback), url.default_args, url.name)
            for url in inherited()
        ]

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[M], *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        for selected in request.POST.getlist(ACTION_CHECKBOX_NAME):
            try:
                self.opts.pk.to_python(selected)
            except ValidationError as error:
                raise BadRequest from error
        return super().response_action(request, queryset, *args, **kwargs)


def _without_nul(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Refuses what Postgres would refuse with an error: no text in it can hold a NUL."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        texts = [request.path_info]
        for query in (request.GET, request.POST):
            for name, values in query.lists():
                texts += [name, *map(str, values)]
        if any("\0" in text for text in texts):
            raise BadRequest
        return view(request, *args, **kwargs)

    return guarded


class RecordAdmin(GuardedAdmin[M]):
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
