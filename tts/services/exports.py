"""Usage exports that a job writes into private storage: asked for, written, handed out, forgotten.

The row is the truth and RQ only carries its id: whatever is lost on the way is queued again, or failed so that
somebody can say "once more".
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from redis.exceptions import RedisError

from accounts.actors import Actor
from accounts.services.audit import audit_write
from tts.connections import background_queue, volatile_redis
from tts.exports.checking import SIDE_FILE as SIDE_FILE
from tts.exports.file_formats import FileFormat
from tts.models import UsageExport
from tts.models.export import export_storage
from tts.services.background import background_enqueue, job_is_alive
from tts.services.export_bounds import UNFINISHED as UNFINISHED
from tts.services.export_bounds import Asker, TooManyAtOnce, export_bounds_check
from tts.services.export_files import ExportSpec
from tts.services.export_writing import export_discard, export_spec
from tts.services.export_writing import export_run as export_run

logger = logging.getLogger(__name__)

T = TypeVar("T")
Status = UsageExport.Status

ASKED, RETRIED, FETCHED = "usage.export", "usage.export_again", "usage.download"
JOB = "tts.jobs.exports.export_write"
SETTLING = timedelta(seconds=15)
"""How long an export may be between its row and the queue, before somebody looks for its job."""

RECONCILE_SECONDS = 15
"""How often those who wait for a file may have the unfinished ones looked after, all together."""

RECONCILED = "voxgate:exports:reconciled"
PRUNED_AT_ONCE = 500


def most_rows(file_format: FileFormat) -> int:
    """Rows that the admin streams at once; a job writes what has more."""
    limit: int = settings.EXPORT_ROWS
    return min(limit, settings.EXPORT_XLSX_ROWS) if file_format is FileFormat.XLSX else limit


def export_request(*, spec: ExportSpec, asker: Asker, actor: Actor, now: datetime) -> UsageExport:
    """Record an export that the background worker will write, and queue it. Raises `ExportRefused`."""
    return _within_bounds(lambda: _request(spec, asker, actor, now), now)


def _request(spec: ExportSpec, asker: Asker, actor: Actor, now: datetime) -> UsageExport:
    with transaction.atomic():
        export_bounds_check(tenant=spec.tenant, asker=asker, now=now)
        export = UsageExport.objects.create(
            tenant=spec.tenant,
            requested_by_id=None if asker.user is None else asker.user.pk,
            api_key=asker.key,
            file_format=spec.file_format.value,
            detail=spec.detail.value,
            byte_order_mark=spec.byte_order_mark,
            with_manifest=spec.with_manifest,
            starts_at=spec.span.starts_at,
            ends_at=spec.span.ends_at,
            time_zone=spec.span.zone.key,
            created_at=now,
        )
        _tell(actor, ASKED, export)
        transaction.on_commit(lambda: _enqueue(export.pk))
    return export


def _within_bounds(ask: Callable[[], T], now: datetime) -> T:
    """What `ask` gives. Exports whose job is gone stand in nobody's way."""
    try:
        return ask()
    except TooManyAtOnce:
        if not exports_reconcile_seldom(now=now):
            raise
    return ask()


def export_streamed(*, spec: ExportSpec, id: UUID, actor: Actor) -> None:
    """Tell the audit log that `actor` was given a file at once; `id` is the one in its manifest."""
    target = UsageExport(id=id, tenant=spec.tenant)
    audit_write(actor=actor, action=ASKED, target=target, tenant=spec.tenant, name=spec.file_name)


def export_retry(*, export: UsageExport, asker: Asker, actor: Actor, now: datetime) -> bool:
    """Have a failed export written once more; False when it is not, or no longer, a failed one.

    Raises `ExportRefused`.
    """
    return _within_bounds(lambda: _retry(export, asker, actor, now), now)


def _retry(export: UsageExport, asker: Asker, actor: Actor, now: datetime) -> bool:
    failed = UsageExport.all_tenants.filter(pk=export.pk, status=Status.FAILED)
    if not failed.exists():
        return False
    with transaction.atomic():
        export_bounds_check(tenant=export.tenant, asker=asker, now=now)
        again = failed.update(
            status=Status.QUEUED,
            # It counts for whoever wants it now; the audit log knows who wanted it first.
            requested_by_id=None if asker.user is None else asker.user.pk,
            api_key=asker.key,
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


def exports_reconcile_seldom(*, now: datetime) -> int:
    """`exports_reconcile`, unless that was done a moment ago; for those who wait for a file and look often."""
    try:
        is_due = volatile_redis().set(RECONCILED, b"", nx=True, ex=RECONCILE_SECONDS)
    except RedisError as problem:
        logger.warning("jobs of exports not looked at: %s", type(problem).__name__)
        return 0
    return exports_reconcile(now=now) if is_due else 0


def _interrupted(export: UsageExport, now: datetime) -> None:
    logger.error("the job of export %s is gone", export.pk)
    row = UsageExport.all_tenants.filter(pk=export.pk, status=Status.RUNNING, claim=export.claim)
    if row.update(status=Status.FAILED, error_code="interrupted", finished_at=now):
        export_discard(export=export)


def _job_lives(export_id: UUID, now: datetime) -> bool:
    job = background_queue().fetch_job(_job_id(export_id))
    return job is not None and job_is_alive(job=job, now=now)


def exports_expire(*, now: datetime) -> int:
    """Delete files that were kept long enough, files first, then say so in their rows; how many.

    A file that storage does not give up is tried again next time. Looks after exports without a job as well, and
    forgets those that have been without a file for long.
    """
    exports_reconcile(now=now)
    exports_prune(now=now)
    gone = 0
    due = UsageExport.all_tenants.filter(status=Status.SUCCEEDED, expires_at__lte=now)
    for export in due.select_related("tenant").iterator(chunk_size=200):
        if export_discard(export=export):
            gone += UsageExport.all_tenants.filter(pk=export.pk, status=Status.SUCCEEDED).update(
                status=Status.EXPIRED, file=""
            )
    return gone


def exports_prune(*, now: datetime) -> int:
    """Delete the rows of exports that failed, or whose file is gone, `EXPORT_RECORD_DAYS` after they were asked for;
    how many. The audit log still knows who asked for what.
    """
    old = UsageExport.all_tenants.filter(
        status__in=(Status.FAILED, Status.EXPIRED),
        created_at__lte=now - timedelta(days=settings.EXPORT_RECORD_DAYS),
    )
    pruned = 0
    # Few at once, so that no transaction holds many rows.
    while ids := list(old.order_by("pk").values_list("pk", flat=True)[:PRUNED_AT_ONCE]):
        pruned += old.filter(pk__in=ids).delete()[0]
    return pruned


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


def _tell(actor: Actor, action: str, export: UsageExport) -> None:
    name = export_spec(export).file_name
    audit_write(actor=actor, action=action, target=export, tenant=export.tenant, name=name)


def _job_id(export_id: UUID) -> str:
    return f"export-{export_id}"


def _enqueue(export_id: UUID) -> None:
    background_enqueue(job=JOB, job_id=_job_id(export_id), arguments=(str(export_id),))
