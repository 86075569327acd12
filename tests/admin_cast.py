"""People who open the admin: clients that speak English, logged in by name."""

from django.contrib.auth.models import Permission, User
from django.test import Client

from accounts.models import Membership, Tenant
from accounts.services.memberships import membership_set


def english_client() -> Client:
    return Client(headers={"accept-language": "en"})


def client_of(user: User) -> Client:
    client = english_client()
    client.force_login(user)
    return client


def superuser() -> User:
    return User.objects.create_superuser("root")


def staff(name: str, *permissions: str) -> User:
    """Someone of the staff with these permissions, each `app.codename`."""
    user = User.objects.create_user(name, is_staff=True)
    for permission in permissions:
        app, _, codename = permission.partition(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return user


def operator(name: str, *permissions: str) -> User:
    """Someone of the staff who sees every tenant, with these permissions."""
    return staff(name, "accounts.see_all_tenants", *permissions)


def member_of(tenant: Tenant, role: Membership.Role) -> User:
    """Someone of the staff who belongs to one tenant, with every permission there is short of being an operator."""
    user = User.objects.create_user(f"{role}-{tenant.slug}", is_staff=True)
    user.user_permissions.set(Permission.objects.exclude(codename="see_all_tenants"))
    membership_set(tenant=tenant, user=user, role=role)
    return user
