"""The roles that every installation has × every route of the admin: what opens to whom, and nothing else."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from accounts.models import Membership, Plan
from accounts.roles import GROUPS
from accounts.services.memberships import membership_set
from tests.admin_cast import client_of
from tests.isolation.belongings import Belongings
from tests.isolation.people import outcome
from tests.isolation.routes import MODELS, PAGES, Open, address, admin_routes, names_an_object
from tests.isolation.test_admin_matrix import is_bare_redirect, object_id
from tests.outages import flush_redis

pytestmark = pytest.mark.slow

Role = Membership.Role

LOOK, ADD, DELETE = "look", "add", "delete"
FORMS = {"add/": ADD, "<path:object_id>/delete/": DELETE}
"""Routes of a model that are not for looking."""

USAGE = {"tts.usageevent": {LOOK}, "tts.usagebucket": {LOOK}, "tts.usageexport": {LOOK, ADD}}
VIEWER = {
    **USAGE,
    "accounts.tenant": {LOOK},
    "accounts.apikey": {LOOK},
    "accounts.membership": {LOOK},
    "accounts.usageperiod": {LOOK},
    "accounts.quotathreshold": {LOOK},
    "accounts.shadowrefusal": {LOOK},
    "tts.synthesisrequest": {LOOK},
    "tts.pronunciationentry": {LOOK},
    "tts.voiceroute": {LOOK},
}
SPEAKING = {"tts.pronunciationentry": {LOOK, ADD, DELETE}, "tts.voiceroute": {LOOK, ADD, DELETE}}
DEVELOPER = {**VIEWER, **SPEAKING, "accounts.apikey": {LOOK, ADD}}
OWNER = {**DEVELOPER, "accounts.membership": {LOOK, ADD, DELETE}, "accounts.auditevent": {LOOK}}
OPERATOR = {
    **VIEWER,
    **SPEAKING,
    "accounts.auditevent": {LOOK},
    "accounts.plan": {LOOK},
    "auth.user": {LOOK},
    "auth.group": {LOOK},
    "tts.logrecord": {LOOK},
    "tts.maintenancerun": {LOOK},
    "tts.voice": {LOOK},
}
MAY: dict[str, dict[str, set[str]]] = {
    "finance": USAGE,
    "operator": OPERATOR,
    "tenant viewers": VIEWER,
    "tenant developers": DEVELOPER,
    "tenant owners": OWNER,
}
"""What each group does with which models. People of the tenants' groups are members with that role as well."""

OF_NO_MODEL = {"admin/desk/live/": {"operator"}}
"""Pages for some of the staff that belong to no model, and for whom."""

SECRETS = {"admin/accounts/apikey/<uuid:key_id>/rotate/": {"tenant developers", "tenant owners"}}
"""Pages of models that open to less people than their lists do."""


@pytest.fixture(autouse=True)
def empty_redis() -> Iterator[None]:
    flush_redis()
    yield
    flush_redis()


def person(group: str, owner: Belongings, *others: str) -> Client:
    """Somebody of the staff in these groups, and a member of the tenant if one of them is of tenants."""
    user = User.objects.create_user(group.replace(" ", "-"), is_staff=True)
    for name in (group, *others):
        user.groups.add(Group.objects.get(name=name))
        role = name.removeprefix("tenant ").removesuffix("s")
        if role in Role.values:
            membership_set(tenant=owner.member.tenant, user=user, role=Role(role))
    return client_of(user)


def routes_of_models() -> list[tuple[str, str, str]]:
    """Pattern, model and the rest of the pattern, of every route of a model and the pages below it."""
    found = []
    for pattern, who in admin_routes().items():
        model = ".".join(pattern.split("/")[1:3])
        if model in MODELS and who not in (Open.NOBODY, Open.SUPERUSERS) and not is_bare_redirect(pattern):
            found.append((pattern, model, "/".join(pattern.split("/")[3:])))
    return found


def test_every_group_is_in_the_matrix() -> None:
    assert set(MAY) == set(GROUPS)
    outside = {
        pattern
        for pattern, who in PAGES.items()
        if who in (Open.OPERATORS, Open.TENANT) and ".".join(pattern.split("/")[1:3]) not in MODELS
    }
    assert outside == set(OF_NO_MODEL)


@pytest.mark.parametrize("group", MAY)
def test_what_opens_to_a_role_and_nothing_else(quokka: Belongings, group: str) -> None:
    client = person(group, quokka)
    wrong = []
    for pattern, model, rest in routes_of_models():
        deeds = MAY[group].get(model, set())
        told = outcome(client.get(address(pattern, object_id(pattern, quokka))))
        expected = FORMS.get(rest, LOOK) in deeds and group in SECRETS.get(pattern, MAY)
        if expected and pattern in PAGES:
            # Pages of its own may ask for more than the list does; they never open to others.
            continue
        if (told == "shown") is not expected:
            wrong.append(f"{pattern}: {told}")
    for pattern, groups in OF_NO_MODEL.items():
        told = outcome(client.get(address(pattern, "1")))
        if (told == "shown") is not (group in groups):
            wrong.append(f"{pattern}: {told}")
    assert wrong == []


