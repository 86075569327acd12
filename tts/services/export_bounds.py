"""How many exports may wait, be asked for and be kept: a file takes the worker's time and the storage's room."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Min, QuerySet, Sum

from accounts.models import ApiKey, Tenant
from tts.models import UsageExport
from tts.services.locks import Lock, lock_in_transaction

Status = UsageExport.Status

UNFINISHED = (Status.QUEUED, Status.RUNNING)
DAY = timedelta(days=1)
SOON = timedelta(seconds=30)
"""After which it is worth asking again while others wait or are written."""


class ExportRefused(RuntimeError):
    """As many exports as there may be; `again_at` is the earliest time that asking once more can help."""

    def __init__(self, told: str, *, allowed: int, again_at: datetime) -> None:
        super().__init__(told)
        self.allowed = allowed
        self.again_at = again_at


class TooManyAtOnce(ExportRefused):
    """`allowed` exports of the tenant, or `of_asker`, wait or are being written."""

    def __init__(self, *, allowed: int, again_at: datetime, of_asker: bool) -> None:
        super().__init__(f"{allowed} exports are at work", allowed=allowed, again_at=again_at)
        self.of_asker = of_asker


class TooManyToday(ExportRefused):
    """`allowed` exports were asked for in the last 24 hours, by this person or by the keys of the tenant."""


class TooMuchKept(ExportRefused):
    """Files of `allowed` megabytes are kept for this person or the keys of the tenant; the next goes at `again_at`."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks for an export: a person in the admin, or a key in the API."""

    user: AbstractBaseUser | None = None
    key: ApiKey | None = None

    def exports(self) -> QuerySet[UsageExport]:
        """What it has asked for, of every tenant."""
        if self.key is not None:
            return UsageExport.objects.of(self.key.tenant_id).filter(api_key_id=self.key.pk)
        return UsageExport.all_tenants.filter(requested_by_id=None if self.user is None else self.user.pk)


def export_bounds_check(*, tenant: Tenant | None, asker: Asker, now: datetime) -> None:
    """Hold the right to ask for one more export of `tenant`, or of all, until the transaction ends.

    Raises `ExportRefused`. Others who ask for exports of the same tenant, or of all, or as the same person, wait
    meanwhile; so does what reserves characters of the tenant, for these few short queries.
    """
    _wait_in_line(tenant, asker)
    own = UsageExport.all_tenants.filter(tenant=tenant)
    _check_at_once(own, asker, now)
    # A person has days and room of their own, lest a key of the tenant takes those of its finance department.
    lasting = own.filter(api_key__isnull=False) if asker.key is not None else asker.exports()
    _check_day(lasting, now)
    _check_room(lasting, now)


def _wait_in_line(tenant: Tenant | None, asker: Asker) -> None:
    # In this order everywhere. A weaker lock than one for deleting: rows that point here can still be added.
    if asker.user is not None:
        people = get_user_model().objects.select_for_update(no_key=True)
        people.filter(pk=asker.user.pk).values_list("pk").first()
    if tenant is None:
        lock_in_transaction(Lock.EXPORTS_OF_ALL)
    else:
        Tenant.objects.select_for_update(no_key=True).filter(pk=tenant.pk).values_list("pk").first()


def _check_at_once(own: QuerySet[UsageExport], asker: Asker, now: datetime) -> None:
    bounds = (
        (asker.exports(), settings.EXPORTS_AT_ONCE_OF_ASKER, True),
        (own, settings.EXPORTS_AT_ONCE, False),
    )
    for exports, allowed, of_asker in bounds:
        if exports.filter(status__in=UNFINISHED).count() >= allowed:
            raise TooManyAtOnce(allowed=allowed, again_at=now + SOON, of_asker=of_asker)


def _check_day(own: QuerySet[UsageExport], now: datetime) -> None:
    allowed = settings.EXPORTS_PER_DAY
    latest = own.filter(created_at__gt=now - DAY).order_by("-created_at").values_list("created_at", flat=True)
    # The one that has to be a day old before there is room for another.
    found = list(latest[allowed - 1 : allowed])
    if found:
        raise TooManyToday(
            f"{allowed} exports in 24 hours are allowed", allowed=allowed, again_at=found[0] + DAY
        )


def _check_room(own: QuerySet[UsageExport], now: datetime) -> None:
    allowed = settings.EXPORT_KEPT_MB
    kept = own.filter(status=Status.SUCCEEDED).aggregate(bytes=Sum("file_bytes"), first=Min("expires_at"))
    if (kept["bytes"] or 0) >= allowed * 1_000_000:
        # One that should have gone already goes with the next housekeeping.
        again_at = max(kept["first"], now + SOON)
        raise TooMuchKept(f"files of {allowed} MB are kept", allowed=allowed, again_at=again_at)
