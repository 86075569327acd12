"""The made-up tenants: plans, keys and members, made by the services that make them in earnest."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError

from accounts.actors import Actor
from accounts.limits.names import Limit
from accounts.models import ApiKey, Membership, Plan, Tenant
from accounts.services.groups import groups_ensure
from accounts.services.keys import key_issue, key_revoke
from accounts.services.memberships import membership_set
from accounts.services.overrides import override_set
from accounts.services.plans import plan_create
from accounts.services.tenants import tenant_create, tenant_suspend
from tts.seeding.texts import ENGLISH, MANDARIN

ACTOR = Actor.of_command("seed_demo")

PLANS: dict[str, dict[str, Any]] = {
    "starter": {
        "name": "入门 Starter",
        "requests_per_minute": 60,
        "requests_burst": 10,
        "characters_per_minute": 10_000,
        "concurrent_requests": 2,
        "queued_requests": 20,
        "characters_per_month": 500_000_000,
    },
    "studio": {
        "name": "工作室 Studio",
        "requests_per_minute": 600,
        "requests_burst": 60,
        "characters_per_minute": 120_000,
        "concurrent_requests": 8,
        "queued_requests": 200,
        "priority_weight": 2,
    },
    "trial": {
        "name": "试行 Trial limits",
        "observe_only": True,
        "requests_per_minute": 30,
        "requests_burst": 5,
        "characters_per_minute": 3_000,
        "concurrent_requests": 1,
        "queued_requests": 5,
    },
}


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up tenant and how it behaves. `share` is its part of all requests."""

    slug: str
    name: str
    plan: str
    share: int
    time_zone: str = "Asia/Shanghai"
    keys: Sequence[str] = ("app",)
    texts: Sequence[str] = MANDARIN
    members: bool = False
    suspended: bool = False
    watched: bool = False
    metered: bool = False
    values: dict[str, Any] = field(default_factory=dict)


PEOPLE = (
    Person(
        "harbour-books", "港湾有声书", "studio", 40, keys=("工作台", "批量任务"), members=True, metered=True
    ),
    Person(
        "northline",
        "Northline Transit",
        "trial",
        25,
        "Europe/Berlin",
        ("announcements",),
        ENGLISH,
        watched=True,
    ),
    Person("paper-lantern", "纸灯笼客服", "studio", 20, keys=("热线", "测试")),
    Person(
        "juniper-clinic",
        "Juniper Clinic",
        "starter",
        10,
        "America/New_York",
        ("reception",),
        ENGLISH,
        values={"zero_retention": True},
    ),
    Person("old-mill", "老磨坊旅馆", "starter", 5, keys=("前台",), suspended=True),
)


@dataclass(frozen=True, slots=True)
class Seeded:
    """A tenant on record with the keys that its requests come by, and until when they do."""

    person: Person
    tenant: Tenant
    keys: list[ApiKey]
    until: datetime


@dataclass(frozen=True, slots=True)
class KeyText:
    """A key as its holder sends it; nobody can read it again."""

    tenant: str
    name: str
    text: str


def people_make(*, start: datetime, until: datetime) -> tuple[list[Seeded], list[KeyText]]:
    """Make plans, tenants, keys and members as if it had been done at `start`, and an operator and a person of finance.

    Raises `ValidationError` when a tenant of them is there already. Members are staff who cannot log in before
    somebody gives them a password.
    """
    taken = Tenant.objects.filter(slug__in=[person.slug for person in PEOPLE]).values_list("slug", flat=True)
    if taken:
        raise ValidationError({"slug": f"there already: {', '.join(sorted(taken))}"})
    groups_ensure()
    for group in ("operator", "finance"):
        _staff(f"demo-{group}", group)
    plans = {slug: _plan(slug, values) for slug, values in PLANS.items()}
    texts: list[KeyText] = []
    made = [_tenant(person, plans[person.plan], start, until, texts) for person in PEOPLE]
    return made, texts


def _plan(slug: str, values: dict[str, Any]) -> Plan:
    return Plan.objects.filter(slug=slug).first() or plan_create(slug=slug, actor=ACTOR, **values)


def _tenant(person: Person, plan: Plan, start: datetime, until: datetime, texts: list[KeyText]) -> Seeded:
    tenant = tenant_create(
        slug=person.slug,
        name=person.name,
        plan=plan,
        actor=ACTOR,
        time_zone=person.time_zone,
        **person.values,
    )
    keys = []
    for name in person.keys:
        key, text = key_issue(tenant=tenant, name=name, actor=ACTOR)
        keys.append(key)
        texts.append(KeyText(person.slug, name, text))
    lost, _text = key_issue(tenant=tenant, name="lost laptop", actor=ACTOR)
    key_revoke(key=lost, actor=ACTOR)
    if person.members:
        _members(tenant)
    if person.watched:
        override_set(
            tenant=tenant,
            limit=Limit.QUEUED_REQUESTS,
            value=2,
            observe_only=True,
            reason="trying a shorter queue",
            actor=ACTOR,
        )
    if person.suspended:
        tenant_suspend(tenant=tenant, actor=ACTOR)
        until = start + (until - start) * 0.7
    # As if all this had been done when the history begins.
    Tenant.objects.filter(pk=tenant.pk).update(created_at=start)
    ApiKey.objects.of(tenant).update(created_at=start)
    ApiKey.all_tenants.filter(pk=lost.pk).update(revoked_at=start + timedelta(days=1))
    return Seeded(person, tenant, keys, until)


def _members(tenant: Tenant) -> None:
    for role in Membership.Role:
        user = _staff(f"{tenant.slug}-{role}", f"tenant {role}s")
        membership_set(tenant=tenant, user=user, role=role, actor=ACTOR)


def _staff(name: str, group: str) -> User:
    user, made = User.objects.get_or_create(username=name, defaults={"is_staff": True})
    if made:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    user.groups.add(Group.objects.get(name=group))
    return user
