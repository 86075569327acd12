"""What made-up requests used of their tenants' months, so that periods, thresholds and history agree."""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from math import ceil
from uuid import UUID

from accounts.limits.names import Limit
from accounts.models import ApiKey, QuotaThreshold, ShadowRefusal, Tenant, UsagePeriod
from accounts.services.overrides import override_set
from accounts.services.periods import month_bounds
from tts.seeding.people import ACTOR, Seeded

BUSIEST_MONTH = 0.93
"""The share of its limit that the metered tenant uses in its busiest month."""


@dataclass(slots=True)
class Month:
    """A period of a tenant or a key; `passes` are the moments and sums of a metered tenant's use."""

    row: UsagePeriod
    passes: list[tuple[datetime, int]] | None = None


@dataclass(slots=True)
class Books:
    """The months of one tenant and its keys."""

    seeded: Seeded
    months: dict[tuple[UUID | None, datetime], Month] = field(default_factory=dict)
    refusals: Counter[tuple[str, date]] = field(default_factory=Counter)
    refused_characters: Counter[tuple[str, date]] = field(default_factory=Counter)
    refused_last: dict[tuple[str, date], datetime] = field(default_factory=dict)
    last_used: dict[UUID, datetime] = field(default_factory=dict)
    _bounds: list[tuple[datetime, datetime]] = field(default_factory=list)

    def open(self, start: datetime, until: datetime) -> None:
        """Put the empty periods of that time on record."""
        tenant = self.seeded.tenant
        at = start
        while at <= until:
            begin, end = month_bounds(at, tenant.time_zone)
            self._bounds.append((begin, end))
            for key in (None, *self.seeded.keys):
                row = _empty(tenant, key, begin, end)
                metered = self.seeded.person.metered and key is None
                self.months[None if key is None else key.pk, begin] = Month(row, [] if metered else None)
            at = end
        UsagePeriod.all_tenants.bulk_create(month.row for month in self.months.values())

    def months_of(self, key: ApiKey, at: datetime) -> tuple[Month, Month]:
        """The tenant's and the key's month that a request at `at` counts in."""
        begin = next(begin for begin, end in reversed(self._bounds) if begin <= at)
        return self.months[None, begin], self.months[key.pk, begin]

    def enter(
        self,
        key: ApiKey,
        month: Month,
        key_month: Month,
        characters: int,
        at: datetime,
        finished: datetime | None,
        *,
        charged: bool,
    ) -> None:
        """Count a request: its characters are reserved until it ends, and used if it ended well."""
        for each in (month, key_month):
            if finished is None:
                each.row.reserved_characters += characters
            elif charged:
                each.row.used_characters += characters
                each.row.requests += 1
                if each.passes is not None:
                    each.passes.append((finished, each.row.used_characters))
        self.last_used[key.pk] = at

    def would_refuse(self, limit: Limit, characters: int, at: datetime) -> None:
        place = limit.value, at.astimezone(UTC).date()
        self.refusals[place] += 1
        self.refused_characters[place] += characters
        self.refused_last[place] = at

    def close(self) -> None:
        """Put the sums on record."""
        if self.seeded.person.metered:
            self._meter()
        sums = ["used_characters", "reserved_characters", "requests", "characters_limit"]
        UsagePeriod.all_tenants.bulk_update((month.row for month in self.months.values()), sums)
        ShadowRefusal.all_tenants.bulk_create(
            ShadowRefusal(
                tenant=self.seeded.tenant,
                limit=limit,
                day=day,
                requests=count,
                characters=self.refused_characters[limit, day],
                last_at=self.refused_last[limit, day],
            )
            for (limit, day), count in self.refusals.items()
        )
        for key_id, at in self.last_used.items():
            ApiKey.all_tenants.filter(pk=key_id).update(last_used_at=at)

    def _meter(self) -> None:
        """Give the tenant a limit that its busiest month nearly reaches, and tell when it came how near."""
        whole = [month for (key_id, _begin), month in self.months.items() if key_id is None]
        busiest = max(month.row.used_characters + month.row.reserved_characters for month in whole)
        limit = max(1, ceil(busiest / BUSIEST_MONTH / 1_000)) * 1_000
        override_set(
            tenant=self.seeded.tenant,
            limit=Limit.CHARACTERS_PER_MONTH,
            value=limit,
            reason="as agreed",
            actor=ACTOR,
        )
        thresholds = []
        for month in whole:
            month.row.characters_limit = limit
            thresholds += list(_thresholds(month, limit))
        QuotaThreshold.all_tenants.bulk_create(thresholds)


def _thresholds(month: Month, limit: int) -> list[QuotaThreshold]:
    passes = month.passes or []
    found = []
    for percent in QuotaThreshold.PERCENTS:
        place = bisect_left(passes, percent * limit, key=lambda moment: moment[1] * 100)
        if place < len(passes):
            at, used = passes[place]
            found.append(
                QuotaThreshold(
                    tenant_id=month.row.tenant_id,
                    period=month.row,
                    percent=percent,
                    at=at,
                    used_characters=used,
                    characters_limit=limit,
                )
            )
    return found


def _empty(tenant: Tenant, key: ApiKey | None, begin: datetime, end: datetime) -> UsagePeriod:
    limit = tenant.plan.characters_per_month if key is None and not tenant.plan.observe_only else None
    return UsagePeriod(tenant=tenant, api_key=key, starts_at=begin, ends_at=end, characters_limit=limit)
