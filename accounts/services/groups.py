"""Groups that carry the permissions of the roles: made with the tables, and given what a new version adds."""

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from accounts.roles import GROUPS

APPS = frozenset(name.partition(".")[0] for permissions in GROUPS.values() for name in permissions)
"""Labels of the applications whose permissions groups of ours carry."""


def groups_ensure() -> None:
    """Make the groups that are missing, and give each of them the permissions it lacks.

    What somebody added to a group stays; what somebody took away comes back with the next migration. Permissions that
    Django has not made yet are left for a later call.
    """
    known = {
        f"{app}.{codename}": pk
        for app, codename, pk in Permission.objects.filter(content_type__app_label__in=APPS).values_list(
            "content_type__app_label", "codename", "pk"
        )
    }
    granted = Group.permissions.through
    with transaction.atomic():
        Group.objects.bulk_create([Group(name=name) for name in GROUPS], ignore_conflicts=True)
        groups = dict(Group.objects.filter(name__in=GROUPS).values_list("name", "pk"))
        granted.objects.bulk_create(
            [
                granted(group_id=groups[name], permission_id=known[permission])
                for name, permissions in GROUPS.items()
                for permission in sorted(permissions & known.keys())
            ],
            ignore_conflicts=True,
        )
