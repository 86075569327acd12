"""Figures of usage as the page shows them: tables and charts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import cast
from uuid import UUID

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiKey, Tenant
from tts.desk.charts import OUTCOME_TONES, Chart, series
from tts.models import SynthesisRequest
from tts.usage.dimensions import Dimension
from tts.usage.overview import UsageOverview
from tts.usage.references import References
from tts.usage.reports import UsageRow
from tts.usage.sums import Sums

MOST_ROWS = 50
Label = str | Promise | SafeString
NOTHING_SPOKEN = _("nothing was spoken")
TITLES: dict[Dimension, str | Promise] = {
    Dimension.KEY: _("By key"),
    Dimension.VOICE: _("By voice"),
    Dimension.ENGINE: _("By engine"),
    Dimension.FALLBACK: _("By fallback"),
    Dimension.OUTCOME: _("By outcome"),
    Dimension.DAY: _("By day"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table: what used, how much, and its share of all characters in percent."""

    label: Label
    sums: Sums
    share: float | None
    audio: SafeString


@dataclass(frozen=True, slots=True)
class Table:
    """`note` tells what the table leaves out; `total` is the sum of its lines, where it has one."""

    key: str
    title: str | Promise
    lines: Sequence[Line]
    note: str | Promise = ""
    total: Line | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """What ids in rows are called. `tenants` are told with keys and references, and empty on the page of one tenant."""

    keys: Mapping[UUID, ApiKey]
    tenants: Mapping[UUID, Tenant]

    def of_tenant(self, tenant: object, label: Label) -> Label:
        """`label` with the tenant whose it is: two may call something by the same name."""
        owner = self.tenants.get(tenant) if isinstance(tenant, UUID) else None
        return label if owner is None else format_html("{} · {}", owner.name, label)


def duration(seconds: Decimal) -> SafeString:
    """Hours, minutes and seconds; on hover the seconds to the millisecond."""
    whole = round(seconds)
    text = f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"
    return format_html('<span class="numbers" title="{} s">{}</span>', f"{seconds:.3f}", text)


def line(label: Label, sums: Sums, totals: Sums) -> Line:
    share = round(100 * sums.characters / totals.characters, 1) if totals.characters else None
    return Line(label, sums, share, duration(sums.audio_seconds))


def tables(overview: UsageOverview, names: Names) -> list[Table]:
    """One for each dimension but the tenants."""
    return [
        _table(dimension, rows, overview.totals, names)
        for dimension, rows in overview.by.items()
        if dimension is not Dimension.TENANT
    ]


def _table(dimension: Dimension, rows: Sequence[UsageRow], totals: Sums, names: Names) -> Table:
    lines = [line(_label(dimension, row, names), row.sums, totals) for row in rows[:MOST_ROWS]]
    note = _("The fifty that used most are shown.") if len(rows) > MOST_ROWS else ""
    return Table(dimension.value, TITLES[dimension], lines, note)


def _label(dimension: Dimension, row: UsageRow, names: Names) -> Label:
    value = row.values[dimension]
    match dimension:
        case Dimension.KEY:
            return names.of_tenant(row.values.get(Dimension.TENANT), _key_label(value, names))
        case Dimension.OUTCOME:
            return SynthesisRequest.Status(str(value)).label
        case _:
            return str(value) or NOTHING_SPOKEN


def _key_label(value: object, names: Names) -> Label:
    if not isinstance(value, UUID):
        return _("without a key")
    key = names.keys[value]
    return format_html('{} <span class="quiet">{}</span>', key.name, key.label)


def references_table(found: References, totals: Sums, names: Names) -> Table:
    note: str | Promise = _("The fifty that used most are shown.") if found.more else ""
    if found.rows is None:
        note = _("Too many requests have one to list them here; an export has them all.")
    elif not found.rows:
        note = _("No request had a reference.")
    lines = [
        line(names.of_tenant(row.tenant_id, row.reference), row.sums, totals) for row in found.rows or ()
    ]
    return Table("reference", _("By reference"), lines, note)


def days_table(overview: UsageOverview) -> Table:
    """Every day, used or not, the newest first."""
    days = by_day(overview.by_day)
    lines = [
        line(day.isoformat(), days.get(day, Sums()), overview.totals)
        for day in reversed(list(overview.range.days()))
    ]
    total = line(_("Sum"), overview.totals, overview.totals)
    return Table("day", TITLES[Dimension.DAY], lines, total=total)


def by_day(rows: Iterable[UsageRow]) -> dict[date, Sums]:
    days: dict[date, Sums] = {}
    for row in rows:
        day = cast(date, row.values[Dimension.DAY])
        days[day] = days.get(day, Sums()) + row.sums
    return days


def charts(overview: UsageOverview) -> list[Chart]:
    """Requests by outcome, characters and audio of each day."""
    days = list(overview.range.days())
    whole = by_day(overview.by_day)
    asked: defaultdict[tuple[object, object], int] = defaultdict(int)
    for row in overview.by_day:
        asked[row.values[Dimension.OUTCOME], row.values[Dimension.DAY]] += row.sums.requests
    outcomes = [
        series(status.label, (asked[status.value, day] for day in days), tone)
        for status, tone in OUTCOME_TONES.items()
    ]
    characters = series(_("Characters"), (whole.get(day, Sums()).characters for day in days))
    audio = series(_("Audio"), (float(round(whole.get(day, Sums()).audio_seconds, 1)) for day in days))
    x = [int(instant.timestamp()) for instant in overview.range.beginnings()[:-1]]

    def chart(key: str, title: str | Promise, kind: str, unit: str, lines: list[dict[str, object]]) -> Chart:
        data = {"kind": kind, "unit": unit, "x": x, "series": lines, "time_zone": overview.range.zone.key}
        return Chart(f"chart-{key}", title, data)

    return [
        chart("requests", _("Requests"), "stacked", "requests", outcomes),
        chart("characters", _("Characters"), "bars", "characters", [characters]),
        chart("audio", _("Audio made"), "bars", "s", [audio]),
    ]
