"""Everybody who may open the admin, and what becomes of what they ask for."""

import re
from collections.abc import Callable, Iterable
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.models import Permission, User
from django.db import connection
from django.db.models import Model
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client

from accounts.models import Membership, Tenant
from accounts.services.memberships import membership_set
from tests.admin_cast import client_of, english_client, superuser
from tests.isolation.belongings import Belongings
from tests.isolation.tenancy import tenant_models

Role = Membership.Role


def staff_of(name: str, *tenants: tuple[Tenant, Role], without: str = "see_all_tenants") -> User:
    """Someone of the staff with every permission of Django's but one, and these memberships."""
    user = User.objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.exclude(codename=without))
    for tenant, role in tenants:
        membership_set(tenant=tenant, user=user, role=role)
    return user


def owner_of(belongings: Belongings) -> Client:
    tenant = belongings.member.tenant
    return client_of(staff_of(f"owner-of-{tenant.slug}", (tenant, Role.OWNER)))


def nobody(owner: Belongings) -> Client:
    return english_client()


def with_a_key(owner: Belongings) -> Client:
    return Client(headers={"accept-language": "en", **owner.member.headers})


def visitor(owner: Belongings) -> Client:
    """Logged in, a member, with every permission, and not of the staff."""
    user = staff_of("visitor", (owner.member.tenant, Role.OWNER))
    user.is_staff = False
    user.save()
    return client_of(user)


def fired(owner: Belongings) -> Client:
    """Of the staff with everything, until the session was under way."""
    client = client_of(staff_of("fired", (owner.member.tenant, Role.OWNER)))
    User.objects.filter(username="fired").update(is_active=False)
    return client


def without_permissions(owner: Belongings) -> Client:
    user = User.objects.create_user("bare", is_staff=True)
    membership_set(tenant=owner.member.tenant, user=user, role=Role.OWNER)
    return client_of(user)


def without_a_tenant(owner: Belongings) -> Client:
    return client_of(staff_of("tenantless"))


def operator(owner: Belongings) -> Client:
    return client_of(staff_of("operator", without="none of them"))


def root(owner: Belongings) -> Client:
    return client_of(superuser())


OUTSIDE: dict[str, Callable[[Belongings], Client]] = {
    "nobody": nobody,
    "the tenant's key": with_a_key,
    "a visitor's session": visitor,
    "a fired member's session": fired,
}
"""They get the login page and nothing else."""


def outcome(response: HttpResponseBase) -> str:
    """`login`, `forbidden`, `missing` (a 404, or Django's way back to the index), `shown`, or the bare status."""
    location = response.headers.get("Location", "")
    match response.status_code:
        case 302 if location.startswith("/admin/login/"):
            return "login"
        case 302 if location == "/admin/":
            return "missing"
        case 403:
            return "forbidden"
        case 404:
            return "missing"
        case 200 | 301 | 302:
            return "shown"
        case status:
            return str(status)


def body(response: HttpResponseBase) -> str:
    """What an answer holds, streamed or not."""
    if isinstance(response, StreamingHttpResponse):
        return b"".join(cast(Iterable[bytes], response.streaming_content)).decode(errors="replace")
    assert isinstance(response, HttpResponse)
    return response.content.decode(errors="replace")


def seen(response: HttpResponseBase, object_id: object) -> tuple[Any, ...]:
    """All that a person sees of an answer, with the id it was asked for and form tokens taken out."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", body(response))
    text = re.sub(r"[0-9a-f]{32}", "", text)
    # Signed links tell the second they were made in.
    text = re.sub(r"token=[\w%:-]+", "", text)
    headers = {
        name: value
        for name, value in response.headers.items()
        if name not in ("Content-Length", "X-Request-ID", "Date", "Expires", "Last-Modified")
    }
    return response.status_code, f"{headers}\n{text}".replace(str(object_id), "ID")


def unknown_id(model: type[Model]) -> object:
    """An id of the right kind that no row has."""
    is_uuid = model._meta.pk is not None and model._meta.pk.get_internal_type() == "UUIDField"
    return UUID("019a0000-0000-7000-8000-000000000000") if is_uuid else 987_654_321


def rows_of(tenant: Tenant, *, but: Iterable[str] = ()) -> dict[str, list[str]]:
    """Every row of a tenant in every table `but` these, and the tenant itself, as text."""
    found = {}
    with connection.cursor() as cursor:
        models: list[type[Model]] = [*tenant_models(), Tenant]
        for model in models:
            table = model._meta.db_table
            if table in but:
                continue
            column = "id" if model is Tenant else "tenant_id"
            cursor.execute(
                f"SELECT t::text FROM {table} t WHERE {column} = %s ORDER BY 1",  # noqa: S608 - our own tables
                [tenant.pk],
            )
            found[table] = [row for (row,) in cursor.fetchall()]
    return found
