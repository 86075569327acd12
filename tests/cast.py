"""The small cast of every test: two tenants, each with a key, and an outsider without."""

from dataclasses import dataclass
from typing import Any

from accounts.limits.names import Limit
from accounts.models import ApiKey, Plan, Tenant
from accounts.services.keys import key_issue
from accounts.services.tenants import tenant_create


@dataclass(frozen=True, slots=True)
class Member:
    """A tenant and its key; `key` is the text a client sends."""

    tenant: Tenant
    row: ApiKey
    key: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


@dataclass(frozen=True, slots=True)
class Cast:
    """Alice and Bob are customers of the same server; Charlie knows neither's key."""

    alice: Member
    bob: Member
    charlie_key: str


UNLIMITED: dict[str, Any] = {limit.value: None for limit in Limit} | {
    # As the API tells it without a plan's word.
    "max_characters_sync": 800,
    "max_timeout_seconds": 15,
    "requests_burst": 1000,
}


def plan(slug: str = "unlimited", **limits: Any) -> Plan:
    """A plan that refuses nothing but what `limits` say."""
    values = {"name": slug.title(), **UNLIMITED, **limits}
    return Plan.objects.update_or_create(slug=slug, defaults=values)[0]


def member(slug: str, **limits: Any) -> Member:
    """A tenant with a key; with `limits`, on a plan of its own."""
    own = plan(f"of-{slug}", **limits) if limits else plan()
    tenant = tenant_create(slug=slug, name=slug.title(), plan=own)
    row, key = key_issue(tenant=tenant, name=f"{slug}'s app")
    return Member(tenant, row, key)
