import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, Membership
from accounts.roles import Role
from accounts.services.memberships import membership_set
from tests.admin_cast import client_of, member_of, staff, superuser
from tests.cast import Cast

LIST = "/admin/accounts/membership/"
ADD = f"{LIST}add/"


@pytest.fixture
def root(db: None) -> Client:
    return client_of(superuser())


def page_of(row: Membership, page: str = "change") -> str:
    return reverse(f"admin:accounts_membership_{page}", args=[row.pk])


def asked(cast: Cast, **changes: str) -> dict[str, str]:
    return {"tenant": str(cast.alice.tenant.pk), "username": "eve", "role": "developer", **changes}


def test_a_member_is_added_by_the_whole_name_changed_and_removed(root: Client, cast: Cast) -> None:
    staff("eve")

    assert root.post(ADD, asked(cast)).status_code == 302
    row = Membership.objects.of(cast.alice.tenant).get()
    assert (row.user.get_username(), row.role) == ("eve", "developer")
    assert root.post(page_of(row), {"role": "viewer", "username": "root"}).status_code == 302
    row.refresh_from_db()
    assert (row.user.get_username(), row.role) == ("eve", "viewer")
    assert root.post(page_of(row, "delete"), {"post": "yes"}).status_code == 302
    assert not Membership.all_tenants.exists()
    told = AuditEvent.objects.of(cast.alice.tenant).filter(actor_name="root").order_by("id")
    assert list(told.values_list("action", "target_name")) == [
        ("membership.set", "eve"),
        ("membership.set", "eve"),
        ("membership.remove", "eve"),
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"username": "nobody"}, "There is nobody of this name on the staff."),
        ({"username": "customer"}, "There is nobody of this name on the staff."),
        ({"username": "gone"}, "There is nobody of this name on the staff."),
        ({"username": "EVE"}, "There is nobody of this name on the staff."),
        ({"username": "member"}, "This person is a member already."),
        ({"role": "king"}, "Select a valid choice."),
        ({"tenant": ""}, "This field is required."),
    ],
)
def test_the_form_names_what_is_wrong(
    root: Client, cast: Cast, changes: dict[str, str], message: str
) -> None:
    for name in ("eve", "member", "gone"):
        staff(name)
    User.objects.create_user("customer")
    User.objects.filter(username="gone").update(is_active=False)
    membership_set(tenant=cast.alice.tenant, user=User.objects.get(username="member"), role="viewer")

    assert message in root.post(ADD, asked(cast, **changes)).content.decode()
    assert Membership.all_tenants.get().role == "viewer"


def test_no_page_lists_who_else_is_on_the_staff(cast: Cast) -> None:
    staff("stranger")
    owner = client_of(member_of(cast.alice.tenant, Role.OWNER))
    tenants_page = reverse("admin:accounts_tenant_change", args=[cast.alice.tenant.pk])

    for url in (LIST, ADD, tenants_page):
        page = owner.get(url).content.decode()
        assert "stranger" not in page
    assert "owner-alice" in owner.get(LIST).content.decode()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.DEVELOPER])
def test_lesser_members_see_who_is_one_and_change_nothing(cast: Cast, role: Role) -> None:
    row = membership_set(tenant=cast.alice.tenant, user=staff("eve"), role="viewer")
    person = member_of(cast.alice.tenant, role)
    client = client_of(person)

    assert "eve" in client.get(LIST).content.decode()
    assert client.get(page_of(row)).status_code == 200
    assert client.post(page_of(row), {"role": "owner"}).status_code == 403
    assert client.post(page_of(row, "delete"), {"post": "yes"}).status_code == 403
    data = {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"}
    client.post(LIST, data)
    assert Membership.objects.of(cast.alice.tenant).get(user__username="eve").role == "viewer"


def test_owners_say_who_belongs_to_their_tenant(cast: Cast) -> None:
    staff("eve")
    owner = client_of(member_of(cast.alice.tenant, Role.OWNER))

    assert owner.post(ADD, asked(cast)).status_code == 302
    row = Membership.objects.of(cast.alice.tenant).get(user__username="eve")
    data = {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"}
    assert owner.post(LIST, data).status_code == 302
    assert not Membership.objects.of(cast.alice.tenant).filter(user__username="eve").exists()


def test_who_adds_somebody_without_the_group_of_the_role_is_told_what_is_missing(
    root: Client, cast: Cast
) -> None:
    told = "Member eve sees nothing of it yet: an administrator has to add them to the group “tenant developers”."
    eve = staff("eve")
    assert told in root.post(ADD, asked(cast), follow=True).content.decode()
    Membership.all_tenants.all().delete()
    eve.groups.add(Group.objects.get(name="tenant developers"))
    assert told not in root.post(ADD, asked(cast), follow=True).content.decode()
