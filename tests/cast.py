"""The small cast of every test: two tenants, each with a key, and an outsider without."""

from dataclasses import dataclass

from accounts.models import ApiKey, Tenant
from accounts.services import key_issue, tenant_create


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


def member(slug: str) -> Member:
    tenant = tenant_create(slug=slug, name=slug.title())
    row, key = key_issue(tenant=tenant, name=f"{slug}'s app")
    return Member(tenant, row, key)
