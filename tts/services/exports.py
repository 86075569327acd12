"""Usage exports that a job writes into private storage: asked for, written, handed out, forgotten.

The row is the truth and RQ only carries its id: whatever is lost on the way is queued again, or failed so that
somebody can say "once more".
"""

import json
import logging
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import file_digest
from typing import IO, Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.files.base import ContentFile, File
from django.db import transaction
from redis.exceptions import RedisError
from rq.job import JobStatus
from rq.timeouts import JobTimeoutException

from accounts.actors import Actor
from accounts.services.audit import audit_write
from tts.connections import background_queue
from tts.exports.checking import SIDE_FILE as SIDE_FILE
from tts.exports.columns import Detail
from tts.exports.file_formats import FileFormat
from tts.exports.manifest import Manifest, totals_document
from tts.models import UsageExport
from tts.models.export import export_storage
from tts.services.background import background_enqueue
from tts.services.export_files import ExportSpec, export_open
from tts.usage.ranges import UsageRange

logger = logging.getLogger(__name__)

Status = UsageExport.Status

ASKED, RETRIED, FETCHED = "usage.export", "usage.export_again", "usage.download"
JOB = "tts.jobs.exports.export_write"
PROGRESS_SECONDS = 0.5
"""How often the row is told how far its file is, at most."""

SETTLING = timedelta(seconds=15)
"""How long an export may be between its row and the queue, before somebody looks for its job."""

SILENCE = timedelta(minutes=3)
"""A job whose worker has given no sign of life for so long is gone; a worker gives one every 30 s."""

UNFINISHED = (Status.QUEUED, Status.RUNNING)


class ExportSuperseded(RuntimeError):
    """Somebody else has taken this export over, or ended it."""


def most_rows(file_format: FileFormat) -> int:
    """Rows that the admin streams at once; a job writes what has more."""
    limit: int = settings.EXPORT_ROWS
    return min(limit, settings.EXPORT_XLSX_ROWS) if file_format is FileFormat.XLSX else limit


def export_request(*, spec: ExportSpec, user: AbstractBaseUser, actor: Actor, now: datetime) -> UsageExport:
    """Record an export that the background worker will write, and queue it."""
    with transaction.atomic():
        export = UsageExport.objects.create(
            tenant=spec.tenant,
            requested_by_id=user.pk,
            file_format=spec.file_format.value,
            detail=spec.detail.value,
            byte_order_mark=spec.byte_order_mark,
            starts_at=spec.span.starts_at,
            ends_at=spec.span.ends_at,
            time_zone=spec.span.zone.key,
            created_at=now,
        )
        _tell(actor, ASKED, export)
        transaction.on_commit(lambda: _enqueue(export.pk))
    return export


def export_streamed(*, spec: ExportSpec, id: UUID, actor: Actor) -> None:
    """Tell the audit log that `actor` was given a file at once; `id` is the one in its manifest."""
    target = UsageExport(id=id, tenant=spec.tenant)
    audit_write(actor=actor, action=ASKED, target=target, tenant=spec.tenant, name=spec.file_name)


def export_retry(*, export: UsageExport, actor: Actor, now: datetime) -> bool:
    """Have a failed export written once more; False when it is not, or no longer, a failed one."""
    with transaction.atomic():
        again = UsageExport.all_tenants.filter(pk=export.pk, status=Status.FAILED).update(
            status=Status.QUEUED,
            created_at=now,
            started_at=None,
            finished_at=None,
            rows_done=0,
            rows_total=None,
            error_code="",
        )
        if again:
            _tell(actor, RETRIED, export)
            transaction.on_commit(lambda: _enqueue(export.pk))
    return bool(again)


def export_spec(export: UsageExport) -> ExportSpec:
    """What was asked for, as the row tells it."""
    zone = ZoneInfo(export.time_zone)
    last = (export.ends_at - timedelta(seconds=1)).astimezone(zone).date()
    return ExportSpec(
        tenant=export.tenant,
        span=UsageRange(export.starts_at.astimezone(zone).date(), last, zone),
        file_format=FileFormat(export.file_format),
        detail=Detail(export.detail),
        byte_order_mark=export.byte_order_mark,
    )


