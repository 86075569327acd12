import threading
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from accounts.actors import Actor
from accounts.models import AuditEvent, Plan, Tenant
from accounts.services.plans import plan_create, plan_delete, plan_make_default, plan_update
from accounts.services.tenants import tenant_create, tenant_update
from tests.cast import plan
from tests.system import wait_for
from tests.tts.rows import elsewhere, together

pytestmark = pytest.mark.django_db

ROOT = Actor("command", name="test")


def told() -> list[tuple[str, str, dict[str, object], dict[str, object]]]:
    rows = AuditEvent.all_tenants.filter(target_kind="plan").order_by("id")
    return [(row.action, row.target_name, row.before, row.after) for row in rows]


def defaults() -> list[str]:
    return list(Plan.objects.filter(is_default=True).values_list("slug", flat=True))


def test_a_plan_is_made_with_what_is_said_and_is_not_the_default() -> None:
    made = plan_create(slug="gold", name="Gold", requests_per_minute=0, characters_per_month=None, actor=ROOT)
    row = Plan.objects.get(slug="gold")
    assert (row.requests_per_minute, row.characters_per_month, row.is_default) == (0, None, False)
    ((action, name, before, after),) = told()
    assert (action, name, before) == ("plan.create", "Gold", {})
    assert after["requests_per_minute"] == 0
    assert made == row


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"slug": "no slug"}, "slug"),
        ({"slug": "standard"}, "slug"),
        ({"name": ""}, "name"),
        ({"requests_per_minute": -1}, "requests_per_minute"),
        ({"requests_burst": 0}, "requests_burst"),
        ({"characters_per_month": 10**15 + 1}, "characters_per_month"),
        ({"priority_weight": 0}, "priority_weight"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_by_field(values: dict[str, object], named: str) -> None:
    with pytest.raises(ValidationError) as raised:
        plan_create(**{"slug": "gold", "name": "Gold", **values})  # type: ignore[arg-type] # wrong on purpose
    assert list(raised.value.message_dict) == [named]
    assert not Plan.objects.filter(slug="gold").exists()


def test_a_change_tells_what_was_and_what_is() -> None:
    gold = plan("gold", concurrent_requests=3)
    plan_update(plan=gold, concurrent_requests=None, name="Gold", actor=ROOT)
    assert Plan.objects.get(slug="gold").concurrent_requests is None
    assert told() == [
        ("plan.update", "Gold", {"concurrent_requests": 3}, {"concurrent_requests": None}),
    ]
    plan_update(plan=gold, name="Gold", actor=ROOT)
    assert len(told()) == 1


def test_slug_and_default_are_no_fields_to_change() -> None:
    changes: list[dict[str, Any]] = [{"slug": "x"}, {"is_default": True}]
    for change in changes:
        with pytest.raises(TypeError, match=next(iter(change))):
            plan_update(plan=plan("gold"), **change)


def test_a_refused_change_changes_nothing() -> None:
    gold = plan("gold", concurrent_requests=3)
    with pytest.raises(ValidationError):
        plan_update(plan=gold, concurrent_requests=-1)
    assert Plan.objects.get(slug="gold").concurrent_requests == 3


def test_a_plan_with_tenants_and_the_default_stay() -> None:
    gold = plan("gold")
    tenant_create(slug="acme", name="Acme", plan=gold)
    with pytest.raises(ValidationError) as raised:
        plan_delete(plan=gold)
    assert list(raised.value.message_dict) == ["tenants"]
    with pytest.raises(ValidationError) as raised:
        plan_delete(plan=Plan.objects.get(slug="standard"))
    assert list(raised.value.message_dict) == ["is_default"]
    Tenant.objects.update(plan=Plan.objects.get(slug="standard"))
    plan_delete(plan=gold, actor=ROOT)
    assert not Plan.objects.filter(slug="gold").exists()
    assert told()[-1][:2] == ("plan.delete", "Gold")


def test_there_is_one_default_and_to_make_it_twice_changes_nothing_twice() -> None:
    gold = plan("gold")
    assert [plan_make_default(plan=gold, actor=ROOT) for _ in range(2)] == [True, False]
    assert defaults() == ["gold"]
    assert [action for action, *_rest in told()] == ["plan.unmake_default", "plan.make_default"]
    assert tenant_create(slug="acme", name="Acme").plan.slug == "gold"


@pytest.mark.django_db(transaction=True)
def test_of_two_defaults_made_at_once_one_is_left() -> None:
    plans = [plan(f"plan-{number}") for number in range(6)]
    together(*(lambda row=row: plan_make_default(plan=row) for row in plans))
    assert len(defaults()) == 1


@pytest.mark.django_db(transaction=True)
def test_a_plan_is_not_deleted_under_a_tenant_that_is_being_put_on_it() -> None:
    gold = plan("gold")
    deleting = threading.Event()

    def delete() -> str:
        deleting.set()
        try:
            plan_delete(plan=Plan.objects.get(pk=gold.pk))
        except ValidationError:
            return "refused"
        return "deleted"

    with transaction.atomic():
        tenant_create(slug="acme", name="Acme", plan=gold)
        answers: list[str] = []
        thread = threading.Thread(target=lambda: answers.append(elsewhere(delete)))
        thread.start()
        assert deleting.wait(10)
        wait_for(_somebody_waits, what="the deletion to stand before the plan's lock")
    thread.join(20)
    assert answers == ["refused"]
    assert Tenant.objects.get().plan_id == gold.pk


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        found: bool = cursor.fetchone()[0]
        return found


def test_a_tenant_is_not_put_on_a_plan_that_is_gone() -> None:
    gold, gone = plan("gold"), plan("gone")
    tenant = tenant_create(slug="acme", name="Acme", plan=gold)
    lost = Plan.objects.get(pk=gone.pk)
    plan_delete(plan=gone)
    with pytest.raises(ValidationError) as raised:
        tenant_update(tenant=tenant, plan=lost)
    assert list(raised.value.message_dict) == ["plan"]
    assert Tenant.objects.get().plan_id == gold.pk
