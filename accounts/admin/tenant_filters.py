"""Filters of the tenants' list."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.admin.filters import Choices
from accounts.models import Plan


class PlanFilter(admin.RelatedFieldListFilter):
    """The plans of the tenants that the person sees."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Choices:
        plans = Plan.objects.filter(tenants__in=model_admin.seen_tenants(request)).distinct().order_by("name")
        return [(str(pk), name) for pk, name in plans.values_list("pk", "name")]

    def has_output(self) -> bool:
        # Django drops a filter with few choices, and with it the parameter of a link that uses it.
        return True
