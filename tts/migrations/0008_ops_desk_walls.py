"""The second wall around the new tables: see `accounts/migrations/0004_tenant_walls.py`."""

import django.db.models.deletion
from django.db import migrations, models


GUARDED = ("tts_requestevent", "tts_usagebucket", "tts_usageexport")
GUARD = """
CREATE TRIGGER tenant_stays AFTER UPDATE ON {table}
    FOR EACH ROW WHEN (OLD.tenant_id IS DISTINCT FROM NEW.tenant_id) EXECUTE FUNCTION accounts_tenant_stays();
"""
NO_GUARD = "DROP TRIGGER tenant_stays ON {table};"

SAME_TENANT = """
ALTER TABLE tts_requestevent ADD CONSTRAINT event_request_same_tenant
    FOREIGN KEY (tenant_id, request_id) REFERENCES tts_synthesisrequest (tenant_id, id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE tts_usagebucket ADD CONSTRAINT bucket_key_same_tenant
    FOREIGN KEY (tenant_id, api_key_id) REFERENCES accounts_apikey (tenant_id, id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE tts_synthesisrequest ADD CONSTRAINT request_repeats_same_tenant
    FOREIGN KEY (tenant_id, repeats_id) REFERENCES tts_synthesisrequest (tenant_id, id) DEFERRABLE INITIALLY DEFERRED;
"""
NOT_SAME_TENANT = """
ALTER TABLE tts_synthesisrequest DROP CONSTRAINT request_repeats_same_tenant;
ALTER TABLE tts_usagebucket DROP CONSTRAINT bucket_key_same_tenant;
ALTER TABLE tts_requestevent DROP CONSTRAINT event_request_same_tenant;
"""


def each(statement: str) -> str:
    return "".join(statement.format(table=table) for table in GUARDED)


class Migration(migrations.Migration):

    dependencies = [
        ('tts', '0007_past_usage'),
    ]

    operations = [
        migrations.AlterField(
            model_name='requestevent',
            name='tenant',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.tenant'),
        ),
        migrations.AlterField(
            model_name='synthesisrequest',
            name='api_key',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.apikey', verbose_name='API key'),
        ),
        migrations.AlterField(
            model_name='synthesisrequest',
            name='tenant',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.tenant', verbose_name='tenant'),
        ),
        migrations.AlterField(
            model_name='usageevent',
            name='outcome',
            field=models.CharField(choices=[('queued', 'queued'), ('running', 'running'), ('succeeded', 'succeeded'), ('failed', 'failed'), ('canceled', 'canceled'), ('expired', 'expired')], max_length=9, verbose_name='outcome'),
        ),
        migrations.RunSQL(each(GUARD), each(NO_GUARD)),
        migrations.RunSQL(SAME_TENANT, NOT_SAME_TENANT),
    ]
