from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tts", "0009_export_asked_by_key")]

    operations = [
        migrations.AddField(
            model_name="maintenancetask",
            name="ended_for",
            field=models.DateTimeField(null=True, verbose_name="ended for"),
        ),
        migrations.AddField(
            model_name="maintenancetask",
            name="tries",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="tries"),
        ),
        migrations.AddField(
            model_name="maintenancetask",
            name="tried_at",
            field=models.DateTimeField(null=True, verbose_name="tried at"),
        ),
        migrations.AlterField(
            model_name="maintenancerun",
            name="kind",
            field=models.CharField(
                choices=[
                    ("retention", "retention"),
                    ("orphans", "orphaned files"),
                    ("usage-check", "recomputation of usage"),
                    ("log-rotation", "rotation of log files"),
                    ("exports", "expired exports"),
                    ("service-figures", "figures of the platform"),
                ],
                max_length=16,
                verbose_name="kind",
            ),
        ),
    ]
