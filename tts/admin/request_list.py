"""The list of requests: its filters in one form, its pages within reach of an index."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from accounts.admin.base import OfferedOrder
from accounts.admin.filters import DayFilter
from accounts.keys import public_id_of
from tts.admin.filters import keys_seen, uuid_or_none
from tts.models import SynthesisRequest


@dataclass(frozen=True, slots=True)
class FilterField:
    """A filter as a field of the form: a choice among `options`, or from one day to another."""

    label: str
    name: str
    value: str
    options: list[tuple[str, Any]]
    days: tuple[str, str] | None = None


class RequestList(OfferedOrder):
    """Leaves out what the list does not show: texts may be long."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        return super().get_queryset(request, exclude_parameters).defer("text", "error_detail")

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        # A form sends its empty fields as well.
        self.filter_params = {name: values for name, values in self.filter_params.items() if any(values)}
        found: dict[str, Any] = super().get_filters_params(params)
        return found

    def get_results(self, request: HttpRequest) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            # Postgres takes every disk for a spinning one, and then rather walks along the newest rows of everybody
            # than looks up those of one tenant, which may have none for weeks.
            cursor.execute("SET LOCAL random_page_cost = 1.1")
            super().get_results(request)
            # In two steps, as pages do it: a short list as well.
            page = self.paginator.page(self.page_num if self.multi_page else 1)
        self.result_list = page.object_list
        self.result_count = self.paginator.count

    def filter_fields(self) -> Iterator[FilterField]:
        """The filters for the form on the page."""
        for spec in self.filter_specs:
            if isinstance(spec, DayFilter):
                value = spec.first if spec.is_span else ""
                options = list(spec.lookup_choices)
                yield FilterField(str(spec.title), spec.parameter_name, value, options, spec.fields())
                continue
            name, value = _named_value(spec)
            # All of this list's have them; Django's base class does not say so.
            options = list(getattr(spec, "lookup_choices", ()))
            if value and value not in (option for option, _label in options):
                # By a link, or typed in: the form keeps what it does not list.
                options.append((value, value))
            yield FilterField(str(spec.title), name, value, options)

    def other_parameters(self) -> dict[str, str]:
        """What the form must carry along: a popup stays one."""
        kept = ("_popup", "_to_field")
        return {name: self.params[name] for name in kept if name in self.params}

    def usual_days(self) -> Iterator[tuple[str, str, bool]]:
        """Links to the usual spans of days: where to, what they say, whether it is the one shown."""
        for spec in self.filter_specs:
            if isinstance(spec, DayFilter):
                for value, label in spec.lookup_choices:
                    link = self.get_query_string({spec.parameter_name: value})
                    yield link, str(label), value == spec.first


def _named_value(spec: Any) -> tuple[str, str]:
    if isinstance(spec, admin.SimpleListFilter):
        return str(spec.parameter_name), spec.value() or ""
    value = spec.lookup_val
    return spec.lookup_kwarg, str(value[-1] if isinstance(value, list) else value or "")


def requests_search(
    request: HttpRequest, queryset: QuerySet[SynthesisRequest], term: str
) -> QuerySet[SynthesisRequest]:
    """The rows of `queryset` that `term` names: a request's id, an X-Request-ID, a key, a reference or its beginning.

    The first of these that names any is meant. Asked one after the other, since an OR of them would use no index.
    """
    term = term.strip()
    if not term:
        return queryset
    ids = Q(request_id=term)
    identifier = uuid_or_none(term)
    if identifier is not None:
        ids |= Q(pk=identifier)
    found = queryset.filter(ids)
    if found.exists():
        return found
    key = keys_seen(request).filter(public_id=public_id_of(term)).values_list("pk", flat=True).first()
    if key is not None:
        return queryset.filter(api_key=key)
    # As the condition of its index reads.
    tagged = queryset.exclude(reference="")
    exactly = tagged.filter(reference=term)
    return exactly if exactly.exists() else tagged.filter(reference__startswith=term)
