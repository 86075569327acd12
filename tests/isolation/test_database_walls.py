"""What the database refuses by itself, whatever code or person asks: rows that cross tenants."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Model, ProtectedError
from django.utils import timezone

from accounts.models import ApiKey, AuditEvent, QuotaThreshold, Tenant, UsagePeriod
from accounts.services.keys import key_issue
from tests.cast import member
from tests.isolation.belongings import Belongings, belongings_of
from tests.isolation.people import rows_of
from tests.isolation.tenancy import tenant_models
from tests.tts.rows import admitted
from tts.models import (
    IdempotencyKey,
    RequestEvent,
    SynthesisRequest,
    UsageBucket,
    UsageEvent,
    UsageExport,
    VoiceRoute,
)

Row = tuple[Any, ...]

MAY_MOVE = {
    AuditEvent: "has a guard of its own, against every change",
    VoiceRoute: "an operator makes one everybody's, or one tenant's",
}
"""Models whose rows have no trigger that keeps them with their tenant, and why."""

POINTERS: tuple[tuple[type[Model], str, type[Model], str], ...] = (
    (UsagePeriod, "api_key", ApiKey, "period_key_same_tenant"),
    (QuotaThreshold, "period", UsagePeriod, "threshold_period_same_tenant"),
    (SynthesisRequest, "api_key", ApiKey, "request_key_same_tenant"),
    (SynthesisRequest, "period", UsagePeriod, "request_period_same_tenant"),
    (SynthesisRequest, "key_period", UsagePeriod, "request_key_period_same_tenant"),
    (SynthesisRequest, "repeats", SynthesisRequest, "request_repeats_same_tenant"),
    (RequestEvent, "request", SynthesisRequest, "event_request_same_tenant"),
    (UsageEvent, "api_key", ApiKey, "usage_key_same_tenant"),
    (UsageBucket, "api_key", ApiKey, "bucket_key_same_tenant"),
    (IdempotencyKey, "request", SynthesisRequest, "idempotency_request_same_tenant"),
    (UsageExport, "api_key", ApiKey, "export_key_same_tenant"),
)
"""Model, the field by which its rows point at a row of a tenant, that row's model, and what the database calls it."""

OUTLIVE = {(UsageEvent, "request"): "what a request used stays when the request leaves the history"}
"""Fields that no key of the database holds, and why."""

STAYS = [model for model in tenant_models() if model not in MAY_MOVE]
BEFORE_WALLS = [("accounts", "0003_standard_plan"), ("tts", "0004_limits")]
FIRST_WALLS = [("accounts", "0004_tenant_walls"), ("tts", "0005_tenant_walls")]
NEW_SINCE = {"tts_requestevent", "tts_usagebucket", "tts_usageexport"}
"""Tables that have a tenant since the second walls."""


def sql(statement: str, *values: str | UUID | int) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else []


def checked() -> None:
    """Asks for what else would be asked for when the transaction ends."""
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("SET CONSTRAINTS ALL DEFERRED")


def everyones(model: type[Model]) -> Any:
    return model._default_manager


def moved(model: type[Model], pk: UUID | int, tenant: Tenant) -> None:
    sql(
        f"UPDATE {model._meta.db_table} SET tenant_id = %s WHERE {_key(model)} = %s",  # noqa: S608 - our own tables
        tenant.pk,
        pk,
    )


def _key(model: type[Model]) -> str:
    assert model._meta.pk is not None
    return str(model._meta.pk.column)


def model_count(model: type[Model], tenant: Tenant) -> int:
    return len(everyones(model).filter(tenant=tenant))


def guarded_tables() -> set[str]:
    """Tables with the trigger, switched on."""
    return {
        table
        for (table,) in sql(
            "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'tenant_stays' AND tgenabled = 'O'"
        )
    }


@pytest.mark.django_db
def test_every_table_with_a_tenant_keeps_its_rows_with_it() -> None:
    """A new table is in neither list, and fails until it has a trigger or a reason."""
    tables = {
        table
        for (table,) in sql(
            "SELECT table_name FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND column_name = 'tenant_id'"
        )
    }
    free = {model._meta.db_table for model in MAY_MOVE}
    assert tables - guarded_tables() == free
    assert tables >= free


