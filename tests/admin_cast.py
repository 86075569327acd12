"""People who open the admin: clients that speak English, logged in by name."""

from django.contrib.auth.models import Permission, User
from django.test import Client


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
