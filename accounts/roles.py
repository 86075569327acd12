"""What people may do in the admin, and in which tenants: members, operators, finance.

Django's permissions say what, and know no tenants. Here each of them counts in every tenant only if it comes from where
`accounts.see_all_tenants` comes from: the same group, or both given to the person directly. Any other counts in the
tenants of the person's memberships whose role carries it. So groups of one person do not add up across tenants.
"""

from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, Permission, PermissionsMixin
from django.db.models import QuerySet

from accounts.models import Membership, Tenant

Role = Membership.Role

_VIEWER = frozenset(
    {
        "accounts.view_tenant",
        "accounts.view_apikey",
        "accounts.view_membership",
        "accounts.view_usageperiod",
        "accounts.view_quotathreshold",
        "accounts.view_shadowrefusal",
        "tts.view_synthesisrequest",
        "tts.read_text",
        "tts.view_usageevent",
        "tts.view_usagebucket",
        "tts.view_usageexport",
        "tts.add_usageexport",
        "tts.view_pronunciationentry",
        "tts.view_voiceroute",
    }
)
_SPEAKING = frozenset(
    {
        "tts.rerun_synthesisrequest",
        "tts.cancel_synthesisrequest",
        "tts.erase_synthesisrequest",
        *(f"tts.{what}_pronunciationentry" for what in ("add", "change", "delete")),
        *(f"tts.{what}_voiceroute" for what in ("add", "change", "delete")),
    }
)
_DEVELOPER = _VIEWER | _SPEAKING | {"accounts.add_apikey", "accounts.change_apikey"}
_OWNER = _DEVELOPER | {
    *("accounts.view_auditevent", "accounts.change_tenant"),
    *(f"accounts.{what}_membership" for what in ("add", "change", "delete")),
}
PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.VIEWER: _VIEWER,
    Role.DEVELOPER: _DEVELOPER,
    Role.OWNER: _OWNER,
}
"""Django's permissions that count in a tenant for its members of each role."""

SEE_ALL_TENANTS = "accounts.see_all_tenants"

FINANCE = frozenset(
    {
        SEE_ALL_TENANTS,
        "tts.view_usageevent",
        "tts.view_usagebucket",
        "tts.view_usageexport",
        "tts.add_usageexport",
    }
)
"""Usage of every tenant, to look at and to export: neither history, nor keys, nor logs."""

# Without `add_apikey` nobody is shown a key's secret: that takes issuing one, or rotating it.
OPERATOR = (
    _VIEWER
    | _SPEAKING
    | FINANCE
    | {
        *("accounts.view_auditevent", "accounts.change_tenant", "accounts.change_apikey"),
        *("accounts.view_plan", "accounts.view_limitoverride"),
        *("auth.view_user", "auth.view_group"),
        *("tts.view_voice", "tts.change_voice"),
        *("tts.view_servicebucket", "tts.view_logrecord"),
        *("tts.view_maintenancerun", "tts.add_maintenancerun"),
    }
)
"""Runs the platform for every tenant. Plans, what tenants may use, members and staff are for superusers to change."""

GROUPS: dict[str, frozenset[str]] = {
    "operator": OPERATOR,
    "finance": FINANCE,
    **{f"tenant {role}s": permissions for role, permissions in PERMISSIONS.items()},
}
"""The groups that every installation has, by name; `accounts.services.groups` makes them."""

AnyUser = AbstractBaseUser | AnonymousUser

_EVERYWHERE = "_voxgate_permissions_everywhere"
_MEMBER = "_voxgate_memberships"
# Kept with the user as Django keeps its permissions: for one HTTP request.


def holds_everywhere(user: AnyUser, *permissions: str) -> bool:
    """Whether these permissions of a person count in every tenant, and for what belongs to none.

    Superusers have all of them. Costs one query at most, for people with a group that sees every tenant.
    """
    if not isinstance(user, PermissionsMixin) or not user.is_active:
        return False
    return user.is_superuser or _everywhere(user).issuperset(permissions)


def tenants_allowing(user: AnyUser, *permissions: str) -> QuerySet[Tenant]:
    """The tenants in which all these permissions of a person count.

    Costs no query of its own as a condition in another.
    """
    if holds_everywhere(user, *permissions):
        return Tenant.objects.all()
    roles = _roles_that_add(user, permissions)
    if not roles or user.pk is None:
        return Tenant.objects.none()
    member = Membership.all_tenants.filter(user_id=user.pk, role__in=roles)
    return Tenant.objects.filter(pk__in=member.values("tenant_id"))


def holds_somewhere(user: AnyUser, *permissions: str) -> bool:
    """Whether there is a tenant in which all these permissions of a person count.

    This and `holds_in` cost one query between them, however often they are asked.
    """
    if holds_everywhere(user, *permissions):
        return True
    roles = _roles_that_add(user, permissions)
    return bool(roles) and not set(roles).isdisjoint(_roles_held(user).values())


def holds_in(user: AnyUser, tenant: Tenant, *permissions: str) -> bool:
    """Whether all these permissions of a person count in this tenant."""
    if holds_everywhere(user, *permissions):
        return True
    roles = _roles_that_add(user, permissions)
    return bool(roles) and _roles_held(user).get(tenant.pk) in roles


def _everywhere(user: PermissionsMixin) -> frozenset[str]:
    known: frozenset[str] | None = getattr(user, _EVERYWHERE, None)
    if known is None:
        direct = user.get_user_permissions()
        known = frozenset(direct) if SEE_ALL_TENANTS in direct else frozenset()
        if SEE_ALL_TENANTS in user.get_group_permissions():
            known |= _of_groups_that_see_all(user)
        setattr(user, _EVERYWHERE, known)
    return known


def _of_groups_that_see_all(user: PermissionsMixin) -> set[str]:
    app, _, codename = SEE_ALL_TENANTS.partition(".")
    groups = user.groups.filter(permissions__content_type__app_label=app, permissions__codename=codename)
    rows = Permission.objects.filter(group__in=groups).order_by()
    return {f"{label}.{name}" for label, name in rows.values_list("content_type__app_label", "codename")}


def _roles_that_add(user: AnyUser, permissions: Iterable[str]) -> list[Role]:
    """The roles that carry those of `permissions` that do not count everywhere, if the person has them at all."""
    if not isinstance(user, PermissionsMixin) or not user.has_perms(permissions):
        return []
    lacking = {permission for permission in permissions if not holds_everywhere(user, permission)}
    return [role for role, carried in PERMISSIONS.items() if lacking <= carried]


def _roles_held(user: AnyUser) -> dict[UUID, Role]:
    known: dict[UUID, Role] | None = getattr(user, _MEMBER, None)
    if known is None and user.pk is not None:
        rows = Membership.all_tenants.filter(user_id=user.pk).values_list("tenant_id", "role")
        known = {tenant_id: Role(role) for tenant_id, role in rows}
        setattr(user, _MEMBER, known)
    return known or {}
