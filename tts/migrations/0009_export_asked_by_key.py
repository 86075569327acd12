"""Exports that keys ask for, and one file for each try; the wall is that of `0008_ops_desk_walls`."""

import django.db.models.deletion
from django.db import migrations, models


SAME_TENANT = """
ALTER TABLE tts_usageexport ADD CONSTRAINT export_key_same_tenant
    FOREIGN KEY (tenant_id, api_key_id) REFERENCES accounts_apikey (tenant_id, id) DEFERRABLE INITIALLY DEFERRED;
"""
NOT_SAME_TENANT = "ALTER TABLE tts_usageexport DROP CONSTRAINT export_key_same_tenant;"


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_history_retention'),
        ('tts', '0008_ops_desk_walls'),
    ]

    operations = [
        migrations.AddField(
            model_name='usageexport',
            name='api_key',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.apikey', verbose_name='asked for by key'),
        ),
        migrations.AddField(
            model_name='usageexport',
            name='claim',
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='usageexport',
            name='with_manifest',
            field=models.BooleanField(db_default=True, default=True, verbose_name='manifest in the file'),
        ),
        migrations.RunSQL(SAME_TENANT, NOT_SAME_TENANT),
    ]
