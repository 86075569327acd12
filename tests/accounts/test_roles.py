import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command

from accounts.roles import FINANCE, GROUPS, OPERATOR, PERMISSIONS
from accounts.services.groups import groups_ensure

pytestmark = pytest.mark.django_db

NAMES = ["finance", "operator", "tenant developers", "tenant owners", "tenant viewers"]


def granted(name: str) -> set[str]:
    rows = Permission.objects.filter(group__name=name)
    return {f"{app}.{codename}" for app, codename in rows.values_list("content_type__app_label", "codename")}


def people(name: str) -> User:
    user = User.objects.create_user(f"of-{name}", is_staff=True)
    user.groups.add(Group.objects.get(name=name))
    return user


def test_a_fresh_database_has_the_groups_with_all_their_permissions() -> None:
    assert sorted(GROUPS) == NAMES
    assert {name: granted(name) for name in NAMES} == {name: set(GROUPS[name]) for name in NAMES}


def test_a_migration_gives_what_is_missing_and_takes_nothing() -> None:
    Group.objects.get(name="finance").delete()
    operators = Group.objects.get(name="operator")
    extra = Permission.objects.get(codename="add_tenant")
    operators.permissions.add(extra)
    operators.permissions.remove(*Permission.objects.filter(codename__startswith="view_"))
    call_command("migrate", verbosity=0)
    assert granted("finance") == FINANCE
    assert granted("operator") == OPERATOR | {"accounts.add_tenant"}


def test_making_them_again_changes_nothing() -> None:
    people("operator")
    before = {name: Group.objects.get(name=name).pk for name in NAMES}
    groups_ensure()
    assert {name: Group.objects.get(name=name).pk for name in NAMES} == before
    assert User.objects.get(username="of-operator").groups.count() == 1


def test_finance_is_usage_and_nothing_else() -> None:
    assert {
        "accounts.see_all_tenants",
        "tts.view_usageevent",
        "tts.view_usagebucket",
        "tts.view_usageexport",
        "tts.add_usageexport",
    } == FINANCE


def test_operators_get_no_secret_and_change_no_plan() -> None:
    forbidden = {
        "accounts.add_apikey",
        *(
            f"accounts.{what}_{model}"
            for what in ("add", "change", "delete")
            for model in ("plan", "limitoverride")
        ),
        *(f"accounts.{what}_membership" for what in ("add", "change", "delete")),
        *(f"auth.{what}_{model}" for what in ("add", "change", "delete") for model in ("user", "group")),
    }
    assert not forbidden & OPERATOR
    assert {"tts.read_text", "accounts.change_tenant", "tts.add_maintenancerun"} <= OPERATOR


def test_no_role_of_a_tenant_sees_all_of_them() -> None:
    for permissions in PERMISSIONS.values():
        assert "accounts.see_all_tenants" not in permissions
