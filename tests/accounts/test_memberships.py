import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent, Membership
from accounts.roles import PERMISSIONS, Role, holds_everywhere, tenants_allowing
from accounts.services.memberships import membership_remove, membership_set
from tests.admin_cast import operator, staff, superuser
from tests.cast import Cast

pytestmark = pytest.mark.django_db


LEAST = {
    Role.VIEWER: "accounts.view_tenant",
    Role.DEVELOPER: "accounts.add_apikey",
    Role.OWNER: "accounts.add_membership",
}
"""A permission that comes with each role and with no lesser one."""


def slugs(user: User, role: Role = Role.VIEWER) -> set[str]:
    """Tenants in which a person may do what this role may."""
    return set(tenants_allowing(User.objects.get(pk=user.pk), LEAST[role]).values_list("slug", flat=True))


def test_a_person_is_made_a_member_changes_role_and_leaves(cast: Cast) -> None:
    eve, alice = staff("eve"), cast.alice.tenant
    membership_set(tenant=alice, user=eve, role="viewer")
    membership_set(tenant=alice, user=eve, role="owner")
    membership_set(tenant=alice, user=eve, role="owner")
    assert Membership.objects.of(alice).get().role == "owner"
    assert [membership_remove(tenant=alice, user=eve) for _ in range(2)] == [True, False]
    rows = AuditEvent.all_tenants.filter(target_kind="membership").order_by("id")
    assert [(row.action, row.target_name, row.before, row.after) for row in rows] == [
        ("membership.set", "eve", {}, {"user_id": eve.pk, "role": "viewer"}),
        ("membership.set", "eve", {"role": "viewer"}, {"role": "owner"}),
        ("membership.remove", "eve", {"user_id": eve.pk, "role": "owner"}, {}),
    ]


def test_a_role_that_is_none_is_refused_by_field(cast: Cast) -> None:
    with pytest.raises(ValidationError) as raised:
        membership_set(tenant=cast.alice.tenant, user=staff("eve"), role="king")
    assert list(raised.value.message_dict) == ["role"]


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.VIEWER, [Role.VIEWER]),
        (Role.DEVELOPER, [Role.VIEWER, Role.DEVELOPER]),
        (Role.OWNER, [Role.VIEWER, Role.DEVELOPER, Role.OWNER]),
    ],
)
def test_members_see_their_tenant_and_do_what_their_role_may(cast: Cast, role: Role, may: list[Role]) -> None:
    eve = staff("eve", *LEAST.values())
    assert slugs(eve) == set()
    membership_set(tenant=cast.alice.tenant, user=eve, role=role)
    assert [wanted for wanted in Role if slugs(eve, wanted) == {"alice"}] == [
        wanted for wanted in Role if wanted in may
    ]


def test_operators_see_every_tenant_while_they_are_active(cast: Cast) -> None:
    for user in (superuser(), operator("op", *LEAST.values())):
        assert holds_everywhere(user, *LEAST.values())
        assert slugs(user, Role.OWNER) == {"alice", "bob"}
        user.is_active = False
        user.save()
        assert slugs(user) == set()


def test_each_role_has_what_the_lesser_one_has() -> None:
    assert PERMISSIONS[Role.VIEWER] < PERMISSIONS[Role.DEVELOPER] < PERMISSIONS[Role.OWNER]


def test_the_permissions_of_roles_exist_and_make_nobody_an_operator() -> None:
    eve = staff("eve", *PERMISSIONS[Role.OWNER])
    assert User.objects.get(pk=eve.pk).get_all_permissions() == PERMISSIONS[Role.OWNER]
    assert not any(holds_everywhere(eve, permission) for permission in PERMISSIONS[Role.OWNER])


@pytest.mark.django_db(transaction=True)
def test_leaving_locks_no_row_of_the_tenant(cast: Cast) -> None:
    """Joining locks the membership first; with the tenant's row in between, two people lock each other out."""
    eve, alice = staff("eve"), cast.alice.tenant
    membership_set(tenant=alice, user=eve, role="viewer")
    with CaptureQueriesContext(connection) as captured:
        assert membership_remove(tenant=alice, user=eve)
    (locking,) = [query["sql"] for query in captured if "FOR UPDATE" in query["sql"]]
    assert locking.endswith('FOR UPDATE OF "accounts_membership"')
