"""Months of tenants and keys: what was used of them, and which thresholds were passed when."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.amounts import amount, usage_bar
from accounts.admin.filters import Choices, DayFilter, TenantFilter
from accounts.admin.formatting import EMPTY, moment
from accounts.admin.scoping import ScopedRecordAdmin
from accounts.models import QuotaThreshold, UsagePeriod


class WhoseFilter(admin.SimpleListFilter):
    """Each key has periods too, so without this the tenants' own are hard to find."""

    title = _("whose")
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: object) -> Choices:
        return [("tenant", _("the tenant's")), ("key", _("its keys'"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[UsagePeriod]) -> QuerySet[UsagePeriod]:
        value = self.value()
        return queryset if value is None else queryset.filter(api_key__isnull=value == "tenant")


class CurrentFilter(admin.SimpleListFilter):
    title = _("time")
    parameter_name = "time"

    def lookups(self, request: HttpRequest, model_admin: object) -> Choices:
        return [("now", _("Now")), ("past", _("Past"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[UsagePeriod]) -> QuerySet[UsagePeriod]:
        now = timezone.now()
        match self.value():
            case "now":
                return queryset.filter(starts_at__lte=now, ends_at__gt=now)
            case "past":
                return queryset.filter(ends_at__lte=now)
        return queryset


@admin.register(UsagePeriod)
class PeriodAdmin(ScopedRecordAdmin[UsagePeriod]):
    """Read-only: these figures are what requests are refused by."""

    list_display = ("tenant", "key_name", "begins", "ends", "bar", "requests")
    list_filter = (WhoseFilter, CurrentFilter, ("tenant", TenantFilter))
    lookups = frozenset({"whose", "time", "tenant__id__exact"})
    list_select_related = ("tenant", "api_key")
    list_per_page = 50
    fields = (
        "tenant",
        "key_name",
        "begins",
        "ends",
        "bar",
        "used_characters",
        "reserved_characters",
        "limit_shown",
        "requests",
    )

    @admin.display(description=_("API key"))
    def key_name(self, period: UsagePeriod) -> str:
        return EMPTY if period.api_key is None else period.api_key.name

    @admin.display(description=_("from"), ordering="starts_at")
    def begins(self, period: UsagePeriod) -> SafeString | str:
        return moment(period.starts_at)

    @admin.display(description=_("to"), ordering="ends_at")
    def ends(self, period: UsagePeriod) -> SafeString | str:
        return moment(period.ends_at)

    @admin.display(description=_("characters"))
    def bar(self, period: UsagePeriod) -> SafeString:
        return usage_bar(period.used_characters, period.reserved_characters, period.characters_limit)

    @admin.display(description=_("characters allowed"))
    def limit_shown(self, period: UsagePeriod) -> str:
        return amount(period.characters_limit)


class ThresholdDayFilter(DayFilter):
    column = "at"


@admin.register(QuotaThreshold)
class ThresholdAdmin(ScopedRecordAdmin[QuotaThreshold]):
    """Read-only: each share of a period is passed once."""

    list_display = ("time", "tenant", "key_name", "share", "bar", "begins")
    list_filter = ("percent", ThresholdDayFilter, ("tenant", TenantFilter))
    lookups = frozenset({"percent", "day", "tenant__id__exact"})
    list_select_related = ("tenant", "period__api_key")
    list_per_page = 50
    fields = ("time", "tenant", "key_name", "share", "bar", "begins")

    @admin.display(description=_("at"), ordering="at")
    def time(self, row: QuotaThreshold) -> SafeString | str:
        return moment(row.at)

    @admin.display(description=_("API key"))
    def key_name(self, row: QuotaThreshold) -> str:
        return EMPTY if row.period.api_key is None else row.period.api_key.name

    @admin.display(description=_("share"), ordering="percent")
    def share(self, row: QuotaThreshold) -> str:
        return f"{row.percent} %"

    @admin.display(description=_("characters"))
    def bar(self, row: QuotaThreshold) -> SafeString:
        return usage_bar(row.used_characters, 0, row.characters_limit)

    @admin.display(description=_("period from"))
    def begins(self, row: QuotaThreshold) -> SafeString | str:
        return moment(row.period.starts_at)