@pytest.mark.django_db
def test_every_reference_between_rows_of_tenants_names_the_tenant() -> None:
    """Read from the database: a foreign key without a composite one beside it fails. So does a column of Django's that
    the database holds by no key at all.
    """
    rows = sql(
        """
        WITH reference AS (
            SELECT conname, conrelid::regclass::text AS source, confrelid::regclass::text AS target,
                   condeferrable AND condeferred AND convalidated AS sound,
                   ARRAY(SELECT attname::text FROM pg_attribute, unnest(conkey) WITH ORDINALITY AS at (number, place)
                         WHERE attrelid = conrelid AND attnum = number ORDER BY place) AS columns,
                   ARRAY(SELECT attname::text FROM pg_attribute, unnest(confkey) WITH ORDINALITY AS at (number, place)
                         WHERE attrelid = confrelid AND attnum = number ORDER BY place) AS targets
            FROM pg_constraint WHERE contype = 'f'
        )
        SELECT * FROM reference WHERE source IN (
            SELECT table_name FROM information_schema.columns WHERE column_name = 'tenant_id'
        ) AND target IN (SELECT table_name FROM information_schema.columns WHERE column_name = 'tenant_id')
        """
    )
    plain = {(source, target, columns[0]) for _, source, target, _, columns, _ in rows if len(columns) == 1}
    walled = {
        (source, target, columns[1]): name
        for name, source, target, sound, columns, targets in rows
        if sound and targets == ["tenant_id", "id"] and columns[0] == "tenant_id"
    }
    # Where a table is large, the composite key is the only one.
    assert plain <= set(walled)
    assert set(walled.values()) == {name for *_, name in POINTERS}
    owners = set(tenant_models())
    columns = {
        (model._meta.db_table, field.related_model._meta.db_table, field.column): (model, field.name)
        for model in owners
        for field in model._meta.concrete_fields
        if field.is_relation and isinstance(field.related_model, type) and field.related_model in owners
    }
    assert {columns[place] for place in set(columns) - set(walled)} == set(OUTLIVE)


@pytest.mark.parametrize("model", STAYS, ids=lambda model: model.__name__)
def test_a_row_stays_with_its_tenant(quokka: Belongings, model: type[Model]) -> None:
    """The other tenant owns nothing that could be in the way."""
    row, other = quokka.row(model), member("other").tenant
    before = rows_of(quokka.member.tenant)
    ways: dict[str, Callable[[], object]] = {
        "UPDATE": lambda: moved(model, row.pk, other),
        "update": lambda: everyones(model).filter(pk=row.pk).update(tenant=other),
    }
    for name, way in ways.items():
        with pytest.raises(IntegrityError, match="never changes its tenant"), transaction.atomic():
            way()
        assert rows_of(quokka.member.tenant) == before, name


def test_saving_a_row_with_another_tenant_is_refused(quokka: Belongings, walrus: Belongings) -> None:
    row = quokka.request
    row.tenant = walrus.member.tenant
    with pytest.raises(IntegrityError, match="tts_synthesisrequest never changes"), transaction.atomic():
        row.save()


@pytest.mark.parametrize("model", STAYS, ids=lambda model: model.__name__)
def test_it_is_the_trigger_that_refuses(quokka: Belongings, model: type[Model]) -> None:
    other = member("other").tenant
    count = model_count(model, other)
    checked()
    sql(f"ALTER TABLE {model._meta.db_table} DISABLE TRIGGER tenant_stays")
    moved(model, quokka.row(model).pk, other)
    assert model_count(model, other) == count + 1
    # What points at the row objects at the end of the transaction, which is another wall.
    transaction.set_rollback(True)


@pytest.mark.django_db
def test_a_change_that_leaves_the_tenant_is_none_of_its_business(quokka: Belongings) -> None:
    for model in STAYS:
        row = quokka.row(model)
        moved(model, row.pk, quokka.member.tenant)
        assert everyones(model).filter(pk=row.pk).exists()


