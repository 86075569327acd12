"""Shadow mode: what limits that only observe would have refused."""

from collections.abc import Collection
from datetime import UTC, datetime

from django.db import connection

from accounts.limits.names import Limit
from accounts.models import Tenant

_COUNT = """
INSERT INTO accounts_shadowrefusal (tenant_id, "limit", day, requests, characters, last_at)
SELECT %(tenant)s, unnest(%(limits)s::text[]), %(day)s, 1, %(characters)s, %(now)s
ON CONFLICT (tenant_id, "limit", day) DO UPDATE
SET requests = accounts_shadowrefusal.requests + 1,
    characters = accounts_shadowrefusal.characters + excluded.characters,
    last_at = greatest(accounts_shadowrefusal.last_at, excluded.last_at)
"""


def shadow_count(*, tenant: Tenant, limits: Collection[Limit], characters: int, now: datetime) -> None:
    """Count a request that was accepted although `limits`, had they been enforced, would have refused it."""
    if not limits:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT,
            {
                "tenant": tenant.pk,
                # In one order, so that two requests at once do not wait for each other's rows.
                "limits": sorted({limit.value for limit in limits}),
                "day": now.astimezone(UTC).date(),
                "characters": characters,
                "now": now,
            },
        )
