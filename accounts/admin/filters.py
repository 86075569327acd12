"""Filters that lists of several apps share. None of them reads a long table to know its choices."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from accounts.roles import visible_tenants

Choices = list[tuple[str, Any]]


class TenantFilter(admin.RelatedFieldListFilter):
    """The first 100 tenants by name, of those the person sees; any other one by the link on its own page."""

    shown = 100

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Not every column that points at a tenant carries a name of its own.
        self.title = _("tenant")

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Choices:
        tenants = visible_tenants(request.user).order_by("name").values_list("pk", "name")
        return [(str(pk), name) for pk, name in tenants[: self.shown]]

    def has_output(self) -> bool:
        # Django drops a filter with few choices, and with it the parameter of a link that uses it.
        return True


class DayFilter(admin.SimpleListFilter):
    """A day of this server's time zone: a few usual ones as links, any other one by a date field."""

    title = _("day")
    parameter_name = "day"
    template = "admin/day_filter.html"
    column: ClassVar[str] = "created_at"
    SPANS = {"today": (0, 1), "yesterday": (1, 1), "week": (6, 7), "month": (29, 30)}
    """How many days ago it begins, and how many days it lasts."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [
            ("today", _("Today")),
            ("yesterday", _("Yesterday")),
            ("week", _("Last 7 days")),
            ("month", _("Last 30 days")),
        ]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        yield from super().choices(changelist)
        others = {
            name: value for name, value in changelist.filter_params.items() if name != self.parameter_name
        }
        day = self.value()
        # For the template's date field, which is no link.
        yield {
            "is_date_field": True,
            "name": self.parameter_name,
            "value": "" if day in self.SPANS else day,
            "others": [(name, value) for name, values in others.items() for value in _as_list(values)],
        }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if not value:
            return queryset
        first, days = self.span(value)
        return queryset.filter(
            **{
                f"{self.column}__gte": _midnight(first),
                f"{self.column}__lt": _midnight(first + timedelta(days=days)),
            }
        )

    def span(self, value: str) -> tuple[date, int]:
        """The first day that `value` names, and how many. Raises `IncorrectLookupParameters`."""
        if value in self.SPANS:
            ago, days = self.SPANS[value]
            return timezone.localdate() - timedelta(days=ago), days
        try:
            day = parse_date(value)
        except ValueError:
            day = None
        # Days at the calendar's ends have no neighbour to count to.
        if day is None or not date(1900, 1, 1) <= day <= date(9000, 1, 1):
            raise IncorrectLookupParameters
        return day, 1


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _as_list(values: object) -> list[str]:
    return [str(value) for value in values] if isinstance(values, list) else [str(values)]
