"""People in several groups and tenants: what they may do in one is nothing that they may do in the others."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db.models import Model
from django.test import Client

from accounts.models import ApiKey, AuditEvent, LimitOverride, Membership, Plan, Tenant
from accounts.services.memberships import membership_set
from tests.admin_cast import client_of
from tests.isolation.belongings import Belongings
from tests.isolation.people import Role, body, outcome, rows_of, unknown_id
from tests.isolation.routes import address, admin_routes
from tests.isolation.test_admin_attacks import ADDED, CONFIRMED, LISTS, actions_of, forms, path_of, row_of
from tests.isolation.test_admin_matrix import object_id
from tests.outages import flush_redis
from tts.models import SynthesisRequest, UsageBucket, UsageEvent, UsageExport, Voice, VoiceRoute

pytestmark = pytest.mark.slow

USAGE: tuple[type[Model], ...] = (UsageBucket, UsageEvent, UsageExport)
"""What finance sees of every tenant."""


@pytest.fixture(autouse=True)
def empty_redis() -> Iterator[None]:
    flush_redis()
    yield
    flush_redis()


def person(*groups: str, **roles: Role) -> Client:
    """Somebody of the staff in these groups, with these roles in tenants by slug."""
    user = User.objects.create_user("both", is_staff=True)
    user.groups.set(Group.objects.filter(name__in=groups))
    for slug, role in roles.items():
        membership_set(tenant=Tenant.objects.get(slug=slug), user=user, role=role)
    return client_of(user)


def night_shift() -> str:
    """A group of the installation's own, which looks at routes of every tenant and changes none."""
    group = Group.objects.create(name="night shift")
    group.permissions.set(
        Permission.objects.filter(codename__in=["see_all_tenants", "view_voiceroute", "view_tenant"])
    )
    return group.name


def finance_and_owner() -> Client:
    return person("finance", "tenant owners", walrus=Role.OWNER)


def own_group_and_owner() -> Client:
    return person(night_shift(), "tenant owners", walrus=Role.OWNER)


def viewer_here_and_owner_there() -> Client:
    return person("tenant viewers", "tenant owners", quokka=Role.VIEWER, walrus=Role.OWNER)


MIXED = [finance_and_owner, own_group_and_owner, viewer_here_and_owner_there]


def left_alone(tenant: Tenant) -> dict[str, list[str]]:
    """All its rows but those that tell who looked."""
    return rows_of(tenant, but=[AuditEvent._meta.db_table])


def paths_without_usage(owner: Belongings) -> list[str]:
    """Every page of the admin that is not about usage, asked for an object of the owner's."""
    of_usage = tuple(path_of(model)[1:] for model in USAGE)
    return [
        address(pattern, object_id(pattern, owner))
        for pattern in admin_routes()
        if not pattern.startswith(("admin/logout/", *of_usage))
    ]


def test_finance_with_a_tenant_of_its_own_reads_no_word_of_others(
    quokka: Belongings, walrus: Belongings
) -> None:
    client = finance_and_owner()
    found = []
    for owner in (walrus, quokka):
        for path in paths_without_usage(owner):
            shown = body(client.get(path, follow=True))
            found += [f"{path}: {mark}" for mark in quokka.marks if mark in shown and mark not in path]
    assert found == []


def test_finance_with_a_tenant_of_its_own_sees_the_usage_of_all(
    quokka: Belongings, walrus: Belongings
) -> None:
    client = finance_and_owner()
    report = body(client.get(path_of(UsageBucket)))
    assert "Quokka" in report
    assert "Walrus" in report
    for model in (UsageEvent, UsageExport):
        for owner in (quokka, walrus):
            assert outcome(client.get(path_of(model, f"{owner.row(model).pk}/change/"))) == "shown"
    asked = client.get(path_of(UsageExport, "add/")).context["adminform"].form.fields["tenant"]
    assert {tenant.slug for tenant in asked.queryset} >= {"quokka", "walrus"}
    assert not asked.required


def test_the_usage_of_a_tenant_offers_files_where_they_may_be_asked_for(
    quokka: Belongings, walrus: Belongings
) -> None:
    looks = Group.objects.create(name="looks at usage")
    looks.permissions.set(Permission.objects.filter(codename__in=["see_all_tenants", "view_usagebucket"]))
    client = person(looks.name, "tenant owners", walrus=Role.OWNER)
    offered = {}
    for query in ({}, *({"tenant": str(owner.member.tenant.pk)} for owner in (quokka, walrus))):
        page = body(client.get(path_of(UsageBucket), query))
        tools = [path_of(UsageExport, "add/?"), 'id="usage-csv"', f'href="{path_of(UsageEvent)}?']
        offered[query.get("tenant")] = [tool in page for tool in tools]
    assert offered[None] == offered[str(quokka.member.tenant.pk)] == [False] * 3
    assert offered[str(walrus.member.tenant.pk)] == [True] * 3


