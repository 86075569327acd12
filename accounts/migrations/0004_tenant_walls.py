"""The second wall: the database itself refuses rows that cross tenants, whatever code or person writes them.

A row never changes its tenant, and a row that points at another points at one of its own tenant. Django's foreign keys
know nothing of the tenant, so each has a composite one beside it. They are checked at the end of the transaction, as
Django's are; where the column is NULL they say nothing (MATCH SIMPLE), so a key that is deleted can leave its history.
"""

from django.conf import settings
from django.db import migrations, models

import django.db.models.deletion

STAYS = """
CREATE FUNCTION accounts_tenant_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a row of % never changes its tenant', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
"""
NO_STAYS = "DROP FUNCTION accounts_tenant_stays();"

TABLES = (
    "accounts_apikey",
    "accounts_limitoverride",
    "accounts_membership",
    "accounts_quotathreshold",
    "accounts_shadowrefusal",
    "accounts_usageperiod",
)

# An AFTER trigger costs an update nothing it would not do anyway: one that comes BEFORE would lock each row once more.
GUARD = """
CREATE TRIGGER tenant_stays AFTER UPDATE ON {table}
    FOR EACH ROW WHEN (OLD.tenant_id IS DISTINCT FROM NEW.tenant_id) EXECUTE FUNCTION accounts_tenant_stays();
"""
NO_GUARD = "DROP TRIGGER tenant_stays ON {table};"

POINTED_AT = """
ALTER TABLE accounts_apikey ADD CONSTRAINT apikey_of_tenant UNIQUE (tenant_id, id);
ALTER TABLE accounts_usageperiod ADD CONSTRAINT period_of_tenant UNIQUE (tenant_id, id);
"""
NOT_POINTED_AT = """
ALTER TABLE accounts_usageperiod DROP CONSTRAINT period_of_tenant;
ALTER TABLE accounts_apikey DROP CONSTRAINT apikey_of_tenant;
"""

SAME_TENANT = """
ALTER TABLE accounts_usageperiod ADD CONSTRAINT period_key_same_tenant
    FOREIGN KEY (tenant_id, api_key_id) REFERENCES accounts_apikey (tenant_id, id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE accounts_quotathreshold ADD CONSTRAINT threshold_period_same_tenant
    FOREIGN KEY (tenant_id, period_id) REFERENCES accounts_usageperiod (tenant_id, id) DEFERRABLE INITIALLY DEFERRED;
"""
NOT_SAME_TENANT = """
ALTER TABLE accounts_quotathreshold DROP CONSTRAINT threshold_period_same_tenant;
ALTER TABLE accounts_usageperiod DROP CONSTRAINT period_key_same_tenant;
"""


def each(statement: str) -> str:
    return "".join(statement.format(table=table) for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_standard_plan"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # Nothing of it is in the database: no more way from a user to the keys of several tenants.
        migrations.AlterField(
            model_name="apikey",
            name="created_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="created by",
            ),
        ),
        migrations.RunSQL(STAYS, NO_STAYS),
        migrations.RunSQL(each(GUARD), each(NO_GUARD)),
        migrations.RunSQL(POINTED_AT, NOT_POINTED_AT),
        migrations.RunSQL(SAME_TENANT, NOT_SAME_TENANT),
    ]
