"""Shadow mode: what limits that only observe would have refused."""

from typing import Any

from django.contrib import admin
from django.db.models import IntegerField
from django.db.models.expressions import RawSQL
from django.db.models.query import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.filters import DayFilter, TenantFilter
from accounts.admin.formatting import EMPTY, moment
from accounts.admin.scoping import ScopedRecordAdmin
from accounts.models import ShadowRefusal

MOST_COUNTED = 10_000

_THAT_DAY = """
SELECT count(*) FROM (
    SELECT 1 FROM tts_synthesisrequest request
    WHERE request.tenant_id = accounts_shadowrefusal.tenant_id
      AND request.created_at >= accounts_shadowrefusal.day::timestamp AT TIME ZONE 'UTC'
      AND request.created_at < (accounts_shadowrefusal.day + 1)::timestamp AT TIME ZONE 'UTC'
    LIMIT %s
) counted
"""


class ShadowDayFilter(DayFilter):
    """These days are dates already."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        first, after = self.span()
        rows = queryset if first is None else queryset.filter(day__gte=first)
        return rows if after is None else rows.filter(day__lt=after)


@admin.register(ShadowRefusal)
class ShadowAdmin(ScopedRecordAdmin[ShadowRefusal]):
    """Read-only. It is here rather than with the other pages of accounts because the share needs the requests."""

    list_display = ("day", "tenant", "limit", "requests", "share", "characters", "last")
    list_filter = (ShadowDayFilter, "limit", ("tenant", TenantFilter))
    lookups = frozenset({"day", "limit__exact", "tenant__id__exact"})
    list_select_related = ("tenant",)
    list_per_page = 50
    fields = ("day", "tenant", "limit", "requests", "share", "characters", "last")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShadowRefusal]:
        that_day = RawSQL(_THAT_DAY, (MOST_COUNTED,), output_field=IntegerField())  # noqa: S611 - no input in it
        return super().get_queryset(request).annotate(requests_that_day=that_day)

    @admin.display(description=_("share of that day's requests"))
    def share(self, row: ShadowRefusal) -> str:
        # The annotation of `get_queryset`.
        total: int = getattr(row, "requests_that_day", 0)
        if not total:
            return EMPTY
        share = f"{min(1.0, row.requests / total):.1%}"
        return f"≤ {share}" if total >= MOST_COUNTED else share

    @admin.display(description=_("last"), ordering="last_at")
    def last(self, row: ShadowRefusal) -> SafeString | str:
        return moment(row.last_at)
