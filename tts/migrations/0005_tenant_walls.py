"""The second wall around what tenants have had spoken: see `accounts/migrations/0004_tenant_walls.py`.

Voice routes may change their tenant: an operator makes one everybody's, or one tenant's.
"""

from django.db import migrations

TABLES = (
    "tts_idempotencykey",
    "tts_pronunciationdictionary",
    "tts_pronunciationentry",
    "tts_synthesisrequest",
    "tts_tenantturn",
    "tts_usageevent",
)

GUARD = """
CREATE TRIGGER tenant_stays AFTER UPDATE ON {table}
    FOR EACH ROW WHEN (OLD.tenant_id IS DISTINCT FROM NEW.tenant_id) EXECUTE FUNCTION accounts_tenant_stays();
"""
NO_GUARD = "DROP TRIGGER tenant_stays ON {table};"

POINTED_AT = "ALTER TABLE tts_synthesisrequest ADD CONSTRAINT request_of_tenant UNIQUE (tenant_id, id);"
NOT_POINTED_AT = "ALTER TABLE tts_synthesisrequest DROP CONSTRAINT request_of_tenant;"

SAME_TENANT = (
    ("tts_synthesisrequest", "request_key_same_tenant", "api_key_id", "accounts_apikey"),
    ("tts_synthesisrequest", "request_period_same_tenant", "period_id", "accounts_usageperiod"),
    ("tts_synthesisrequest", "request_key_period_same_tenant", "key_period_id", "accounts_usageperiod"),
    ("tts_usageevent", "usage_request_same_tenant", "request_id", "tts_synthesisrequest"),
    ("tts_usageevent", "usage_key_same_tenant", "api_key_id", "accounts_apikey"),
    ("tts_idempotencykey", "idempotency_request_same_tenant", "request_id", "tts_synthesisrequest"),
)
"""Table, name of the constraint, column, and the table whose row it names."""

FOREIGN_KEY = """
ALTER TABLE {table} ADD CONSTRAINT {name}
    FOREIGN KEY (tenant_id, {column}) REFERENCES {target} (tenant_id, id) DEFERRABLE INITIALLY DEFERRED;
"""
NO_FOREIGN_KEY = "ALTER TABLE {table} DROP CONSTRAINT {name};"


def each(statement: str) -> str:
    return "".join(statement.format(table=table) for table in TABLES)


def all_of(statement: str) -> str:
    return "".join(
        statement.format(table=table, name=name, column=column, target=target)
        for table, name, column, target in SAME_TENANT
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_tenant_walls"), ("tts", "0004_limits")]

    operations = [
        migrations.RunSQL(each(GUARD), each(NO_GUARD)),
        migrations.RunSQL(POINTED_AT, NOT_POINTED_AT),
        migrations.RunSQL(all_of(FOREIGN_KEY), all_of(NO_FOREIGN_KEY)),
    ]
