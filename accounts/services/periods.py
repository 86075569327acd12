"""Months of tenants, as instants."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import ApiKey, Tenant, UsagePeriod

SHORTEST = timedelta(days=15)
"""A period that would be shorter runs to the end of the following month."""


def month_bounds(now: datetime, time_zone: str) -> tuple[datetime, datetime]:
    """The local month that `now` lies in, as two instants in UTC.

    Where midnight of the first does not exist or happens twice, `zoneinfo` takes the moment of the change or the
    earlier one (PEP 495, `fold=0`), so months join without a gap.
    """
    zone = ZoneInfo(time_zone)
    local = now.astimezone(zone)
    first = datetime(local.year, local.month, 1, tzinfo=zone)
    following = datetime(local.year + local.month // 12, local.month % 12 + 1, 1, tzinfo=zone)
    utc = ZoneInfo("UTC")
    return first.astimezone(utc), following.astimezone(utc)


def periods_ensure(*, tenant: Tenant, key: ApiKey | None, now: datetime) -> None:
    """Make the periods that `now` lies in for a tenant, and for one of its keys, where they are missing.

    A change of the time zone leaves the period in force as it is; the next one begins where that ends, and is never
    much shorter than a month. Periods of a key have the bounds of its tenant's.
    """
    with transaction.atomic():
        # Two first requests of a month come here together: the second waits, and finds what the first made.
        Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
        whole = _period(tenant, None, now)
        if whole is None:
            starts_at, ends_at = month_bounds(now, tenant.time_zone)
            last = (
                UsagePeriod.objects.of(tenant)
                .filter(api_key=None, ends_at__lte=now)
                .order_by("ends_at")
                .last()
            )
            if last is not None:
                starts_at = max(starts_at, last.ends_at)
            if ends_at - starts_at < SHORTEST:
                # Hours that are left over by a change of the zone shall not come with a quota of their own.
                ends_at = month_bounds(ends_at, tenant.time_zone)[1]
            whole = UsagePeriod.objects.create(
                tenant=tenant, api_key=None, starts_at=starts_at, ends_at=ends_at
            )
        if key is not None and _period(tenant, key, now) is None:
            UsagePeriod.objects.create(
                tenant=tenant, api_key=key, starts_at=whole.starts_at, ends_at=whole.ends_at
            )


def period_at(*, tenant: Tenant, key: ApiKey | None, now: datetime) -> UsagePeriod | None:
    """The period of a tenant, or of one of its keys, that `now` lies in; None before the first request of it."""
    return _period(tenant, key, now)


def _period(tenant: Tenant, key: ApiKey | None, now: datetime) -> UsagePeriod | None:
    return UsagePeriod.objects.of(tenant).filter(api_key=key, starts_at__lte=now, ends_at__gt=now).first()
