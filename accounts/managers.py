"""Managers of what belongs to tenants: nothing is read without saying whose.

Models that have a tenant carry two. `objects` answers `of(tenant)` and raises for everything else. `all_tenants` is
the explicit way around it, for workers, the sweeper and the admin, and easy to search for. Django's own machinery
(relations, uniqueness checks) takes the first manager of a class, which is therefore `all_tenants`.
"""

from typing import Any, NoReturn, TypeVar
from uuid import UUID

from django.db.models import Manager, Model, QuerySet

M = TypeVar("M", bound=Model)


class TenantRequired(RuntimeError):
    """Rows of tenants were asked for without saying of which one."""


class UnrestrictedManager(Manager[M]):
    """Rows of every tenant."""


class TenantManager(Manager[M]):
    """Rows of one tenant, which has to be named first."""

    def of(self, tenant: Model | UUID) -> QuerySet[M]:
        """The rows of `tenant`, given as the object or its id. Raises `TenantRequired` for everything else."""
        return super().get_queryset().filter(tenant_id=_id_of(tenant))

    def get_queryset(self) -> NoReturn:
        raise TenantRequired(
            f"{self.model.__name__}.objects needs a tenant: say .of(tenant), or {self.model.__name__}.all_tenants"
        )

    def create(self, **values: Any) -> M:
        """A new row. `tenant` or `tenant_id` is among the values, None where a row of nobody's is meant."""
        if not values.keys() & {"tenant", "tenant_id"}:
            raise TenantRequired(f"a new {self.model.__name__} needs a tenant")
        return super().get_queryset().create(**values)


def _id_of(tenant: object) -> UUID:
    match tenant:
        case UUID():
            return tenant
        # By name: the models import this module. Any other row's key would find nothing, and nobody would notice.
        case Model(_meta=meta, pk=UUID() as pk) if meta.label == "accounts.Tenant":
            return pk
        case _:
            raise TenantRequired(f"a {type(tenant).__name__} is no tenant")
