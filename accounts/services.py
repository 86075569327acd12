"""What can be done with tenants and keys. Admin, commands and later the API only call these."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from accounts import keys
from accounts.models import ApiKey, Tenant
from accounts.peppers import pepper_current
from accounts.scopes import ALL_SCOPES


class UnknownScope(ValueError):
    """A scope that does not exist was asked for; the message lists those that do."""


def tenant_create(*, slug: str, name: str, time_zone: str = "Asia/Shanghai") -> Tenant:
    """A new active tenant. Raises `django.core.exceptions.ValidationError` naming the field."""
    tenant = Tenant(slug=slug, name=name, time_zone=time_zone)
    tenant.full_clean()
    tenant.save(force_insert=True)
    return tenant


def tenant_update(*, tenant: Tenant, name: str, time_zone: str) -> Tenant:
    """Change what may change: the slug is for good. Raises `ValidationError` naming the field."""
    tenant.name, tenant.time_zone = name, time_zone
    tenant.full_clean()
    tenant.save(update_fields=["name", "time_zone"])
    return tenant


def tenant_suspend(*, tenant: Tenant) -> bool:
    """Refuse a tenant's keys from the next request on; work in progress ends as usual. False when it was already."""
    return _tenant_switch(tenant, Tenant.Status.ACTIVE, Tenant.Status.SUSPENDED)


def tenant_reactivate(*, tenant: Tenant) -> bool:
    """Accept a suspended tenant's keys again. False when it was not suspended."""
    return _tenant_switch(tenant, Tenant.Status.SUSPENDED, Tenant.Status.ACTIVE)


def _tenant_switch(tenant: Tenant, before: Tenant.Status, after: Tenant.Status) -> bool:
    return bool(Tenant.objects.filter(pk=tenant.pk, status=before).update(status=after))


def key_issue(
    *,
    tenant: Tenant,
    name: str,
    environment: str = "live",
    scopes: Sequence[str] = ALL_SCOPES,
    expires_at: datetime | None = None,
    created_by: AbstractBaseUser | None = None,
) -> tuple[ApiKey, str]:
    """Make a key for `tenant` and return its row and its text, which nobody can read again afterwards."""
    unknown = set(scopes) - set(ALL_SCOPES)
    if unknown:
        raise UnknownScope(f"unknown scopes: {', '.join(sorted(unknown))}; there are {', '.join(ALL_SCOPES)}")
    pepper = pepper_current()
    generated = keys.generate(environment)
    row = ApiKey(
        tenant=tenant,
        name=name,
        environment=environment,
        public_id=generated.public_id,
        digest=keys.digest(generated.text, pepper.secret),
        pepper_number=pepper.number,
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
        created_by_id=None if created_by is None else created_by.pk,
    )
    row.full_clean(exclude=["created_by"])
    row.save(force_insert=True)
    return row, generated.text


def key_revoke(*, key: ApiKey) -> bool:
    """End a key for good, effective on the next request in every process. False when it was revoked already."""
    revoked = ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now())
    return bool(revoked)
