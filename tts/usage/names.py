"""Names of the ids in usage reports."""

from collections.abc import Iterable
from uuid import UUID

from accounts.models import ApiKey, Tenant
from tts.usage.dimensions import Dimension
from tts.usage.reports import UsageRow


def keys_named(*, tenant: Tenant, rows: Iterable[UsageRow]) -> dict[UUID, ApiKey]:
    """The keys that rows of one tenant tell of, by id; no query where they tell of none."""
    ids = _ids(rows, Dimension.KEY)
    return ApiKey.objects.of(tenant).in_bulk(ids) if ids else {}


def tenants_named(*, rows: Iterable[UsageRow]) -> dict[UUID, Tenant]:
    """The tenants that rows tell of, by id, with their plans."""
    ids = _ids(rows, Dimension.TENANT)
    return Tenant.objects.select_related("plan").prefetch_related("overrides").in_bulk(ids) if ids else {}


def _ids(rows: Iterable[UsageRow], column: Dimension) -> list[UUID]:
    return list({value for row in rows if isinstance(value := row.values.get(column), UUID)})
