"""Limits of single tenants. Admin and commands only call these."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actors import SYSTEM, Actor
from accounts.limits.names import Limit
from accounts.models import LimitOverride, Tenant
from accounts.services.audit import audit_snapshot, audit_write


def override_set(
    *,
    tenant: Tenant,
    limit: str,
    value: int | None,
    observe_only: bool = False,
    reason: str = "",
    actor: Actor = SYSTEM,
) -> LimitOverride:
    """Give a tenant a limit of its own, or change the one it has; None is unlimited, 0 is none.

    With `observe_only` the limit in force stays, and this one is only watched. Raises `ValidationError` naming the
    field.
    """
    if limit not in list(Limit):
        raise ValidationError({"limit": _("There is no such limit.")})
    with transaction.atomic():
        # Two changes of one limit at once: the second sees what the first has done.
        Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
        row = _row(tenant, limit, observe_only=observe_only)
        before = None if row is None else audit_snapshot(row)
        row = row or LimitOverride(tenant=tenant, limit=limit, observe_only=observe_only)
        row.value, row.reason = value, reason
        row.full_clean(exclude=["tenant"])
        row.save()
        after = audit_snapshot(row)
        if after != before:
            audit_write(
                actor=actor,
                action="override.set",
                target=row,
                tenant=tenant,
                before=before,
                after=after,
                name=row.limit,
            )
    return row


def override_clear(*, tenant: Tenant, limit: str, observe_only: bool = False, actor: Actor = SYSTEM) -> bool:
    """Let the plan's limit hold again, or end the watching. False when the tenant has no such limit of its own."""
    with transaction.atomic():
        Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
        row = _row(tenant, limit, observe_only=observe_only)
        if row is None:
            return False
        audit_write(
            actor=actor,
            action="override.clear",
            target=row,
            tenant=tenant,
            before=audit_snapshot(row),
            name=row.limit,
        )
        row.delete()
    return True


def _row(tenant: Tenant, limit: str, *, observe_only: bool) -> LimitOverride | None:
    return LimitOverride.objects.of(tenant).filter(limit=limit, observe_only=observe_only).first()
