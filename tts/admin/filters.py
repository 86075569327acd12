"""Filters of the history and usage lists. None of them reads the long tables to know its choices."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.filters import Choices, DayFilter
from accounts.keys import public_id_of
from accounts.models import ApiKey
from accounts.roles import holds_everywhere, tenants_allowing
from tts.audio.formats import FORMATS
from tts.engines.chain import Fallback
from tts.models import SynthesisRequest, Voice
from tts.selectors import engines_known

SEES_HISTORY = "tts.view_synthesisrequest"


class StatusFilter(admin.SimpleListFilter):
    title = _("status")
    parameter_name = "status__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return list(SynthesisRequest.Status.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset if value is None else queryset.filter(status=value)


class OriginFilter(admin.SimpleListFilter):
    title = _("origin")
    parameter_name = "origin"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return list(SynthesisRequest.Origin.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset if value is None else queryset.filter(origin=value)


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
        # History may tell of engines whose voices are no longer on record.
        return True

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset if value is None else queryset.filter(**{self.column: value})


class UsageEngineFilter(EngineFilter):
    column = "engine"


class VoiceFilter(admin.SimpleListFilter):
    """The first 100 voices on record by id; any other one by a link."""

    title = _("voice")
    parameter_name = "voice_used"
    shown = 100

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        ids = Voice.objects.order_by("pk").values_list("pk", flat=True)
        return [(voice_id, voice_id) for voice_id in ids[: self.shown]]

    def has_output(self) -> bool:
        # As above.
        return True

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset if value is None else queryset.filter(voice_used=value)


class KeyFilter(admin.SimpleListFilter):
    """An API key by its id or label: of the tenant that is chosen, else of a member's own, the newest are offered."""

    title = _("API key")
    parameter_name = "key"
    NONE = "none"
    shown = 50

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        rows = keys_seen(request).order_by("-created_at")
        tenant = uuid_or_none(request.GET.get("tenant__id__exact", ""))
        if tenant is not None:
            rows = rows.filter(tenant=tenant)
        elif holds_everywhere(request.user, SEES_HISTORY):
            rows = rows.none()
        offered = [(key.public_id, f"{key.name} · {key.label}") for key in rows[: self.shown]]
        return [(self.NONE, _("without a key")), *offered]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if value is None:
            return queryset
        if value == self.NONE:
            return queryset.filter(api_key=None)
        # The id itself, so that the planner knows which key it is.
        key_id = keys_seen(request).filter(public_id=public_id_of(value)).values_list("pk", flat=True).first()
        return queryset.none() if key_id is None else queryset.filter(api_key=key_id)


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
            # Named one by one: "none of these" is nothing that an index can look up.
            return queryset.filter(
                fallback__in=[reason.value for reason in Fallback if reason is not Fallback.NONE]
            )
        return queryset.filter(fallback=value)


class UsageDayFilter(DayFilter):
    column = "at"


def uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def keys_seen(request: HttpRequest) -> QuerySet[ApiKey]:
    """Keys of the tenants whose requests the person sees: each request tells the name of its own."""
    rows = ApiKey.all_tenants.all()
    if holds_everywhere(request.user, SEES_HISTORY):
        return rows
    return rows.filter(tenant__in=tenants_allowing(request.user, SEES_HISTORY).values("pk"))
