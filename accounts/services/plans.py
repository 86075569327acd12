"""What can be done with plans. Admin and commands only call these."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actors import SYSTEM, Actor
from accounts.limits.names import Limit
from accounts.models import Plan
from accounts.services.audit import audit_snapshot, audit_write

CHANGEABLE = frozenset(
    {"name", "observe_only", "requests_burst", "priority_weight", *(limit.value for limit in Limit)}
)
"""The slug is for good; which plan is the default is said by `plan_make_default`."""


def plan_create(*, slug: str, name: str, actor: Actor = SYSTEM, **values: Any) -> Plan:
    """A new plan, not the default one; `values` are fields of `CHANGEABLE`, the model's defaults without.

    Raises `ValidationError` naming the field.
    """
    plan = Plan(slug=slug, name=name, **_known(values))
    plan.full_clean()
    with transaction.atomic():
        plan.save(force_insert=True)
        audit_write(actor=actor, action="plan.create", target=plan, tenant=None, after=audit_snapshot(plan))
    return plan


def plan_update(*, plan: Plan, actor: Actor = SYSTEM, **values: Any) -> Plan:
    """Change fields of `CHANGEABLE`; its tenants' next requests are under the new limits.

    Raises `ValidationError` naming the field.
    """
    with transaction.atomic():
        before = audit_snapshot(Plan.objects.select_for_update(no_key=True).get(pk=plan.pk))
        for name, value in _known(values).items():
            setattr(plan, name, value)
        plan.full_clean()
        plan.save(update_fields=list(values))
        after = audit_snapshot(plan)
        if after != before:
            audit_write(
                actor=actor, action="plan.update", target=plan, tenant=None, before=before, after=after
            )
    return plan


def plan_delete(*, plan: Plan, actor: Actor = SYSTEM) -> None:
    """Remove a plan that no tenant is on and that is not the default. Raises `ValidationError` for others."""
    with transaction.atomic():
        # Services that put a tenant on the plan lock it too: this waits for them, or they for this.
        row = Plan.objects.select_for_update().get(pk=plan.pk)
        if row.is_default:
            raise ValidationError(
                {"is_default": _("New tenants get this plan; make another the default first.")}
            )
        if row.tenants.exists():
            raise ValidationError({"tenants": _("Tenants are on this plan; move them to another first.")})
        audit_write(actor=actor, action="plan.delete", target=row, tenant=None, before=audit_snapshot(row))
        row.delete()


def plan_make_default(*, plan: Plan, actor: Actor = SYSTEM) -> bool:
    """Let new tenants get this plan and no other. False when they do already."""
    with transaction.atomic():
        # All of them, in one order: of two changes at once, the second sees what the first has done.
        plans = list(Plan.objects.select_for_update(no_key=True).order_by("pk"))
        wanted = next(row for row in plans if row.pk == plan.pk)
        if wanted.is_default:
            return False
        for row in plans:
            if row.is_default:
                _set_default(row, "plan.unmake_default", actor, is_default=False)
        _set_default(wanted, "plan.make_default", actor, is_default=True)
    plan.is_default = True
    return True


def _set_default(row: Plan, action: str, actor: Actor, *, is_default: bool) -> None:
    row.is_default = is_default
    row.save(update_fields=["is_default"])
    audit_write(
        actor=actor,
        action=action,
        target=row,
        tenant=None,
        before={"is_default": not is_default},
        after={"is_default": is_default},
    )


def _known(values: dict[str, Any]) -> dict[str, Any]:
    unknown = values.keys() - CHANGEABLE
    if unknown:
        raise TypeError(f"no field of a plan that can be set: {', '.join(sorted(unknown))}")
    return values


STANDARD_PLAN = "standard"


def plan_standard_ensure() -> bool:
    """Make the plan `standard` the default where there is no plan at all; False where there is one."""
    if Plan.objects.exists():
        return False
    Plan.objects.create(slug=STANDARD_PLAN, name="标准 Standard", is_default=True)
    return True
