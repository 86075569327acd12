"""The job that writes a usage export; its argument is the id of the export and nothing else."""

from uuid import UUID

from django.utils import timezone

from tts.services.exports import export_run


def export_write(export_id: str) -> None:
    """Write the file of an export."""
    export_run(export_id=UUID(export_id), clock=timezone.now)