def export_run(*, export_id: UUID, clock: Callable[[], datetime]) -> None:
    """Write the file of an export and put it into storage; for the background worker.

    Done once more, it begins anew: nothing of a try that ended early is used. Ends quietly when the export is not
    waiting for a file, or is taken over meanwhile. Raises a database error when even failing cannot be recorded.
    """
    started_at = clock()
    claimed = UsageExport.all_tenants.filter(pk=export_id, status__in=UNFINISHED)
    if not claimed.update(status=Status.RUNNING, started_at=started_at, rows_done=0):
        return
    export = UsageExport.all_tenants.select_related("tenant").get(pk=export_id)
    claim = _Claim(export_id, started_at)
    try:
        _write(export, claim, clock)
    except ExportSuperseded:
        logger.info("export %s is somebody else's now", export_id)
    except Exception as problem:
        # The row has to end whatever went wrong, or its page would show progress for ever.
        logger.exception("export %s failed: %s", export_id, type(problem).__name__)
        claim.end(status=Status.FAILED, error_code=_code_of(problem), finished_at=clock())


def _code_of(problem: Exception) -> str:
    match problem:
        case JobTimeoutException():
            return "timed_out"
        case OSError():
            return "storage_failed"
        case _:
            return "internal"


@dataclass(slots=True)
class _Claim:
    """The right to write an export: it ends when the row has another start, or has ended."""

    export_id: UUID
    started_at: datetime
    _told: float = 0.0

    def update(self, **values: Any) -> None:
        """Change the row. Raises `ExportSuperseded`."""
        row = UsageExport.all_tenants.filter(
            pk=self.export_id, status=Status.RUNNING, started_at=self.started_at
        )
        if not row.update(**values):
            raise ExportSuperseded

    def progress(self, rows: int) -> None:
        if time.monotonic() - self._told >= PROGRESS_SECONDS:
            self.update(rows_done=rows)
            self._told = time.monotonic()

    def end(self, **values: Any) -> bool:
        """The last change; False when it was no longer ours to make."""
        try:
            self.update(**values)
        except ExportSuperseded:
            return False
        return True


def _write(export: UsageExport, claim: _Claim, clock: Callable[[], datetime]) -> None:
    spec = export_spec(export)
    with tempfile.TemporaryFile() as file:
        with export_open(spec=spec, now=clock(), id=export.pk) as opened:
            claim.update(rows_total=opened.manifest.rows)
            opened.write(file, claim.progress)
            manifest = opened.manifest
        stored = _store(export, spec, manifest, file)
    now = clock()
    ended = claim.end(
        status=Status.SUCCEEDED,
        rows_done=manifest.rows,
        totals=totals_document(manifest.totals),
        finished_at=now,
        expires_at=now + timedelta(days=settings.EXPORT_DAYS),
        **stored,
    )
    if not ended:
        raise ExportSuperseded


def _store(export: UsageExport, spec: ExportSpec, manifest: Manifest, file: IO[bytes]) -> dict[str, Any]:
    """Put file and side file into storage; columns of the row that tell of it."""
    size = file.tell()
    file.seek(0)
    digest = file_digest(cast(Any, file), "sha256").hexdigest()
    file.seek(0)
    _discard(export)
    storage, name = export_storage(), stored_name(export)
    side = {**manifest.document(), "file": {"name": spec.file_name, "bytes": size, "sha256": digest}}
    text = json.dumps(side, ensure_ascii=False, indent=2)
    kept = storage.save(name, File(file))
    storage.save(f"{kept}{SIDE_FILE}", ContentFile(f"{text}\n".encode()))
    return {"file": kept, "file_bytes": size, "sha256": digest}


