"""Who belongs to a tenant. Admin and commands only call these."""

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actors import SYSTEM, Actor
from accounts.models import Membership, Tenant
from accounts.services.audit import audit_snapshot, audit_write


def membership_set(*, tenant: Tenant, user: User, role: str, actor: Actor = SYSTEM) -> Membership:
    """Make a person a member of a tenant, or change their role. Raises `ValidationError` naming the field."""
    if role not in Membership.Role.values:
        raise ValidationError({"role": _("There is no such role.")})
    with transaction.atomic():
        Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
        row = Membership.objects.of(tenant).filter(user=user).first()
        before = None if row is None else audit_snapshot(row)
        row = row or Membership(tenant=tenant, user=user)
        row.role = role
        row.full_clean(exclude=["tenant", "user"])
        row.save()
        after = audit_snapshot(row)
        if after != before:
            audit_write(
                actor=actor,
                action="membership.set",
                target=row,
                tenant=tenant,
                before=before,
                after=after,
                name=user.get_username(),
            )
    return row


def membership_remove(*, tenant: Tenant, user: User, actor: Actor = SYSTEM) -> bool:
    """End a membership, from the next request of that person on. False when there is none."""
    with transaction.atomic():
        # Their order joins the tenants, whose rows must not be locked with them: others take those first.
        row = Membership.objects.of(tenant).select_for_update(of=("self",)).filter(user=user).first()
        if row is None:
            return False
        audit_write(
            actor=actor,
            action="membership.remove",
            target=row,
            tenant=tenant,
            before=audit_snapshot(row),
            name=user.get_username(),
        )
        row.delete()
    return True
