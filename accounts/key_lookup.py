"""The one query behind every request: a key with its tenant, its plan and its tenant's exceptions.

Written by hand, because Django's ORM takes as long to put this statement together as Postgres to answer it. What comes
back are ordinary objects, made as `from_db` makes them; columns are those of the models, so a new one is there at once.
"""

from dataclasses import dataclass
from typing import Any, TypeVar, cast

from django.db import connection
from django.db.models import Model

from accounts.models import ApiKey, Plan, Tenant

M = TypeVar("M", bound=Model)

Exceptions = list[tuple[str, int | None, bool]]
"""Limit, value, and whether it only observes."""


@dataclass(frozen=True, slots=True)
class Found:
    """`key` is None where a tenant was looked for. `tenant.plan`, and `key.tenant`, cost no further query."""

    key: ApiKey | None
    tenant: Tenant
    exceptions: Exceptions


def _names(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def _columns(model: type[Model]) -> str:
    table = model._meta.db_table
    return ", ".join(f'{table}."{field.column}"' for field in model._meta.concrete_fields)


_TENANT = f"""
{_columns(Tenant)}, {_columns(Plan)},
ARRAY(
    SELECT json_build_array("limit", value, observe_only)
    FROM accounts_limitoverride WHERE tenant_id = accounts_tenant.id
)
"""  # noqa: S608 - names of our own columns
_PLANS = "JOIN accounts_plan ON accounts_plan.id = accounts_tenant.plan_id"

_BY_KEY = f"""
SELECT {_columns(ApiKey)}, {_TENANT}
FROM accounts_apikey JOIN accounts_tenant ON accounts_tenant.id = accounts_apikey.tenant_id {_PLANS}
WHERE accounts_apikey.public_id = %s
"""  # noqa: S608 - names of our own columns
_BY_SLUG = f"""
SELECT {_TENANT} FROM accounts_tenant {_PLANS} WHERE accounts_tenant.slug = %s
"""  # noqa: S608 - names of our own columns


def find_key(public_id: str) -> Found | None:
    """The key with this public id, whoever's it is. It proves nothing: compare the digest."""
    row = _row(_BY_KEY, public_id)
    if row is None:
        return None
    count = len(_names(ApiKey))
    key = _made(ApiKey, row[:count])
    found = _found(row[count:], key)
    key.tenant = found.tenant
    return found


def find_tenant(slug: str) -> Found | None:
    """The tenant of this slug."""
    row = _row(_BY_SLUG, slug)
    return None if row is None else _found(row, None)


def _found(row: tuple[Any, ...], key: ApiKey | None) -> Found:
    count = len(_names(Tenant))
    tenant = _made(Tenant, row[:count])
    tenant.plan = _made(Plan, row[count:-1])
    return Found(key, tenant, [cast("tuple[str, int | None, bool]", tuple(found)) for found in row[-1]])


def _made(model: type[M], values: tuple[Any, ...]) -> M:
    return model.from_db("default", _names(model), values)


def _row(statement: str, value: str) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [value])
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row
