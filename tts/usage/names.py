"""Names of the ids in usage reports."""

from collections.abc import Iterable
from uuid import UUID

from accounts.models import ApiKey, Tenant
from tts.usage.dimensions import Dimension
from tts.usage.reports import UsageRow


def keys_named(*, tenant: Tenant | None, rows: Iterable[UsageRow]) -> dict[UUID, ApiKey]:
    """The keys that rows of one tenant, or of all of them, tell of, by id; no query where they tell of none."""
    ids = ids_of(rows, Dimension.KEY)
    if not ids:
        return {}
    keys = ApiKey.all_tenants.all() if tenant is None else ApiKey.objects.of(tenant)
    return keys.in_bulk(ids)


def tenants_named(*, ids: Iterable[UUID]) -> dict[UUID, Tenant]:
    """These tenants by id."""
    return Tenant.objects.in_bulk(list(ids))


def ids_of(rows: Iterable[UsageRow], column: Dimension) -> set[UUID]:
    """The ids that rows have in a column of them."""
    return {value for row in rows if isinstance(value := row.values.get(column), UUID)}
