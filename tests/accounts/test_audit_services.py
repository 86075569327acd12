"""Every service that changes accounts writes one event, in the transaction of what it changes, with no secret in it."""

import importlib
import inspect
import json
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction

from accounts import services
from accounts.actors import Actor
from accounts.models import ApiKey, AuditEvent, Membership, Plan, Tenant
from accounts.services.key_rotation import key_rotate
from accounts.services.keys import key_issue, key_revoke, key_update
from accounts.services.memberships import membership_remove, membership_set
from accounts.services.overrides import override_clear, override_set
from accounts.services.plans import plan_create, plan_delete, plan_make_default, plan_update
from accounts.services.staff import user_create, user_delete, user_set_password, user_update
from accounts.services.tenants import tenant_create, tenant_reactivate, tenant_suspend, tenant_update
from tests.cast import Cast, plan

pytestmark = pytest.mark.django_db

ACTOR = Actor("user", "7", "root", "192.0.2.9", "abc")
UNRECORDABLE = replace(ACTOR, address="no address at all")
"""An actor whose event the database refuses."""

Call = Callable[[Cast, Actor], Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A call, the events it writes, the calls that come before it, and what it does when done again."""

    call: Call
    actions: tuple[str, ...]
    before: Call = field(default=lambda cast, actor: None)
    again: tuple[str, ...] = ()


def other_plan() -> Plan:
    return plan("other")


def person() -> User:
    return User.objects.get_or_create(username="person")[0]


def member_person(cast: Cast, actor: Actor) -> None:
    membership_set(tenant=cast.alice.tenant, user=person(), role=Membership.Role.VIEWER, actor=actor)


PASSWORD = "correct horse battery staple"

LIMIT: dict[str, Any] = {"limit": "queued_requests"}

WRITES: dict[str, Case] = {
    "keys.key_issue": Case(
        lambda cast, actor: key_issue(
            tenant=cast.alice.tenant, name="app", allowed_addresses=["192.0.2.0/24"], actor=actor
        ),
        ("key.issue",),
        again=("key.issue",),
    ),
    "keys.key_update": Case(
        lambda cast, actor: key_update(key=cast.alice.row, name="other", actor=actor), ("key.update",)
    ),
    "keys.key_revoke": Case(lambda cast, actor: key_revoke(key=cast.alice.row, actor=actor), ("key.revoke",)),
    "key_rotation.key_rotate": Case(
        lambda cast, actor: key_rotate(key=cast.alice.row, overlap=timedelta(hours=1), actor=actor),
        ("key.rotate",),
        again=("key.rotate",),
    ),
    "tenants.tenant_create": Case(
        lambda cast, actor: (
            Tenant.objects.filter(slug="carol").exists()
            or tenant_create(slug="carol", name="Carol", plan=other_plan(), actor=actor)
        ),
        ("tenant.create",),
    ),
    "tenants.tenant_update": Case(
        lambda cast, actor: tenant_update(tenant=cast.alice.tenant, name="Alicia", actor=actor),
        ("tenant.update",),
    ),
    "tenants.tenant_suspend": Case(
        lambda cast, actor: tenant_suspend(tenant=cast.alice.tenant, actor=actor), ("tenant.suspend",)
    ),
    "tenants.tenant_reactivate": Case(
        lambda cast, actor: tenant_reactivate(tenant=cast.alice.tenant, actor=actor),
        ("tenant.reactivate",),
        before=lambda cast, actor: tenant_suspend(tenant=cast.alice.tenant, actor=actor),
    ),
    "plans.plan_create": Case(
        lambda cast, actor: (
            Plan.objects.filter(slug="new").exists() or plan_create(slug="new", name="New", actor=actor)
        ),
        ("plan.create",),
    ),
    "plans.plan_update": Case(
        lambda cast, actor: plan_update(plan=other_plan(), queued_requests=7, actor=actor),
        ("plan.update",),
        # `other_plan` sets it back.
        again=("plan.update",),
    ),
    "plans.plan_delete": Case(
        lambda cast, actor: plan_delete(plan=other_plan(), actor=actor),
        ("plan.delete",),
        again=("plan.delete",),
    ),
    "plans.plan_make_default": Case(
        lambda cast, actor: plan_make_default(plan=other_plan(), actor=actor),
        # Two plans change.
        ("plan.unmake_default", "plan.make_default"),
    ),
    "overrides.override_set": Case(
        lambda cast, actor: override_set(tenant=cast.alice.tenant, value=3, actor=actor, **LIMIT),
        ("override.set",),
    ),
    "overrides.override_clear": Case(
        lambda cast, actor: override_clear(tenant=cast.alice.tenant, actor=actor, **LIMIT),
        ("override.clear",),
        before=lambda cast, actor: override_set(tenant=cast.alice.tenant, value=3, actor=actor, **LIMIT),
    ),
    "memberships.membership_set": Case(
        lambda cast, actor: membership_set(
            tenant=cast.alice.tenant, user=person(), role=Membership.Role.VIEWER, actor=actor
        ),
        ("membership.set",),
    ),
    "memberships.membership_remove": Case(
        lambda cast, actor: membership_remove(tenant=cast.alice.tenant, user=person(), actor=actor),
        ("membership.remove",),
        before=lambda cast, actor: membership_set(
            tenant=cast.alice.tenant, user=person(), role=Membership.Role.VIEWER, actor=actor
        ),
    ),
    "staff.user_create": Case(
        lambda cast, actor: (
            User.objects.filter(username="new").exists()
            or user_create(user=User(username="new", password=PASSWORD), actor=actor)
        ),
        ("user.create",),
    ),
    "staff.user_update": Case(
        lambda cast, actor: user_update(user=person(), is_staff=True, actor=actor), ("user.update",)
    ),
    "staff.user_set_password": Case(
        lambda cast, actor: user_set_password(user=person(), password=PASSWORD, actor=actor),
        ("user.set_password",),
        again=("user.set_password",),
    ),
    "staff.user_delete": Case(
        lambda cast, actor: user_delete(user=person(), actor=actor),
        ("membership.remove", "user.delete"),
        before=member_person,
        # `person` makes them anew.
        again=("user.delete",),
    ),
}

NOTHING_TO_TELL = ("user.set_password",)
"""Actions that say it all: a password's digest is never told."""

WRITES_NONE = {
    "audit.audit_snapshot": "reads",
    "audit.audit_write": "writes the event itself",
    "groups.groups_ensure": "part of every migration",
    "keys.key_lock": "locks for others",
    "keys.key_mark_used": "every request would be an event",
    "limiting.rates_give_back": "limits of a request, which its own record tells of",
    "limiting.rates_peek": "reads",
    "limiting.rates_take": "limits of a request",
    "periods.month_bounds": "computes",
    "periods.period_at": "reads",
    "periods.periods_ensure": "begins a month, which nobody decides",
    "plans.plan_standard_ensure": "part of an empty database's beginning",
    "quota.quota_reserve": "characters of a request",
    "quota.quota_settle": "characters of a request",
    "shadow.shadow_count": "counts a request",
    "tenants.plan_default": "reads",
}
"""Public functions that write no event, and why."""


def public_functions() -> Iterator[str]:
    for found in pkgutil.iter_modules(services.__path__):
        module = importlib.import_module(f"{services.__name__}.{found.name}")
        for name, value in inspect.getmembers(module, inspect.isfunction):
            if value.__module__ == module.__name__ and not name.startswith("_"):
                yield f"{found.name}.{name}"


def test_every_service_is_in_one_of_the_tables() -> None:
    assert sorted(public_functions()) == sorted([*WRITES, *WRITES_NONE])


def events() -> list[AuditEvent]:
    return list(AuditEvent.all_tenants.order_by("at", "id"))


def written_by(case: Case, cast: Cast, actor: Actor = ACTOR) -> list[AuditEvent]:
    known = {event.pk for event in events()}
    case.call(cast, actor)
    return [event for event in events() if event.pk not in known]


@pytest.fixture(params=WRITES)
def case(request: pytest.FixtureRequest, cast: Cast) -> Case:
    found = WRITES[request.param]
    # Made before, so that nothing but the call itself is counted.
    other_plan()
    person()
    User.objects.update_or_create(pk=7, defaults={"username": ACTOR.name})
    found.before(cast, ACTOR)
    return found


def test_a_change_is_one_event(case: Case, cast: Cast) -> None:
    new = written_by(case, cast)
    assert tuple(event.action for event in new) == case.actions
    for event in new:
        assert (event.actor_kind, event.actor_id, event.actor_name) == ("user", "7", "root")
        assert (event.address, event.request_id) == ("192.0.2.9", "abc")
        assert event.target_id
        assert event.target_name
        assert event.before or event.after or event.action in NOTHING_TO_TELL
        operators = event.target_kind in ("plan", "user")
        assert (event.tenant_id is None, event.tenant_slug == "") == (operators, operators)


def test_to_do_it_again_is_told_only_when_it_changes_something(case: Case, cast: Cast) -> None:
    written_by(case, cast)
    cast.alice.row.refresh_from_db()
    cast.alice.tenant.refresh_from_db()
    assert tuple(event.action for event in written_by(case, cast)) == case.again


def test_what_is_rolled_back_is_not_told(case: Case, cast: Cast) -> None:
    before = events()
    with transaction.atomic():
        assert written_by(case, cast)
        transaction.set_rollback(True)
    assert events() == before


def test_what_cannot_be_told_is_not_done(case: Case, cast: Cast) -> None:
    before = everything()
    with pytest.raises((DatabaseError, ValueError)), transaction.atomic():
        case.call(cast, UNRECORDABLE)
    assert everything() == before


def test_each_call_changes_something(case: Case, cast: Cast) -> None:
    """Otherwise the test above could not fail."""
    before = everything()
    case.call(cast, ACTOR)
    assert everything() != before


def everything() -> dict[str, list[str]]:
    """Every row of every table of accounts but the audit log, and of the staff, as text."""
    tables = [
        model._meta.db_table
        for app in ("accounts", "auth")
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
        if model is not AuditEvent
    ]
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT t::text FROM {table} t ORDER BY 1")  # noqa: S608 - names of our own tables
            found[table] = [row for (row,) in cursor.fetchall()]
    return found


def test_no_secret_is_told(case: Case, cast: Cast) -> None:
    """Digests, peppers' numbers, a key's text or a part of it: none is in any column of any event."""
    secrets = {cast.alice.key, cast.bob.key, PASSWORD}
    result = case.call(cast, ACTOR)
    if isinstance(result, tuple):
        secrets.add(result[1])
    told = json.dumps(list(AuditEvent.all_tenants.values()), default=str)
    for text in secrets:
        secret = text.rpartition("_")[2]
        assert [part for part in pieces(secret, 12) if part in told] == []
    digests = ApiKey.all_tenants.values_list("digest", "previous_digest")
    assert [digest for pair in digests for digest in pair if digest and digest in told] == []
    passwords = User.objects.exclude(password="").values_list("password", flat=True)
    assert [digest for digest in passwords if digest.rpartition("$")[2] in told] == []


def pieces(text: str, length: int) -> Iterator[str]:
    for start in range(len(text) - length + 1):
        yield text[start : start + length]


def test_the_events_of_a_change_tell_what_differs(cast: Cast) -> None:
    tenant_update(tenant=cast.alice.tenant, name="Alicia", time_zone="Europe/Berlin", actor=ACTOR)
    event = events()[-1]
    assert event.before == {"name": "Alice", "time_zone": "Asia/Shanghai"}
    assert event.after == {"name": "Alicia", "time_zone": "Europe/Berlin"}


def test_a_refused_change_is_not_told(cast: Cast) -> None:
    before = events()
    with pytest.raises(Exception, match="time_zone"):
        tenant_update(tenant=cast.alice.tenant, time_zone="Mars/Olympus", actor=ACTOR)
    assert events() == before
