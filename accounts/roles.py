"""What members of tenants may do in the admin, and who is an operator."""

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
        "tts.view_usageevent",
        "tts.view_pronunciationentry",
        "tts.view_voiceroute",
    }
)
_DEVELOPER = _VIEWER | {
    *("accounts.add_apikey", "accounts.change_apikey"),
    *(f"tts.{what}_pronunciationentry" for what in ("add", "change", "delete")),
    *(f"tts.{what}_voiceroute" for what in ("add", "change", "delete")),
}
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

AnyUser = AbstractBaseUser | AnonymousUser


def is_operator(user: AnyUser) -> bool:
    """Whether a person sees every tenant: superusers, and who has the permission `accounts.see_all_tenants`."""
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
