"""What the page about usage of all tenants has of each of them: those that used most, and how their months stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.safestring import SafeString

from accounts.admin.amounts import usage_bar
from accounts.models import Tenant
from tts.admin.usage_report_parts import Line, line
from tts.usage.dimensions import Dimension
from tts.usage.months import MonthsStanding, MonthStanding
from tts.usage.overview import UsageOverview
from tts.usage.reports import UsageRow

TOP_TENANTS = 20


@dataclass(frozen=True, slots=True)
class TopTenant:
    """A tenant that is among those that used most, how its month stands, and characters at that month's end."""

    tenant: Tenant
    line: Line
    month: SafeString
    projected: int


def top_rows(overview: UsageOverview) -> Sequence[UsageRow]:
    """Those that used most, the most first."""
    return overview.by[Dimension.TENANT][:TOP_TENANTS]


def top_tenants(
    overview: UsageOverview, months: MonthsStanding, tenants: Mapping[UUID, Tenant]
) -> list[TopTenant]:
    """The same with their names and months."""
    found = []
    for row in top_rows(overview):
        tenant = tenants[UUID(str(row.values[Dimension.TENANT]))]
        month = months.by_tenant[tenant.pk]
        told = line(tenant.name, row.sums, overview.totals)
        found.append(TopTenant(tenant, told, month_bar(month), month.projected))
    return found


def month_bar(month: MonthStanding | MonthsStanding) -> SafeString:
    """Used, reserved and allowed as a bar with its figures."""
    return usage_bar(month.used, month.reserved, month.limit)