def test_usage_links_to_requests_that_may_be_opened(quokka: Belongings, walrus: Belongings) -> None:
    page = body(finance_and_owner().get(path_of(UsageEvent)))
    assert path_of(SynthesisRequest, f"{walrus.request.pk}/change/") in page
    assert path_of(SynthesisRequest, f"{quokka.request.pk}/change/") not in page


@pytest.mark.parametrize("make", MIXED)
def test_what_owners_do_is_done_in_their_own_tenant_alone(
    quokka: Belongings, walrus: Belongings, make: Callable[[], Client]
) -> None:
    """Each form, button and action, sent for another tenant's rows, changes none of them."""
    client = make()
    User.objects.create_user("friend", is_staff=True)
    before = left_alone(quokka.member.tenant)
    for path in (
        address(pattern, object_id(pattern, quokka)) for pattern in admin_routes() if "logout" not in pattern
    ):
        client.post(path, {"post": "yes", "overlap": "0", "name": "taken over", **CONFIRMED})
    for model in LISTS:
        row = row_of(quokka, model)
        for rest in ("change/", "delete/"):
            sent = forms(quokka.member.tenant, "friend").get(model, {"name": "taken over"})
            client.post(path_of(model, f"{row.pk}/{rest}"), {**sent, **CONFIRMED})
        for action in actions_of(model):
            for ticked in ([row], [row, row_of(walrus, model)]):
                ids = [str(each.pk) for each in ticked]
                client.post(path_of(model), {"action": action, "_selected_action": ids, **CONFIRMED})
    for model in ADDED:
        client.post(path_of(model, "add/"), forms(quokka.member.tenant, "friend")[model])
    assert left_alone(quokka.member.tenant) == before


@pytest.mark.parametrize("make", MIXED)
@pytest.mark.parametrize("model", ADDED, ids=lambda model: model.__name__)
def test_in_their_own_tenant_owners_add_what_they_may(
    quokka: Belongings, walrus: Belongings, model: type[Model], make: Callable[[], Client]
) -> None:
    client = make()
    User.objects.create_user("friend", is_staff=True)
    before = left_alone(walrus.member.tenant)
    page = client.get(path_of(model, "add/"))
    assert [str(tenant) for tenant in page.context["adminform"].form.fields["tenant"].queryset] == ["Walrus"]
    client.post(path_of(model, "add/"), forms(walrus.member.tenant, "friend")[model])
    assert left_alone(walrus.member.tenant) != before


def test_an_operator_with_a_tenant_of_its_own_gets_secrets_of_that_one_alone(
    quokka: Belongings, walrus: Belongings
) -> None:
    client = person("operator", "tenant owners", walrus=Role.OWNER)
    for owner, status in ((quokka, 403), (walrus, 200)):
        rotated = client.post(path_of(ApiKey, f"{owner.member.row.pk}/rotate/"), {"overlap": "0"})
        assert rotated.status_code == status
        assert (b'id="issued-key"' in rotated.content) is (owner is walrus)
        issued = client.post(path_of(ApiKey, "add/"), forms(owner.member.tenant, "")[ApiKey])
        assert (b'id="issued-key"' in issued.content) is (owner is walrus)


def test_an_operator_with_a_tenant_of_its_own_says_who_belongs_to_that_one_alone(
    quokka: Belongings, walrus: Belongings
) -> None:
    client = person("operator", "tenant owners", walrus=Role.OWNER)
    pages = {
        owner.member.tenant.slug: client.get(path_of(Tenant, f"{owner.member.tenant.pk}/change/"))
        for owner in (quokka, walrus)
    }
    offered = {
        slug: [
            inline.formset.model
            for inline in page.context["inline_admin_formsets"]
            if inline.has_add_permission
        ]
        for slug, page in pages.items()
    }
    assert offered == {"quokka": [], "walrus": [Membership]}
    for owner in (quokka, walrus):
        client.post(path_of(Membership, f"{owner.row(Membership).pk}/delete/"), {"post": "yes"})
    assert list(Membership.all_tenants.filter(user__username__endswith="-person")) == [quokka.row(Membership)]


