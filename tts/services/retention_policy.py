"""Up to when each tenant's texts, audio and requests are past their days."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from accounts.models import Tenant


@dataclass(frozen=True, slots=True)
class Policy:
    """What a tenant does not want kept: of requests received before these instants, None where all of it is kept.

    What belongs to a request is never kept longer than the request.
    """

    tenant_id: UUID
    slug: str
    texts_before: datetime | None
    audio_before: datetime | None
    requests_before: datetime | None


def policies_in_force(*, now: datetime) -> list[Policy]:
    """The policy of each tenant that does not keep everything for ever."""
    return [
        policy
        for tenant in Tenant.objects.order_by("pk")
        if (policy := policy_of(tenant, now)).texts_before is not None or policy.audio_before is not None
    ]


def policy_of(tenant: Tenant, now: datetime) -> Policy:
    requests_before = _before(tenant.history_retention_days, now)
    texts_before, audio_before = (
        now if tenant.zero_retention else _latest(_before(days, now), requests_before)
        for days in (tenant.text_retention_days, tenant.audio_retention_days)
    )
    return Policy(tenant.pk, tenant.slug, texts_before, audio_before, requests_before)


def _before(days: int | None, now: datetime) -> datetime | None:
    return None if days is None else now - timedelta(days=days)


def _latest(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)
