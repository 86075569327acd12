"""What processes logged while the made-up requests were spoken, and the housekeeping of those nights."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.conf import settings

from tts.models import LogRecord, MaintenanceRun
from tts.seeding.copying import RowCopy
from tts.seeding.made import STACK, Made, Row, Status
from tts.services import orphans, retention

LOG = ("at", "level", "logger", "process", "request_id", "tenant_slug", "message", "stack")
NIGHTS = 30
"""Nights before the end of the history that have runs of the housekeeping."""

Kind, Level = MaintenanceRun.Kind, LogRecord.Level


def log_records_write(requests: Iterable[Made], until: datetime) -> None:
    """Write the records of `requests` that would still be kept at `until`."""
    oldest = until - timedelta(days=settings.LOG_DAYS)
    recent = (made for made in requests if made.finished_at is not None and made.finished_at >= oldest)
    RowCopy(LogRecord, LOG).write(row for made in recent for row in _log_rows(made))


def maintenance_write(until: datetime) -> None:
    """Write the runs of the last nights, which found nothing to do."""
    nightly = {Kind.RETENTION: retention.Report().data()}
    weekly = {Kind.ORPHANS: orphans.Report(dry_run=False).data()}
    MaintenanceRun.objects.bulk_create(
        _run(kind, night, data)
        for number, night in enumerate(_nights(until))
        for kind, data in (nightly | (weekly if number % 7 == 0 else {})).items()
    )


def _log_rows(made: Made) -> Iterator[Row]:
    for lost in made.lost:
        yield _record(made, lost.at, Level.WARNING, "tts.services.recovery", f"{lost.worker} is gone")
    if made.status is Status.FAILED and made.finished_at is not None:
        told = f"request {made.id}: {made.error_detail}"
        stack = STACK if made.error_code == "internal" else ""
        yield _record(made, made.finished_at, Level.ERROR, "tts.services.speaking", told, stack)


def _record(
    made: Made, at: datetime, level: LogRecord.Level, logger: str, message: str, stack: str = ""
) -> Row:
    return (at, level.value, logger, made.worker, made.request_id, made.tenant.slug, message, stack)


def _nights(until: datetime) -> Iterator[datetime]:
    last = datetime.combine(until.astimezone(UTC).date(), time(3, 17), tzinfo=UTC)
    for ago in range(NIGHTS):
        night = last - timedelta(days=ago)
        if night < until:
            yield night


def _run(kind: MaintenanceRun.Kind, at: datetime, data: dict[str, Any]) -> MaintenanceRun:
    ended_at = at + timedelta(seconds=1)
    return MaintenanceRun(kind=kind, started_at=at, finished_at=ended_at, succeeded=True, data=data)