def test_a_route_may_be_made_everybodys(quokka: Belongings) -> None:
    row = quokka.row(VoiceRoute)
    VoiceRoute.all_tenants.filter(pk=row.pk).update(tenant=None)
    checked()
    assert VoiceRoute.all_tenants.get(pk=row.pk).tenant_id is None


def pointed(belongings: Belongings, model: type[Model], field: str, pk: object) -> None:
    """Let the tenant's row of `model` point at the row `pk`."""
    everyones(model).filter(pk=belongings.row(model).pk).update(**{f"{field}_id": pk})
    checked()


def another(belongings: Belongings, model: type[Model]) -> UUID:
    """A second row of the tenant, to point at: nothing else does."""
    now = timezone.now()
    tenant = belongings.member.tenant
    made: dict[type[Model], Callable[[], Model]] = {
        ApiKey: lambda: key_issue(tenant=tenant, name="second")[0],
        UsagePeriod: lambda: UsagePeriod.objects.create(
            tenant=tenant, starts_at=now, ends_at=now.replace(year=now.year + 1)
        ),
        SynthesisRequest: lambda: admitted(belongings.member),
    }
    pk = made[model]().pk
    assert isinstance(pk, UUID)
    return pk


IDS = [name for *_, name in POINTERS]


@pytest.mark.parametrize(("model", "field", "target", "name"), POINTERS, ids=IDS)
def test_a_row_points_at_rows_of_its_own_tenant_only(
    quokka: Belongings, walrus: Belongings, model: type[Model], field: str, target: type[Model], name: str
) -> None:
    theirs, ours = another(walrus, target), another(quokka, target)
    before = rows_of(quokka.member.tenant)
    with pytest.raises(IntegrityError, match=f'"{name}"'), transaction.atomic():
        pointed(quokka, model, field, theirs)
    assert rows_of(quokka.member.tenant) == before
    pointed(quokka, model, field, ours)
    assert getattr(everyones(model).get(pk=quokka.row(model).pk), f"{field}_id") == ours


@pytest.mark.parametrize(("model", "field", "target", "name"), POINTERS, ids=IDS)
def test_it_is_the_composite_key_that_refuses(
    quokka: Belongings, walrus: Belongings, model: type[Model], field: str, target: type[Model], name: str
) -> None:
    """Without it, the plain foreign key lets another tenant's row be pointed at."""
    theirs = another(walrus, target)
    checked()
    sql(f"ALTER TABLE {model._meta.db_table} DROP CONSTRAINT {name}")
    pointed(quokka, model, field, theirs)
    assert getattr(everyones(model).get(pk=quokka.row(model).pk), f"{field}_id") == theirs
    transaction.set_rollback(True)


def inserted(row: Model) -> None:
    row.save(force_insert=True)
    checked()


def test_a_new_request_with_another_tenants_key_is_refused(quokka: Belongings, walrus: Belongings) -> None:
    row = SynthesisRequest.all_tenants.get(pk=quokka.request.pk)
    row.pk = UUID(int=7)
    row.api_key = walrus.member.row
    with pytest.raises(IntegrityError, match="request_key_same_tenant"), transaction.atomic():
        inserted(row)
    row.api_key = None
    inserted(row)


def test_an_idempotency_key_may_come_before_its_request_but_not_stand_for_anothers(
    quokka: Belongings, walrus: Belongings
) -> None:
    now = timezone.now()

    def used(key: str, request_id: UUID) -> IdempotencyKey:
        tenant = quokka.member.tenant
        return IdempotencyKey(
            tenant=tenant,
            key=key,
            request_id=request_id,
            fingerprint="0" * 64,
            created_at=now,
            expires_at=now,
        )

    used("first", UUID(int=7)).save()
    row = SynthesisRequest.all_tenants.get(pk=quokka.request.pk)
    row.pk = UUID(int=7)
    inserted(row)
    with pytest.raises(IntegrityError, match="idempotency_request_same_tenant"), transaction.atomic():
        inserted(used("second", walrus.request.pk))


