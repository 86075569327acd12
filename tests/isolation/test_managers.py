"""Rows of tenants are read by saying whose, or by saying that everybody's are meant."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.db.models import Model, QuerySet
from django.db.models.fields.reverse_related import ForeignObjectRel

from accounts.managers import TenantManager, TenantRequired, UnrestrictedManager
from accounts.models import ApiKey, Plan, Tenant
from tests.isolation.belongings import Belongings
from tests.isolation.tenancy import child_models, own_models, tenant_models
from tts.models import (
    EngineAttempt,
    LogRecord,
    MaintenanceRun,
    MaintenanceTask,
    ServiceBucket,
    Voice,
    VoiceRoute,
)

OF_NOBODY = {
    Plan: "the operator's",
    Voice: "every tenant may speak with it",
    Tenant: "the tenant itself",
    ServiceBucket: "figures of the platform, which no tenant is told",
    MaintenanceRun: "the platform's housekeeping, for operators",
    MaintenanceTask: "when the platform's housekeeping was begun",
    LogRecord: "what processes log, for operators: a tenant's name in it is no claim to it",
}
"""Models that do not belong to one tenant, and why."""

CHILDREN = {EngineAttempt: "read through a request"}
"""Models that hang off a tenant's row: nobody asks for them by themselves."""

ACROSS = {
    # What a person is a member of lies in several tenants by its nature.
    ("auth.User", "memberships"): "who someone is, before a tenant is chosen",
}
"""Reverse relations that hold rows of several tenants, and why they may."""

READS: dict[str, Callable[[Any], object]] = {
    "all": lambda manager: manager.all(),
    "filter": lambda manager: manager.filter(pk=uuid4()),
    "exclude": lambda manager: manager.exclude(pk=uuid4()),
    "get": lambda manager: manager.get(pk=uuid4()),
    "first": lambda manager: manager.first(),
    "count": lambda manager: manager.count(),
    "exists": lambda manager: manager.exists(),
    "values": lambda manager: manager.values("pk"),
    "in_bulk": lambda manager: manager.in_bulk([]),
    "aggregate": lambda manager: manager.aggregate(),
    "annotate": lambda manager: manager.annotate(),
    "order_by": lambda manager: manager.order_by("pk"),
    "raw": lambda manager: manager.raw("SELECT 1"),
    "using": lambda manager: manager.using("default"),
    "none": lambda manager: manager.none(),
    "iterator": lambda manager: manager.iterator(),
    "get_or_create": lambda manager: manager.get_or_create(),
    "update_or_create": lambda manager: manager.update_or_create(),
    "update": lambda manager: manager.update(),
    "bulk_create": lambda manager: manager.bulk_create([]),
    "bulk_update": lambda manager: manager.bulk_update([], ["pk"]),
    "select_for_update": lambda manager: manager.select_for_update(),
    "another database": lambda manager: manager.db_manager("default").all(),
}

NO_TENANTS: dict[str, object] = {
    "nothing": None,
    "empty": "",
    "an id as text": str(UUID(int=1)),
    "a number": 1,
    "a plan": Plan(),
    "a key": ApiKey(),
}


def labels(models: list[type[Model]]) -> list[str]:
    return [model._meta.label for model in models]


def manager_of(model: type[Model], name: str) -> Any:
    return getattr(model, name)


def test_every_model_is_a_tenants_or_says_why_not() -> None:
    known = {*tenant_models(), *OF_NOBODY, *CHILDREN}
    assert set(own_models()) == known
    assert set(child_models()) == set(CHILDREN)
    assert not set(tenant_models()) & {*OF_NOBODY, *CHILDREN}


@pytest.mark.parametrize("model", tenant_models(), ids=labels(tenant_models()))
def test_it_carries_both_managers_and_django_takes_the_unrestricted_one(model: type[Model]) -> None:
    assert isinstance(manager_of(model, "objects"), TenantManager)
    assert isinstance(manager_of(model, "all_tenants"), UnrestrictedManager)
    assert model._default_manager.name == "all_tenants"
    assert {manager.name for manager in model._meta.managers} == {"all_tenants", "objects"}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
@pytest.mark.parametrize("model", tenant_models(), ids=labels(tenant_models()))
def test_nothing_is_read_without_a_tenant(model: type[Model], read: Callable[[Any], object]) -> None:
    """No database is at hand in this test, so whatever is not refused at once fails differently."""
    with pytest.raises(TenantRequired, match=model.__name__):
        read(manager_of(model, "objects"))


@pytest.mark.parametrize("model", tenant_models(), ids=labels(tenant_models()))
@pytest.mark.parametrize("tenant", NO_TENANTS.values(), ids=NO_TENANTS)
def test_only_a_tenant_is_taken_for_one(model: type[Model], tenant: object) -> None:
    with pytest.raises(TenantRequired, match="is no tenant"):
        manager_of(model, "objects").of(tenant)


@pytest.mark.django_db
def test_a_new_row_says_whose_it_is() -> None:
    """Where the column may be empty, the database would take a forgotten tenant for everybody."""
    with pytest.raises(TenantRequired, match="VoiceRoute"):
        VoiceRoute.objects.create(language="zh", speaker_id=0, voice_id="zh_CN-a")
    assert not VoiceRoute.all_tenants.exists()


def test_the_cast_owns_a_row_of_every_kind(quokka: Belongings) -> None:
    assert set(quokka.rows) == {*tenant_models(), *CHILDREN}


@pytest.mark.parametrize("model", tenant_models(), ids=labels(tenant_models()))
def test_a_tenant_is_shown_its_own_rows_only(
    model: type[Model], quokka: Belongings, walrus: Belongings
) -> None:
    objects = manager_of(model, "objects")
    tenant = quokka.member.tenant
    owners = {row.tenant_id for row in objects.of(tenant)}
    assert owners == {tenant.pk}
    assert {row.tenant_id for row in objects.of(tenant.pk)} == {tenant.pk}
    theirs = walrus.row(model)
    assert not objects.of(tenant).filter(pk=theirs.pk).exists()
    assert manager_of(model, "all_tenants").filter(pk=theirs.pk).exists()


def reverse_relations() -> list[tuple[type[Model], ForeignObjectRel]]:
    """Every way from a row to rows of tenants that point at it."""
    tenants_own = {*tenant_models(), *CHILDREN}
    return [
        (model, relation)
        for model in apps.get_models()
        for relation in model._meta.related_objects
        if relation.related_model in tenants_own and relation.get_accessor_name() is not None
    ]


def test_only_rows_of_one_tenant_lead_to_rows_of_tenants() -> None:
    """From everything else, a relation would gather rows of several."""
    owners = {Tenant, *tenant_models()}
    found = {
        (model._meta.label, str(relation.get_accessor_name()))
        for model, relation in reverse_relations()
        if model not in owners
    }
    assert found == set(ACROSS)


def test_related_rows_are_of_the_same_tenant(quokka: Belongings, walrus: Belongings) -> None:
    relations = [pair for pair in reverse_relations() if pair[0]._meta.label != "auth.User"]
    assert relations
    for model, relation in relations:
        ours = quokka.member.tenant if model is Tenant else quokka.row(model)
        theirs = walrus.row(relation.related_model)
        name = str(relation.get_accessor_name())
        if relation.one_to_one:
            assert getattr(ours, name).pk != theirs.pk
            continue
        related: QuerySet[Model] = getattr(ours, name).all()
        assert related, f"{model.__name__}.{name} has no row to tell by"
        assert theirs not in related
        assert not related.filter(pk=theirs.pk).exists()
