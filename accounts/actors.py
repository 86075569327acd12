"""Who acts: services that change accounts are told, and write it into the audit log."""

from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser

from accounts.models.api_key import ApiKey


@dataclass(frozen=True, slots=True)
class Actor:
    """`kind` is `user`, `key`, `command` or `system`; `address` and `request_id` are those of its HTTP request."""

    kind: str
    id: str = ""
    name: str = ""
    address: str | None = None
    request_id: str = ""

    @classmethod
    def of_user(cls, user: AbstractBaseUser, *, address: str | None = None, request_id: str = "") -> "Actor":
        return cls("user", str(user.pk), user.get_username(), address, request_id)

    @classmethod
    def of_key(cls, key: ApiKey, *, address: str | None = None, request_id: str = "") -> "Actor":
        return cls("key", str(key.pk), key.label, address, request_id)

    @classmethod
    def of_command(cls, name: str) -> "Actor":
        """Somebody with a shell on the server, who ran `manage.py name`."""
        return cls("command", name=name)

    @property
    def user_id(self) -> int | None:
        """The primary key of the user, None for other kinds."""
        return int(self.id) if self.kind == "user" else None


SYSTEM = Actor("system")
"""Voxgate itself: bootstrap, janitor."""
