"""What the pages about usage show: everything of one range, in one scan of the rollup."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Tenant
from tts.usage.dimensions import Dimension
from tts.usage.ranges import UsageRange
from tts.usage.reports import Group, UsageRow, rows_by, total_of, usage_read
from tts.usage.sums import Sums

D = Dimension
DAYS: Group = (D.DAY, D.OUTCOME)
SPOKEN: Group = (D.VOICE, D.ENGINE, D.FALLBACK)


@dataclass(frozen=True, slots=True)
class UsageOverview:
    """Use of one tenant, or of all, on the days of a range: in all, by day and outcome, and by each other dimension."""

    range: UsageRange
    totals: Sums
    by_day: Sequence[UsageRow]
    by: dict[Dimension, Sequence[UsageRow]]


def usage_overview(*, tenant: Tenant | None, span: UsageRange) -> UsageOverview:
    """By key, voice, engine, fallback and outcome; for all of them by tenant too, and rows by key tell its tenant."""
    whose: Group = (D.TENANT, D.KEY) if tenant is None else (D.KEY,)
    # Each group is another round over all that was used, and these few tell the others.
    found = usage_read(tenant=tenant, span=span, groups=[DAYS, whose, SPOKEN])
    by: dict[Dimension, Sequence[UsageRow]] = {D.KEY: found[whose]}
    if tenant is None:
        by = {D.TENANT: rows_by(found[whose], (D.TENANT,)), **by}
    by |= {dimension: rows_by(found[SPOKEN], (dimension,)) for dimension in SPOKEN}
    by[D.OUTCOME] = rows_by(found[DAYS], (D.OUTCOME,))
    return UsageOverview(span, total_of(found), found[DAYS], by)