def test_a_key_that_is_deleted_leaves_its_history_to_its_tenant(quokka: Belongings) -> None:
    key, _ = key_issue(tenant=quokka.member.tenant, name="short-lived")
    pointed(quokka, SynthesisRequest, "api_key", key.pk)
    key.delete()
    checked()
    row = SynthesisRequest.all_tenants.get(pk=quokka.request.pk)
    assert (row.api_key_id, row.tenant_id) == (None, quokka.member.tenant.pk)


@pytest.mark.parametrize("model", [UsageEvent, UsageBucket])
def test_a_key_that_has_usage_is_not_deleted(quokka: Belongings, model: type[Model]) -> None:
    key, _ = key_issue(tenant=quokka.member.tenant, name="invoiced")
    pointed(quokka, model, "api_key", key.pk)
    with pytest.raises(ProtectedError):
        key.delete()
    sql("DELETE FROM accounts_apikey WHERE id = %s", key.pk)
    with pytest.raises(IntegrityError):
        checked()
    transaction.set_rollback(True)


def test_usage_stays_when_its_request_is_deleted(quokka: Belongings) -> None:
    before = rows_of(quokka.member.tenant)["tts_usageevent"]
    SynthesisRequest.all_tenants.filter(repeats=quokka.request).delete()
    quokka.row(IdempotencyKey).delete()
    quokka.request.delete()
    checked()
    assert rows_of(quokka.member.tenant)["tts_usageevent"] == before
    assert not RequestEvent.objects.of(quokka.member.tenant).filter(request=quokka.request.pk).exists()


def migrated(targets: list[tuple[str, str]]) -> None:
    # Each time a new one: it reads what has been applied once.
    MigrationExecutor(connection).migrate(targets)


def newest() -> list[tuple[str, str]]:
    return list(MigrationExecutor(connection).loader.graph.leaf_nodes())


@pytest.fixture
def without_walls(transactional_db: None, audio_folder: object) -> Iterator[tuple[Belongings, Belongings]]:
    """Two tenants' rows in a database as it was before there were walls."""
    owners = belongings_of(member("quokka")), belongings_of(member("walrus"))
    migrated(BEFORE_WALLS)
    try:
        yield owners
    finally:
        # Should a test leave rows that cross tenants, they must not keep the walls from being built again.
        call_command("flush", interactive=False, verbosity=0)
        migrated(newest())


def older_rows_of(tenant: Tenant) -> dict[str, list[str]]:
    """Rows of tables that had tenants before there were walls."""
    return rows_of(tenant, but=NEW_SINCE)


def test_an_upgrade_with_rows_builds_the_walls_and_a_way_back_takes_them_down(
    without_walls: tuple[Belongings, Belongings],
) -> None:
    quokka, walrus = without_walls
    before = [older_rows_of(owner.member.tenant) for owner in without_walls]
    assert guarded_tables() == set()
    migrated(FIRST_WALLS)
    assert [older_rows_of(owner.member.tenant) for owner in without_walls] == before
    assert guarded_tables() == {model._meta.db_table for model in STAYS} - NEW_SINCE
    migrated(newest())
    assert guarded_tables() == {model._meta.db_table for model in STAYS}
    with pytest.raises(IntegrityError, match="request_key_same_tenant"), transaction.atomic():
        pointed(quokka, SynthesisRequest, "api_key", walrus.member.row.pk)
    migrated(BEFORE_WALLS)
    pointed(quokka, SynthesisRequest, "api_key", walrus.member.row.pk)


def test_an_upgrade_over_rows_that_cross_tenants_is_refused_whole(
    without_walls: tuple[Belongings, Belongings],
) -> None:
    quokka, walrus = without_walls
    pointed(quokka, SynthesisRequest, "api_key", walrus.member.row.pk)
    with pytest.raises(IntegrityError, match="request_key_same_tenant"):
        migrated(newest())
    assert "tts_synthesisrequest" not in guarded_tables()
    pointed(quokka, SynthesisRequest, "api_key", quokka.member.row.pk)
    migrated(newest())
    assert "tts_synthesisrequest" in guarded_tables()
