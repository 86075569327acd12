"""Exports of one tenant, as the API shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from accounts.models import Tenant
from tts.models import UsageExport
from tts.request_history import Place


@dataclass(frozen=True, slots=True)
class ExportsPage:
    """Exports, newest first; `next` is where the page after it begins, if there is one."""

    rows: Sequence[UsageExport]
    next: Place | None


def export_of_tenant(*, tenant: Tenant, export_id: UUID) -> UsageExport | None:
    """An export of `tenant` alone; None for one of another tenant, or of all of them together."""
    return UsageExport.objects.of(tenant).select_related("tenant").filter(pk=export_id).first()


def exports_page(*, tenant: Tenant, after: Place | None, limit: int) -> ExportsPage:
    """The `limit` newest exports of `tenant` that come after the place `after`. One query."""
    rows = UsageExport.objects.of(tenant).select_related("tenant")
    if after is not None:
        earlier = Q(created_at__lt=after.created_at) | Q(created_at=after.created_at, id__lt=after.id)
        # The first condition is what the index is asked for.
        rows = rows.filter(earlier, created_at__lte=after.created_at)
    found = list(rows.order_by("-created_at", "-id")[: limit + 1])
    last = found[limit - 1] if len(found) > limit else None
    return ExportsPage(found[:limit], None if last is None else Place(last.created_at, last.id))
