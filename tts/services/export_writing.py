"""Writing an export into private storage: each try a file of its own, of which one is published.

Whoever takes an export over has its claim; whoever lost it finds out before the row points at the file.
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
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.db import transaction
from rq.timeouts import JobTimeoutException

from tts.exports.checking import SIDE_FILE
from tts.exports.columns import Detail
from tts.exports.file_formats import FileFormat
from tts.exports.manifest import Manifest, totals_document
from tts.models import UsageExport
from tts.models.export import export_storage
from tts.services.export_bounds import UNFINISHED
from tts.services.export_files import ExportSpec, export_open
from tts.usage.ranges import UsageRange

logger = logging.getLogger(__name__)

Status = UsageExport.Status

PROGRESS_SECONDS = 0.5
"""How often the row is told how far its file is, at most."""


class StorageFailed(OSError):
    """Storage did not take a file; tells the kind of its error."""


class ExportSuperseded(RuntimeError):
    """Somebody else has taken this export over, or ended it."""


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
        with_manifest=export.with_manifest,
    )


def export_run(*, export_id: UUID, clock: Callable[[], datetime]) -> None:
    """Write the file of an export and put it into storage; for the background worker.

    Done once more, it begins anew: nothing of a try that ended early is used. Ends quietly when the export is not
    waiting for a file, or is taken over meanwhile: each try has a file of its own, and only one of them is published.
    Raises a database error when even failing cannot be recorded.
    """
    taken = _claim(export_id, clock())
    if taken is None:
        return
    export, claim = taken
    try:
        _write(export, claim, clock)
    except ExportSuperseded:
        logger.info("export %s is somebody else's now", export_id)
    except Exception as problem:
        # The row has to end whatever went wrong, or its page would show progress for ever.
        logger.exception("export %s failed: %s", export_id, type(problem).__name__)
        claim.end(status=Status.FAILED, error_code=_code_of(problem), finished_at=clock())


def _claim(export_id: UUID, now: datetime) -> "tuple[UsageExport, _Claim] | None":
    """Take an unfinished export over from whoever was at it."""
    with transaction.atomic():
        unfinished = UsageExport.all_tenants.filter(pk=export_id, status__in=UNFINISHED)
        before = unfinished.select_for_update(no_key=True).first()
        if before is None:
            return None
        claim = _Claim(export_id, uuid4())
        unfinished.update(status=Status.RUNNING, started_at=now, rows_done=0, claim=claim.id)
    # Half a file, if that try is over; whoever is still at it deletes its own.
    export_discard(export=before)
    return UsageExport.all_tenants.select_related("tenant").get(pk=export_id), claim


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
    """The right to write an export: it ends when the row has another claim, or has ended."""

    export_id: UUID
    id: UUID
    _told: float = 0.0

    def update(self, **values: Any) -> None:
        """Change the row. Raises `ExportSuperseded`."""
        row = UsageExport.all_tenants.filter(pk=self.export_id, status=Status.RUNNING, claim=self.id)
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
        except ExportSuperseded:  # another try has it, or it has ended: theirs is the last word
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
    try:
        _publish(claim, stored, manifest, clock())
    except ExportSuperseded:
        # Of this try alone, so that nobody misses it. What another error did to the row is not known.
        export_discard(export=export)
        raise


def _publish(claim: _Claim, stored: dict[str, Any], manifest: Manifest, now: datetime) -> None:
    """Let the row point at the file that is in storage. Raises `ExportSuperseded`."""
    claim.update(
        status=Status.SUCCEEDED,
        rows_done=manifest.rows,
        totals=totals_document(manifest.totals),
        finished_at=now,
        expires_at=now + timedelta(days=settings.EXPORT_DAYS),
        **stored,
    )


def _store(export: UsageExport, spec: ExportSpec, manifest: Manifest, file: IO[bytes]) -> dict[str, Any]:
    """Put file and side file into storage; columns of the row that tell of it."""
    size = file.tell()
    file.seek(0)
    digest = file_digest(cast(Any, file), "sha256").hexdigest()
    file.seek(0)
    storage = export_storage()
    side = {**manifest.document(), "file": {"name": spec.file_name, "bytes": size, "sha256": digest}}
    text = json.dumps(side, ensure_ascii=False, indent=2)
    try:
        kept = storage.save(stored_name(export), File(file))
        storage.save(f"{kept}{SIDE_FILE}", ContentFile(f"{text}\n".encode()))
    except BaseException as problem:
        export_discard(export=export)
        if isinstance(problem, JobTimeoutException) or not isinstance(problem, Exception):
            raise
        # The message of a remote storage may hold an address with a signature, so it goes no further.
        raise StorageFailed(type(problem).__name__) from None
    return {"file": kept, "file_bytes": size, "sha256": digest}


def stored_name(export: UsageExport) -> str:
    """Where in storage the file of this try goes: apart by tenant and export, and never that of another try."""
    return f"{export.tenant_id or 'all'}/{export.pk}/{export.claim}.{export.file_format}"


def export_discard(*, export: UsageExport) -> bool:
    """Delete the file of an export, or what its last try has left; False where storage did not, which is logged."""
    try:
        _discard(export)
    except JobTimeoutException:
        # It is the job's time that is up, not storage's fault.
        raise
    except Exception as problem:  # noqa: BLE001 - a remote storage raises errors of its own library
        logger.error("file of export %s not deleted: %s", export.pk, type(problem).__name__)
        return False
    return True


def _discard(export: UsageExport) -> None:
    storage = export_storage()
    of_try = "" if export.claim is None else stored_name(export)
    for name in {of_try, export.file.name or ""} - {""}:
        storage.delete(name)
        storage.delete(f"{name}{SIDE_FILE}")
