"""The database itself keeps the audit log: whoever asks, and by whatever way."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import ProgrammingError, connection, transaction

from accounts.actors import Actor
from accounts.models import AuditEvent, Tenant
from accounts.services.keys import key_issue
from tests.admin_cast import superuser
from tests.cast import Cast

pytestmark = pytest.mark.django_db

TABLE = "accounts_auditevent"
REFUSAL = "the audit log is append-only"
NOBODY = UUID(int=0)


@pytest.fixture(autouse=True)
def guarded(db: None) -> None:
    """Tests that empty every table had to switch one trigger off; the end of this test's transaction does so again."""
    sql("ALTER TABLE {log} ENABLE TRIGGER audit_no_truncate")


@pytest.fixture
def event(cast: Cast) -> AuditEvent:
    return AuditEvent.objects.of(cast.alice.tenant).filter(action="key.issue").get()


def sql(statement: str, *values: str) -> None:
    """`{log}` in a statement is the table."""
    with connection.cursor() as cursor:
        cursor.execute(statement.replace("{log}", TABLE), values)


def saved(event: AuditEvent) -> None:
    event.action = "nothing.happened"
    event.save()


def bulk_updated(event: AuditEvent) -> None:
    event.actor_name = "somebody else"
    AuditEvent.all_tenants.bulk_update([event], ["actor_name"])


def upserted(event: AuditEvent) -> None:
    AuditEvent.all_tenants.bulk_create(
        [event], update_conflicts=True, unique_fields=["id"], update_fields=["action"]
    )


WAYS: dict[str, Callable[[AuditEvent], Any]] = {
    "save": saved,
    "save of one field": lambda event: event.save(update_fields=["before"]),
    "update": lambda event: AuditEvent.all_tenants.update(action="nothing.happened"),
    "update of a tenant's": lambda event: AuditEvent.objects.of(event.tenant_id or NOBODY).update(after={}),
    "update to the same": lambda event: AuditEvent.all_tenants.update(action=event.action),
    "bulk update": bulk_updated,
    "bulk create over it": upserted,
    "update or create": lambda event: AuditEvent.all_tenants.update_or_create(
        defaults={"action": "nothing.happened"}, pk=event.pk
    ),
    "delete": lambda event: event.delete(),
    "delete of all": lambda event: AuditEvent.all_tenants.all().delete(),
    "delete without collecting": lambda event: AuditEvent.all_tenants.all()._raw_delete("default"),
    "UPDATE": lambda event: sql("UPDATE {log} SET action = 'x' WHERE id = %s", str(event.pk)),
    "UPDATE of the key": lambda event: sql("UPDATE {log} SET id = gen_random_uuid()"),
    "DELETE": lambda event: sql("DELETE FROM {log} WHERE id = %s", str(event.pk)),
    "DELETE USING": lambda event: sql(
        "DELETE FROM {log} USING accounts_tenant t WHERE t.id = {log}.tenant_id"
    ),
    "DELETE in a WITH": lambda event: sql("WITH gone AS (DELETE FROM {log} RETURNING 1) SELECT * FROM gone"),
    "ON CONFLICT DO UPDATE": lambda event: sql(
        "INSERT INTO {log} SELECT * FROM {log} ON CONFLICT (id) DO UPDATE SET action = 'x'"
    ),
    "MERGE": lambda event: sql(
        "MERGE INTO {log} a USING accounts_tenant t ON t.id = a.tenant_id WHEN MATCHED THEN DELETE"
    ),
    "TRUNCATE": lambda event: sql("TRUNCATE {log}"),
    "TRUNCATE CASCADE": lambda event: sql("TRUNCATE {log} CASCADE"),
    "TRUNCATE beside others": lambda event: sql("TRUNCATE accounts_shadowrefusal, {log}"),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_what_was_written_stays_as_it_was(event: AuditEvent, way: Callable[[AuditEvent], Any]) -> None:
    before = list(AuditEvent.all_tenants.order_by("pk").values())
    with pytest.raises(ProgrammingError, match=REFUSAL), transaction.atomic():
        way(event)
    assert list(AuditEvent.all_tenants.order_by("pk").values()) == before


@pytest.mark.parametrize("way", ["save", "update", "delete", "UPDATE", "MERGE", "TRUNCATE"])
def test_it_is_the_triggers_that_refuse(event: AuditEvent, way: str) -> None:
    """Without them each of these would go through, so the test above can fail."""
    before = list(AuditEvent.all_tenants.order_by("pk").values())
    with transaction.atomic():
        sql("ALTER TABLE {log} DISABLE TRIGGER USER")
        WAYS[way](event)
        assert list(AuditEvent.all_tenants.order_by("pk").values()) != before
        transaction.set_rollback(True)


def test_the_application_is_no_other_role_than_the_tests() -> None:
    """It owns the table, and is refused all the same."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tableowner = current_user, has_table_privilege(%s, 'DELETE, TRUNCATE')"
            " FROM pg_tables WHERE tablename = %s",
            [TABLE, TABLE],
        )
        assert cursor.fetchone() == (True, True)


def test_both_triggers_are_on_after_every_migration() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal",
            [TABLE],
        )
        assert dict(cursor.fetchall()) == {"audit_no_change": "O", "audit_no_truncate": "O"}


def test_no_foreign_key_leads_in_or_out() -> None:
    """So that no deletion elsewhere cascades into it or is held up by it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'f' AND %s::regclass IN (conrelid, confrelid)",
            [TABLE],
        )
        assert cursor.fetchall() == []


def test_events_outlive_the_people_and_tenants_they_tell_of(cast: Cast) -> None:
    root = superuser()
    row, _ = key_issue(tenant=cast.bob.tenant, name="soon gone", actor=Actor.of_user(root))
    root.delete()
    Tenant.objects.filter(pk=cast.bob.tenant.pk).delete()
    event = AuditEvent.objects.of(cast.bob.tenant.pk).filter(action="key.issue").latest("at")
    assert (event.actor_name, event.tenant_slug, event.target_id) == ("root", "bob", str(row.pk))


def test_a_plain_insert_still_works(event: AuditEvent) -> None:
    count = AuditEvent.all_tenants.count()
    sql(
        "INSERT INTO {log} SELECT gen_random_uuid(), at, tenant_id, tenant_slug, actor_kind, actor_id,"
        " actor_name, action, target_kind, target_id, target_name, before, after, address, request_id"
        " FROM {log} WHERE id = %s",
        str(event.pk),
    )
    assert AuditEvent.all_tenants.count() == count + 1
