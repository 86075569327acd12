"""What people may do in the admin: members of tenants, operators, finance.

Two things hold together. The tenants of a person are those of their memberships, or all with the permission
`accounts.see_all_tenants`. What they see and do there is what Django's permissions say, which come with groups.
"""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.db.models import QuerySet

from accounts.models import Membership, Tenant

Role = Membership.Role

AT_LEAST: dict[Role, tuple[Role, ...]] = {
    Role.VIEWER: (Role.VIEWER, Role.DEVELOPER, Role.OWNER),
    Role.DEVELOPER: (Role.DEVELOPER, Role.OWNER),
    Role.OWNER: (Role.OWNER,),
}
"""The roles that may do what a role may."""

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
"""Django's permissions that a person of each role needs to make use of it; they open nothing of other tenants."""

FINANCE = frozenset(
    {
        "accounts.see_all_tenants",
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


def is_operator(user: AnyUser) -> bool:
    """Whether a person sees every tenant: superusers, and who has the permission `accounts.see_all_tenants`.

    What they see of them is another matter: people of the group `finance` have it too, and see usage alone. A page asks
    for its own permission besides.
    """
    return isinstance(user, PermissionsMixin) and user.is_active and user.has_perm("accounts.see_all_tenants")


def visible_tenants(user: AnyUser, role: Role = Role.VIEWER) -> QuerySet[Tenant]:
    """The tenants a person may look at or, with another `role`, those in which they may do what it may.

    All of them for an operator. Costs no query of its own as a condition in another.
    """
    if is_operator(user):
        return Tenant.objects.all()
    if user.pk is None:
        return Tenant.objects.none()
    member = Membership.all_tenants.filter(user_id=user.pk, role__in=AT_LEAST[role])
    return Tenant.objects.filter(pk__in=member.values("tenant_id"))