OF_TENANTS = tuple(group for group in MAY if group.startswith("tenant "))


@pytest.mark.parametrize("of_tenant", OF_TENANTS)
@pytest.mark.parametrize("group", ["finance", "operator"])
def test_in_other_tenants_a_role_adds_nothing_to_a_group_of_all(
    quokka: Belongings, walrus: Belongings, group: str, of_tenant: str
) -> None:
    """Somebody in both groups, and a member of one tenant: its pages open by both, those of the other one by one."""
    client = person(group, walrus, of_tenant)
    wrong = []
    for pattern, model, rest in routes_of_models():
        for owner in (quokka, walrus):
            is_foreign = owner is quokka and names_an_object(pattern)
            groups = {group} if is_foreign else {group, of_tenant}
            deed = FORMS.get(rest, LOOK)
            allowed = SECRETS.get(pattern, set(MAY))
            expected = bool(groups & allowed) and any(deed in MAY[one].get(model, set()) for one in groups)
            if expected and pattern in PAGES:
                continue
            told = outcome(client.get(address(pattern, object_id(pattern, owner))))
            if (told == "shown") is not expected:
                wrong.append(f"{pattern} of {owner.member.tenant}: {told}")
    assert wrong == []


@pytest.mark.parametrize("group", MAY)
def test_only_who_may_issue_keys_is_shown_a_secret(quokka: Belongings, group: str) -> None:
    client = person(group, quokka)
    key = quokka.member.row
    allowed = group in ("tenant developers", "tenant owners")
    issue = {
        "tenant": str(quokka.member.tenant.pk),
        "name": "new",
        "environment": "live",
        "scopes": ["usage:read"],
    }
    answers = [
        client.post("/admin/accounts/apikey/add/", issue),
        client.post(f"/admin/accounts/apikey/{key.pk}/rotate/", {"overlap": "0"}),
    ]
    assert [response.status_code for response in answers] == [200 if allowed else 403] * 2
    assert [b'id="issued-key"' in response.content for response in answers] == [allowed] * 2


@pytest.mark.parametrize("group", ["operator", "tenant developers"])
def test_operators_revoke_keys_without_seeing_them(quokka: Belongings, group: str) -> None:
    data = {"action": "revoke", "_selected_action": str(quokka.member.row.pk), "confirmed": "yes"}
    person(group, quokka).post("/admin/accounts/apikey/", data)
    quokka.member.row.refresh_from_db()
    assert quokka.member.row.revoked_at is not None


def form_of(client: Client, path: str) -> dict[str, str]:
    """What the form on a page would send as it stands."""
    page = client.get(path)
    forms = [page.context["adminform"].form, *(f.formset for f in page.context["inline_admin_formsets"])]
    sent: dict[str, str] = {}
    for form in forms:
        parts = [form] if hasattr(form, "fields") else [form.management_form, *form.initial_forms]
        for part in parts:
            for bound in part:
                value = bound.value()
                sent[bound.html_name] = "" if value is None or value is False else str(value)
    return sent


def test_operators_change_neither_plans_nor_what_a_tenant_may_use(
    quokka: Belongings, walrus: Belongings
) -> None:
    client, tenant = person("operator", quokka), quokka.member.tenant
    other = walrus.member.tenant.plan
    page = f"/admin/accounts/tenant/{tenant.pk}/change/"
    sent = form_of(client, page)
    assert "plan" not in sent
    override = quokka.member.tenant.overrides.get()
    inline = {
        "overrides-TOTAL_FORMS": "1",
        "overrides-INITIAL_FORMS": "1",
        "overrides-0-id": str(override.pk),
        "overrides-0-tenant": str(tenant.pk),
        "overrides-0-value": "999999",
    }
    answer = client.post(page, {**sent, "name": "Renamed", "plan": str(other.pk), **inline})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    tenant.refresh_from_db()
    override.refresh_from_db()
    assert (tenant.name, tenant.plan_id) == ("Renamed", Plan.objects.get(slug="of-quokka").pk)
    assert override.value == 1000

    for path in (f"/admin/accounts/plan/{other.pk}/change/", "/admin/accounts/plan/add/"):
        assert client.post(path, {"name": "cheap"}).status_code == 403
    action = {"action": "make_default", "_selected_action": str(other.pk)}
    client.post("/admin/accounts/plan/", action)
    other.refresh_from_db()
    assert not other.is_default


def test_operators_suspend_and_reactivate_tenants(quokka: Belongings) -> None:
    client, tenant = person("operator", quokka), quokka.member.tenant
    for action, active in (("suspend", False), ("reactivate", True)):
        client.post("/admin/accounts/tenant/", {"action": action, "_selected_action": str(tenant.pk)})
        tenant.refresh_from_db()
        assert tenant.is_active is active
