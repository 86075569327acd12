"""Which permission of a person counts in which tenants."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission, User
from pytest_django import DjangoAssertNumQueries

from accounts.models import Membership, Tenant
from accounts.roles import (
    FINANCE,
    OPERATOR,
    PERMISSIONS,
    SEE_ALL_TENANTS,
    Role,
    holds_everywhere,
    holds_in,
    holds_somewhere,
    tenants_allowing,
)
from tests.admin_cast import operator, staff, superuser
from tests.cast import Cast

pytestmark = pytest.mark.django_db

READ, ISSUE, USAGE, AUDIT = (
    "tts.read_text",
    "accounts.add_apikey",
    "tts.view_usageevent",
    "accounts.view_auditevent",
)
EVERY = {"alice", "bob"}


def group_of(name: str, *permissions: str) -> Group:
    group = Group.objects.create(name=name)
    for permission in permissions:
        app, _, codename = permission.partition(".")
        group.permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return group


def grouped(*names: str, **roles: str) -> User:
    """Somebody of the staff in these groups, with these roles in tenants by slug."""
    user = User.objects.create_user("eve", is_staff=True)
    user.groups.set(Group.objects.filter(name__in=names))
    assert user.groups.count() == len(names)
    for slug, role in roles.items():
        Membership.objects.create(tenant=Tenant.objects.get(slug=slug), user=user, role=role)
    return again(user)


def again(user: User) -> User:
    """As the next HTTP request knows them."""
    return User.objects.get(pk=user.pk)


def where(user: User, *permissions: str) -> set[str]:
    """Slugs of the tenants in which permissions count, which every way of asking agrees on."""
    found = set(tenants_allowing(user, *permissions).values_list("slug", flat=True))
    assert found == {tenant.slug for tenant in Tenant.objects.all() if holds_in(user, tenant, *permissions)}
    assert holds_somewhere(user, *permissions) is bool(found)
    assert not holds_everywhere(user, *permissions) or found == EVERY
    return found


def test_finance_that_owns_a_tenant_reads_and_issues_in_that_one_alone(cast: Cast) -> None:
    eve = grouped("finance", "tenant owners", alice="owner")

    assert where(eve, USAGE) == EVERY
    assert {
        permission for permission in OPERATOR | PERMISSIONS[Role.OWNER] if where(eve, permission) == EVERY
    } == (FINANCE)
    for permission in PERMISSIONS[Role.OWNER] - FINANCE:
        assert where(eve, permission) == {"alice"}, permission


def test_an_operator_that_owns_a_tenant_gets_secrets_of_that_one_alone(cast: Cast) -> None:
    eve = grouped("operator", "tenant owners", alice="owner")

    assert where(eve, READ) == EVERY
    for permission in PERMISSIONS[Role.OWNER] - OPERATOR:
        assert where(eve, permission) == {"alice"}, permission
    assert ISSUE in PERMISSIONS[Role.OWNER] - OPERATOR


def test_several_permissions_count_where_each_of_them_does(cast: Cast) -> None:
    eve = grouped("finance", "tenant owners", alice="owner")

    assert where(eve, USAGE, READ) == {"alice"}
    assert not holds_everywhere(eve, USAGE, READ)


def test_a_viewer_here_who_owns_another_tenant_is_a_viewer_here(cast: Cast) -> None:
    eve = grouped("tenant viewers", "tenant owners", alice="owner", bob="viewer")

    assert where(eve, READ) == EVERY
    for permission in PERMISSIONS[Role.OWNER] - PERMISSIONS[Role.VIEWER]:
        assert where(eve, permission) == {"alice"}, permission


def test_a_role_without_its_group_opens_nothing_and_a_group_without_its_role_neither(cast: Cast) -> None:
    assert where(grouped(alice="owner"), READ) == set()
    User.objects.all().delete()
    assert where(grouped("tenant owners"), READ) == set()


def test_what_no_role_carries_counts_nowhere_short_of_everywhere(cast: Cast) -> None:
    everything = Permission.objects.exclude(codename="see_all_tenants")
    eve = grouped("tenant owners", alice="owner")
    eve.user_permissions.set(everything)

    for permission in ("accounts.add_tenant", "accounts.view_limitoverride", "tts.view_logrecord"):
        assert where(again(eve), permission) == set()


def test_a_group_of_the_installation_s_own_counts_everywhere_with_all_it_holds(cast: Cast) -> None:
    group_of("night shift", SEE_ALL_TENANTS, READ)
    group_of("key keepers", ISSUE)
    eve = grouped("night shift", "key keepers")

    assert where(eve, READ) == EVERY
    assert where(eve, ISSUE) == set()


def test_two_groups_that_see_all_tenants_add_up(cast: Cast) -> None:
    group_of("night shift", SEE_ALL_TENANTS, READ)
    eve = grouped("night shift", "finance")

    assert where(eve, READ, USAGE) == EVERY


def test_permissions_given_to_a_person_count_everywhere_if_seeing_all_was_given_so_too(cast: Cast) -> None:
    direct = operator("direct", READ)
    direct.groups.add(group_of("key keepers", ISSUE))
    assert where(again(direct), READ) == EVERY
    assert where(again(direct), ISSUE) == set()

    in_group = staff("in-group", ISSUE)
    in_group.groups.add(Group.objects.get(name="operator"))
    assert where(again(in_group), READ) == EVERY
    assert where(again(in_group), ISSUE) == set()


def test_superusers_hold_all_of_it_everywhere(cast: Cast) -> None:
    assert where(superuser(), READ, ISSUE, AUDIT, "accounts.add_tenant") == EVERY


@pytest.mark.parametrize("name", ["root", "finance", "member"])
def test_the_inactive_hold_nothing(cast: Cast, name: str) -> None:
    user = superuser() if name == "root" else grouped("finance", "tenant owners", alice="owner")
    assert where(user, USAGE) == EVERY
    user.is_active = False
    user.save()

    assert where(again(user), USAGE) == set()
    assert where(again(user), READ) == set()


def test_nobody_holds_nothing(cast: Cast) -> None:
    assert not tenants_allowing(AnonymousUser(), USAGE).exists()
    assert not holds_somewhere(AnonymousUser(), USAGE)


def test_a_person_is_looked_up_once(cast: Cast, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    eve, tenants = grouped("finance", "tenant owners", alice="owner"), list(Tenant.objects.all())
    # Their own permissions, those of their groups, those of groups that see all tenants, memberships.
    with django_assert_num_queries(4):
        for permission in OPERATOR:
            holds_everywhere(eve, permission)
            holds_somewhere(eve, permission)
            for tenant in tenants:
                holds_in(eve, tenant, permission)


def test_who_is_in_no_group_of_all_tenants_costs_django_s_own_queries(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for user in (again(operator("op", USAGE)), grouped("tenant owners", alice="owner")):
        with django_assert_num_queries(2):
            holds_everywhere(user, USAGE)
            holds_everywhere(user, READ)
