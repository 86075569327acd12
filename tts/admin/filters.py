"""Filters of the history and usage lists. None of them reads the long tables to know its choices."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.filters import Choices, DayFilter
from tts.audio.formats import FORMATS
from tts.engines.chain import Fallback
from tts.selectors import engines_known


class FormatFilter(admin.SimpleListFilter):
    title = _("format")
    parameter_name = "format"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(name, name) for name in FORMATS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset if value is None else queryset.filter(audio_format=value)


class EngineFilter(admin.SimpleListFilter):
    title = _("engine")
    parameter_name = "engine_used"
    column: ClassVar[str] = "engine_used"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(name, name) for name in engines_known()]

    def has_output(self) -> bool:
        # As above: history may tell of engines whose voices are no longer on record.
        return True

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset if value is None else queryset.filter(**{self.column: value})


class UsageEngineFilter(EngineFilter):
    column = "engine"


class FallbackFilter(admin.SimpleListFilter):
    """Whether the fallback engine spoke, and why."""

    title = _("fallback")
    parameter_name = "fallback"
    ANY = "any"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        reasons = [(reason.value, reason.value) for reason in Fallback if reason is not Fallback.NONE]
        return [(Fallback.NONE.value, _("not used")), (self.ANY, _("used, for any reason")), *reasons]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if value is None:
            return queryset
        if value == self.ANY:
            return queryset.exclude(fallback__in=("", Fallback.NONE.value))
        return queryset.filter(fallback=value)


class UsageDayFilter(DayFilter):
    column = "at"