def test_a_tenant_s_page_shows_no_members_where_they_may_not_be_seen(
    quokka: Belongings, walrus: Belongings
) -> None:
    client = own_group_and_owner()
    shown = {}
    for owner in (quokka, walrus):
        page = client.get(path_of(Tenant, f"{owner.member.tenant.pk}/change/"))
        shown[owner.member.tenant.slug] = {one.formset.model for one in page.context["inline_admin_formsets"]}
        links = body(page)
        for word in ("apikey/add/?tenant=", "synthesisrequest/?tenant", "auditevent/?tenant"):
            assert (word in links) is (owner is walrus), word
    assert shown == {"quokka": set(), "walrus": {Membership}}
    assert LimitOverride not in shown["walrus"]


def test_a_viewer_here_reads_no_audit_log_here_by_owning_another_tenant(
    quokka: Belongings, walrus: Belongings
) -> None:
    client = viewer_here_and_owner_there()
    shown = body(client.get(path_of(AuditEvent)))
    assert "walrus" in shown
    assert "quokka" not in shown
    told = [
        outcome(client.get(path_of(AuditEvent, f"{owner.row(AuditEvent).pk}/change/")))
        for owner in (quokka, walrus)
    ]
    assert told == ["missing", "shown"]
    assert "auditevent/?tenant" not in body(client.get(path_of(Tenant, f"{quokka.member.tenant.pk}/change/")))


def test_a_route_is_not_moved_to_a_tenant_in_which_it_may_not_be_changed(
    quokka: Belongings, walrus: Belongings
) -> None:
    client = own_group_and_owner()
    route = walrus.row(VoiceRoute)
    for target in (quokka.member.tenant.pk, ""):
        sent = {"tenant": target, "language": "ja", "speaker_id": "3", "voice": "zh_CN-a"}
        assert client.post(path_of(VoiceRoute, f"{route.pk}/change/"), sent).status_code == 200
    route.refresh_from_db()
    assert VoiceRoute.all_tenants.get(pk=route.pk).tenant_id == walrus.member.tenant.pk


def test_who_may_not_export_of_a_tenant_does_not_repeat_its_exports(
    quokka: Belongings, walrus: Belongings
) -> None:
    looks = Group.objects.create(name="looks at exports")
    looks.permissions.set(Permission.objects.filter(codename__in=["see_all_tenants", "view_usageexport"]))
    client = person(looks.name, "tenant owners", walrus=Role.OWNER)
    told = []
    for owner in (quokka, walrus):
        export = owner.row(UsageExport)
        assert outcome(client.get(path_of(UsageExport, f"{export.pk}/change/"))) == "shown"
        UsageExport.all_tenants.filter(pk=export.pk).update(status="failed", error_code="interrupted")
        told.append(client.post(path_of(UsageExport, f"{export.pk}/retry/")).status_code)
    assert told == [403, 302]
    form = client.get(path_of(UsageExport, "add/")).context["adminform"].form
    assert [tenant.slug for tenant in form.fields["tenant"].queryset] == ["walrus"]
    assert form.fields["tenant"].required


def test_plans_voices_logs_and_housekeeping_stay_with_the_group_they_came_from(
    quokka: Belongings, walrus: Belongings
) -> None:
    """Whatever else a person of finance was given for a tenant of theirs."""
    extra = Group.objects.create(name="extra")
    extra.permissions.set(Permission.objects.exclude(codename="see_all_tenants"))
    client = person("finance", extra.name, walrus=Role.OWNER)
    for path in (
        "accounts/plan/",
        "auth/user/",
        "auth/group/",
        "tts/logrecord/",
        "tts/maintenancerun/",
        "desk/live/",
    ):
        assert outcome(client.get(f"/admin/{path}")) == "forbidden", path
    assert outcome(client.post("/admin/tts/maintenancerun/start/", {"task": "retention"})) == "forbidden"
    client.post("/admin/tts/voice/", {"action": "switch_off", "_selected_action": "zh_CN-a"})
    assert Voice.objects.get(pk="zh_CN-a").enabled
    page = client.get(path_of(Tenant, f"{walrus.member.tenant.pk}/change/"))
    assert "plan" not in page.context["adminform"].form.fields
    assert outcome(client.post(path_of(Tenant, "add/"), {"slug": "new", "name": "New"})) == "forbidden"
    assert outcome(client.get(path_of(Plan, f"{unknown_id(Plan)}/change/"))) == "forbidden"
