"""What is on record already, as the new columns and sums tell it."""

from django.db import migrations

EVENTS_TENANT = """
UPDATE tts_requestevent AS event SET tenant_id = request.tenant_id
    FROM tts_synthesisrequest AS request WHERE request.id = event.request_id;
"""

# A request counts when it was accepted: in the month that its characters were reserved in.
USAGE = """
UPDATE tts_usageevent AS event SET at = request.created_at, api_key_name = request.api_key_name
    FROM tts_synthesisrequest AS request WHERE request.id = event.request_id;
INSERT INTO tts_usageevent (id, request_id, tenant_id, api_key_id, api_key_name, at, outcome, error_code, characters,
        audio_seconds, engine, voice, fallback, reference)
    SELECT gen_random_uuid(), id, tenant_id, api_key_id, api_key_name, created_at, status, error_code, 0, 0, '', '', '',
        reference
    FROM tts_synthesisrequest WHERE status IN ('failed', 'canceled', 'expired');
"""
NO_USAGE = "DELETE FROM tts_usageevent WHERE outcome <> 'succeeded';"

BUCKETS = """
INSERT INTO tts_usagebucket (tenant_id, api_key_id, starts_at, outcome, engine, voice, fallback, requests, characters,
        audio_seconds)
    SELECT tenant_id, api_key_id, date_bin('15 minutes', at, '2000-01-01T00:00Z'), outcome, engine, voice, fallback,
        count(*), sum(characters), sum(audio_seconds)
    FROM tts_usageevent GROUP BY 1, 2, 3, 4, 5, 6, 7;
"""
NO_BUCKETS = "TRUNCATE tts_usagebucket;"


class Migration(migrations.Migration):
    dependencies = [("tts", "0006_ops_desk")]

    operations = [
        migrations.RunSQL(EVENTS_TENANT, migrations.RunSQL.noop),
        migrations.RunSQL(USAGE, NO_USAGE),
        migrations.RunSQL(BUCKETS, NO_BUCKETS),
    ]
