"""The plan that new tenants get, and that the tenants there are get now; and the audit log's guard."""

from typing import Any

from django.db import migrations, models

import django.db.models.deletion

STANDARD = {"slug": "standard", "name": "标准 Standard", "is_default": True}

GUARD = """
CREATE FUNCTION accounts_audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON accounts_auditevent
    FOR EACH ROW EXECUTE FUNCTION accounts_audit_is_append_only();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON accounts_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_audit_is_append_only();
"""
NO_GUARD = """
DROP TRIGGER audit_no_truncate ON accounts_auditevent;
DROP TRIGGER audit_no_change ON accounts_auditevent;
DROP FUNCTION accounts_audit_is_append_only();
"""


def standard_plan(apps: Any, schema_editor: Any) -> None:
    plan, _ = apps.get_model("accounts", "Plan").objects.get_or_create(slug="standard", defaults=STANDARD)
    apps.get_model("accounts", "Tenant").objects.filter(plan=None).update(plan=plan)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_plans_and_limits")]

    operations = [
        migrations.RunPython(standard_plan, migrations.RunPython.noop),
        # What the foreign keys promised is checked at once, since the table is altered in the same transaction.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="tenant",
            name="plan",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tenants",
                to="accounts.plan",
                verbose_name="plan",
            ),
        ),
        migrations.RunSQL(GUARD, NO_GUARD),
    ]