def stored_name(export: UsageExport) -> str:
    """Where in storage the file of an export goes: apart by tenant, always the same for one export."""
    return f"{export.tenant_id or 'all'}/{export.pk}/{export_spec(export).file_name}"


def exports_reconcile(*, now: datetime) -> int:
    """Look after exports whose job is gone: those that wait are queued again, those begun have failed. How many.

    Does nothing while Redis is away.
    """
    changed = 0
    waiting = UsageExport.all_tenants.filter(status__in=UNFINISHED, created_at__lt=now - SETTLING)
    for export in waiting.select_related("tenant").order_by("created_at")[:100]:
        try:
            alive = _job_lives(export.pk, now)
        except RedisError as problem:
            logger.warning("jobs of exports not looked at: %s", type(problem).__name__)
            return changed
        if alive:
            continue
        changed += 1
        if export.status == Status.QUEUED:
            logger.warning("export %s had no job and is queued again", export.pk)
            _enqueue(export.pk)
        else:
            _interrupted(export, now)
    return changed


def _interrupted(export: UsageExport, now: datetime) -> None:
    logger.error("the job of export %s is gone", export.pk)
    row = UsageExport.all_tenants.filter(pk=export.pk, status=Status.RUNNING, started_at=export.started_at)
    if row.update(status=Status.FAILED, error_code="interrupted", finished_at=now):
        _discard_or_log(export)


def _job_lives(export_id: UUID, now: datetime) -> bool:
    job = background_queue().fetch_job(_job_id(export_id))
    if job is None:
        return False
    status = job.get_status(refresh=True)
    if status == JobStatus.STARTED:
        last = job.last_heartbeat or job.started_at
        return last is not None and now - last < SILENCE
    return status in (JobStatus.QUEUED, JobStatus.DEFERRED, JobStatus.SCHEDULED, JobStatus.CREATED)


def exports_expire(*, now: datetime) -> int:
    """Delete files that were kept long enough, files first, then say so in their rows; how many.

    A file that storage does not give up is tried again next time. Looks after exports without a job as well.
    """
    exports_reconcile(now=now)
    gone = 0
    due = UsageExport.all_tenants.filter(status=Status.SUCCEEDED, expires_at__lte=now)
    for export in due.select_related("tenant").iterator(chunk_size=200):
        if _discard_or_log(export):
            gone += UsageExport.all_tenants.filter(pk=export.pk, status=Status.SUCCEEDED).update(
                status=Status.EXPIRED, file=""
            )
    return gone


def export_file(*, export: UsageExport, of_manifest: bool = False) -> "File[bytes] | None":
    """The stored file of an export, or the side file with its manifest, open; None where it is not kept."""
    name = export.file.name
    if not name:
        return None
    try:
        return export_storage().open(f"{name}{SIDE_FILE}" if of_manifest else name)
    except FileNotFoundError:
        return None


def export_fetched(*, export: UsageExport, actor: Actor) -> None:
    """Tell the audit log that `actor` is given a stored file."""
    _tell(actor, FETCHED, export)


def _discard(export: UsageExport) -> None:
    storage = export_storage()
    for name in {stored_name(export), export.file.name or stored_name(export)}:
        storage.delete(name)
        storage.delete(f"{name}{SIDE_FILE}")


def _discard_or_log(export: UsageExport) -> bool:
    try:
        _discard(export)
    except Exception as problem:  # noqa: BLE001 - a remote storage raises errors of its own library
        logger.error("file of export %s not deleted: %s", export.pk, type(problem).__name__)
        return False
    return True


def _tell(actor: Actor, action: str, export: UsageExport) -> None:
    name = export_spec(export).file_name
    audit_write(actor=actor, action=action, target=export, tenant=export.tenant, name=name)


def _job_id(export_id: UUID) -> str:
    return f"export-{export_id}"


def _enqueue(export_id: UUID) -> None:
    background_enqueue(job=JOB, job_id=_job_id(export_id), arguments=(str(export_id),))
