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

Choices = list[tuple[str, Any]]


class TenantFilter(admin.RelatedFieldListFilter):
    """The first 100 tenants by name, of those whose rows the page shows; any other one by the link on its own page."""

    shown = 100

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Not every column that points at a tenant carries a name of its own.
        self.title = _("tenant")

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Choices:
        tenants = model_admin.seen_tenants(request).order_by("name").values_list("pk", "name")
        return [(str(pk), name) for pk, name in tenants[: self.shown]]

    def has_output(self) -> bool:
        # Django drops a filter with few choices, and with it the parameter of a link that uses it.
        return True


class DayFilter(admin.SimpleListFilter):
    """Days of this server's time zone: a few usual spans as links, any others by two date fields.

    The parameter is the name of a span, a day, or, given twice, the first and the last day, of which one may be empty.
    """

    title = _("day")
    parameter_name = "day"
    template = "admin/day_filter.html"
    column: ClassVar[str] = "created_at"
    SPANS = {"today": (0, 1), "yesterday": (1, 1), "week": (6, 7), "month": (29, 30)}
    """How many days ago it begins, and how many days it lasts."""

    def __init__(self, request: HttpRequest, params: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        days = [str(day) for day in params.get(self.parameter_name, ())]
        super().__init__(request, params, *args, **kwargs)
        # One field alone, or both of them; a third would be somebody's own invention.
        self.first, self.last = (days[0], days[0]) if len(days) == 1 else [*days, "", ""][:2]

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [
            ("today", _("Today")),
            ("yesterday", _("Yesterday")),
            ("week", _("Last 7 days")),
            ("month", _("Last 30 days")),
        ]

    def value(self) -> str | None:
        """What the links are compared with: the name of a span, or what no link has."""
        return (self.first if self.first == self.last else f"{self.first} {self.last}") or None

    @property
    def is_span(self) -> bool:
        return self.first in self.SPANS

    def fields(self) -> tuple[str, str]:
        """What the two date fields show."""
        return ("", "") if self.is_span else (self.first, self.last)

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        yield from super().choices(changelist)
        others = {
            name: value for name, value in changelist.filter_params.items() if name != self.parameter_name
        }
        first, last = self.fields()
        # For the template's date fields, which are no link.
        yield {
            "is_date_field": True,
            "name": self.parameter_name,
            "first": first,
            "last": last,
            "others": [(name, value) for name, values in others.items() for value in _as_list(values)],
        }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        first, after = self.span()
        if first is not None:
            queryset = queryset.filter(**{f"{self.column}__gte": _midnight(first)})
        if after is not None:
            queryset = queryset.filter(**{f"{self.column}__lt": _midnight(after)})
        return queryset

    def span(self) -> tuple[date | None, date | None]:
        """The first day and the one after the last, None where it is open. Raises `IncorrectLookupParameters`."""
        if self.is_span:
            ago, days = self.SPANS[self.first]
            first = timezone.localdate() - timedelta(days=ago)
            return first, first + timedelta(days=days)
        last = _day(self.last) if self.last else None
        return (_day(self.first) if self.first else None), last and last + timedelta(days=1)


def _day(text: str) -> date:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    # Days at the calendar's ends have no neighbour to count to.
    if day is None or not date(1900, 1, 1) <= day <= date(9000, 1, 1):
        raise IncorrectLookupParameters
    return day


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _as_list(values: object) -> list[str]:
    return [str(value) for value in values] if isinstance(values, list) else [str(values)]
