"""People who may log in to the admin: who there is, and what they may do. The admin's pages only call these.

What Django's own commands do, such as `createsuperuser`, is not told: they need a shell on the server.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group, Permission, User
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from accounts.actors import SYSTEM, Actor
from accounts.services.audit import FIELDS, audit_write
from accounts.services.memberships import membership_remove

RIGHTS = ("username", "is_active", "is_staff", "is_superuser")
GRANTS = ("groups", "user_permissions")

CHANGEABLE = frozenset({*RIGHTS, "first_name", "last_name", "email"})
"""Columns that `user_update` sets. Those that are no rights are the person's own and never told."""

# Listed beside the snapshot, since what a person is granted is in no column that `audit_snapshot` could read.
FIELDS[User] = (*RIGHTS, *GRANTS)


def user_create(*, user: User, actor: Actor = SYSTEM) -> User:
    """Record a person who is not saved yet, with the password it was given; groups and permissions come later.

    Raises `ValidationError` naming the field.
    """
    user.full_clean()
    with transaction.atomic():
        user.save(force_insert=True)
        audit_write(actor=actor, action="user.create", target=user, tenant=None, after=_snapshot(user))
    return user


def user_update(
    *,
    user: User,
    groups: Iterable[Group] | None = None,
    user_permissions: Iterable[Permission] | None = None,
    actor: Actor = SYSTEM,
    **values: Any,
) -> User:
    """Change fields of `CHANGEABLE`, groups and permissions, from the next request of that person on.

    None leaves groups or permissions as they are. Returns the person as recorded then. Raises `ValidationError` naming
    the field.
    """
    unknown = values.keys() - CHANGEABLE
    if unknown:
        raise TypeError(f"no field of a user that can be set: {', '.join(sorted(unknown))}")
    with transaction.atomic():
        row = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        before = _snapshot(row)
        for name, value in values.items():
            setattr(row, name, value)
        row.full_clean(exclude={field.name for field in User._meta.fields} - values.keys())
        row.save(update_fields=list(values))
        if groups is not None:
            row.groups.set(groups)
        if user_permissions is not None:
            row.user_permissions.set(user_permissions)
        after = _snapshot(row)
        if after != before:
            audit_write(
                actor=actor, action="user.update", target=row, tenant=None, before=before, after=after
            )
    return row


@sensitive_variables("password")
def user_set_password(*, user: User, password: str | None, actor: Actor = SYSTEM) -> User:
    """Give a person another password, or none (None), with which nobody can log in. Ends their sessions.

    The event tells which of the two it was and nothing else. Returns the person as recorded then.
    """
    action = "user.disable_password" if password is None else "user.set_password"
    with transaction.atomic():
        row = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        row.set_password(password)
        row.save(update_fields=["password"])
        audit_write(actor=actor, action=action, target=row, tenant=None)
    return row


def user_delete(*, user: User, actor: Actor = SYSTEM) -> bool:
    """Remove a person for good, each of their memberships first, so that it is told. False when they are gone already.

    What they did stays in the audit log, and keys they made stay.
    """
    with transaction.atomic():
        # Against new memberships as well: those point at the row.
        row = User.objects.select_for_update().filter(pk=user.pk).first()
        if row is None:
            return False
        for membership in row.memberships.select_related("tenant").order_by("tenant_id"):
            membership_remove(tenant=membership.tenant, user=row, actor=actor)
        audit_write(actor=actor, action="user.delete", target=row, tenant=None, before=_snapshot(row))
        row.delete()
    return True


def _snapshot(user: User) -> dict[str, Any]:
    """Rights and grants of a person; permissions as `app.codename`."""
    permissions = user.user_permissions.values_list("content_type__app_label", "codename")
    return {
        **{name: getattr(user, name) for name in RIGHTS},
        "groups": sorted(user.groups.values_list("name", flat=True)),
        "user_permissions": sorted(f"{app}.{codename}" for app, codename in permissions),
    }
