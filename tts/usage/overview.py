"""What the pages about usage show: everything of one range, in one scan of the rollup."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Tenant
from tts.usage.dimensions import Dimension
from tts.usage.ranges import UsageRange
from tts.usage.reports import UsageRow, total_of, usage_read
from tts.usage.sums import Sums

D = Dimension


@dataclass(frozen=True, slots=True)
class UsageOverview:
    """Use of one tenant, or of all, on the days of a range: in all, by day and outcome, and by each other dimension."""

    range: UsageRange
    totals: Sums
    by_day: Sequence[UsageRow]
    by: dict[Dimension, Sequence[UsageRow]]


def usage_overview(*, tenant: Tenant | None, span: UsageRange) -> UsageOverview:
    """By key for one tenant, by tenant for all of them; by voice, engine, fallback and outcome for both."""
    whose = D.TENANT if tenant is None else D.KEY
    dimensions = [whose, D.VOICE, D.ENGINE, D.FALLBACK, D.OUTCOME]
    days = (D.DAY, D.OUTCOME)
    found = usage_read(tenant=tenant, span=span, groups=[days, *((dimension,) for dimension in dimensions)])
    by: dict[Dimension, Sequence[UsageRow]] = {dimension: found[(dimension,)] for dimension in dimensions}
    return UsageOverview(span, total_of(found), found[days], by)
