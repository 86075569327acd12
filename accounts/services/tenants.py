"""What can be done with tenants. Admin, commands and later the API only call these."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actors import SYSTEM, Actor
from accounts.models import Plan, Tenant
from accounts.services.audit import audit_snapshot, audit_write

CHANGEABLE = frozenset(
    {
        "name",
        "plan",
        "time_zone",
        "text_retention_days",
        "audio_retention_days",
        "history_retention_days",
        "zero_retention",
        "allowed_voices",
        "overload_policy",
        "default_timeout_seconds",
    }
)
"""The slug is for good, the status has services of its own."""


def plan_default() -> Plan:
    """The plan new tenants get. Raises `ValidationError` when the operator has made none the default."""
    plan = Plan.objects.filter(is_default=True).first()
    if plan is None:
        raise ValidationError({"plan": _("No plan is the default, so name one.")})
    return plan


def tenant_create(
    *, slug: str, name: str, plan: Plan | None = None, actor: Actor = SYSTEM, **values: Any
) -> Tenant:
    """A new active tenant, on the default plan without another; `values` are fields of `CHANGEABLE`.

    Raises `django.core.exceptions.ValidationError` naming the field.
    """
    tenant = Tenant(slug=slug, name=name, plan=plan or plan_default(), **_known(values))
    tenant.full_clean()
    with transaction.atomic():
        _hold_plan(tenant)
        tenant.save(force_insert=True)
        audit_write(
            actor=actor, action="tenant.create", target=tenant, tenant=tenant, after=audit_snapshot(tenant)
        )
    return tenant


def tenant_update(*, tenant: Tenant, actor: Actor = SYSTEM, **values: Any) -> Tenant:
    """Change fields of `CHANGEABLE`. Raises `ValidationError` naming the field."""
    with transaction.atomic():
        before = audit_snapshot(Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk))
        for name, value in _known(values).items():
            setattr(tenant, name, value)
        tenant.full_clean()
        if "plan" in values:
            _hold_plan(tenant)
        tenant.save(update_fields=list(values))
        after = audit_snapshot(tenant)
        if after != before:
            audit_write(
                actor=actor, action="tenant.update", target=tenant, tenant=tenant, before=before, after=after
            )
    return tenant


def tenant_suspend(*, tenant: Tenant, actor: Actor = SYSTEM) -> bool:
    """Refuse a tenant's keys from the next request on; work in progress ends as usual. False when it was already."""
    return _switch(tenant, Tenant.Status.ACTIVE, Tenant.Status.SUSPENDED, "tenant.suspend", actor)


def tenant_reactivate(*, tenant: Tenant, actor: Actor = SYSTEM) -> bool:
    """Accept a suspended tenant's keys again. False when it was not suspended."""
    return _switch(tenant, Tenant.Status.SUSPENDED, Tenant.Status.ACTIVE, "tenant.reactivate", actor)


def _hold_plan(tenant: Tenant) -> None:
    """Keep the plan from being deleted meanwhile: the database itself looks at foreign keys at the end only."""
    if not Plan.objects.select_for_update(no_key=True).filter(pk=tenant.plan_id):
        raise ValidationError({"plan": _("This plan is no longer there.")})


def _switch(tenant: Tenant, before: Tenant.Status, after: Tenant.Status, action: str, actor: Actor) -> bool:
    with transaction.atomic():
        changed = bool(Tenant.objects.filter(pk=tenant.pk, status=before).update(status=after))
        if changed:
            audit_write(
                actor=actor,
                action=action,
                target=tenant,
                tenant=tenant,
                before={"status": before.value},
                after={"status": after.value},
            )
    return changed


def _known(values: dict[str, Any]) -> dict[str, Any]:
    unknown = values.keys() - CHANGEABLE
    if unknown:
        raise TypeError(f"no field of a tenant that can be set: {', '.join(sorted(unknown))}")
    return values
