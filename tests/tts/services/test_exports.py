"""Exports that a job writes: on committed rows, since files are read on a connection of their own."""

import json
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import FileSystemStorage
from django.utils import timezone
from pytest_django import Settings

from accounts.actors import Actor
from accounts.models import AuditEvent
from tests.cast import Cast
from tests.outages import redis_away
from tests.tts.exports.stored import MAY, requested, spec_of
from tests.tts.exports.usage import used_in_may
from tts.connections import background_queue, volatile_redis
from tts.exports.checking import SIDE_FILE
from tts.exports.file_formats import FileFormat
from tts.jobs import janitor as janitor_module
from tts.jobs.janitor import Janitor
from tts.models import UsageExport
from tts.models.export import export_storage
from tts.services import export_files, export_writing, exports
from tts.services.export_bounds import Asker
from tts.services.export_links import LINK_SECONDS, export_token, export_token_holds
from tts.services.export_writing import export_spec, stored_name
from tts.services.exports import (
    SETTLING,
    export_retry,
    export_run,
    exports_expire,
    exports_prune,
    exports_reconcile,
    exports_reconcile_seldom,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_redis")]

Status = UsageExport.Status
ACTOR = Actor("user", "7", "root")
ASKER = Asker()


@pytest.fixture(autouse=True)
def some_use(cast: Cast, exports_folder: Path) -> None:
    used_in_may(cast)


def fresh(export: UsageExport) -> UsageExport:
    return UsageExport.all_tenants.get(pk=export.pk)


def run(export: UsageExport) -> UsageExport:
    export_run(export_id=export.pk, clock=timezone.now)
    return fresh(export)


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def jobs() -> list[str]:
    return background_queue().get_job_ids()


def test_asking_records_it_queues_its_id_and_tells_the_audit_log(cast: Cast) -> None:
    export = requested(cast.alice.tenant)
    assert (export.status, export.tenant) == (Status.QUEUED, cast.alice.tenant)
    (job_id,) = jobs()
    job = background_queue().fetch_job(job_id)
    assert job is not None
    assert (job.func_name, job.args) == ("tts.jobs.exports.export_write", [str(export.pk)])
    event = AuditEvent.objects.of(cast.alice.tenant).get(action="usage.export")
    assert (event.target_id, event.target_name) == (
        str(export.pk),
        "usage-alice-2026-05-01-2026-05-31-lines.csv",
    )


@pytest.mark.parametrize("file_format", FileFormat)
def test_the_file_and_its_side_file_are_in_storage_for_some_days(
    cast: Cast, exports_folder: Path, file_format: FileFormat
) -> None:
    export = run(requested(cast.alice.tenant, file_format=file_format))
    assert (export.status, export.error_code) == (Status.SUCCEEDED, "")
    assert (export.rows_done, export.rows_total) == (3, 3)
    assert export.totals["all"] == {"requests": 3, "characters": 30, "audio_seconds": 4.5}
    assert export.finished_at is not None
    assert export.expires_at is not None
    assert export.expires_at - export.finished_at == timedelta(days=7)
    data = (exports_folder / str(export.file.name)).read_bytes()
    assert (len(data), sha256(data).hexdigest()) == (export.file_bytes, export.sha256)
    side = json.loads((exports_folder / f"{export.file.name}{SIDE_FILE}").read_text())
    assert side["file"] == {
        "name": f"usage-alice-2026-05-01-2026-05-31-lines.{file_format}",
        "bytes": len(data),
        "sha256": export.sha256,
    }
    assert (side["id"], side["rows"]) == (str(export.pk), 3)


def test_files_are_for_their_owner_only(cast: Cast, exports_folder: Path) -> None:
    export = run(requested(cast.alice.tenant))
    path = exports_folder / str(export.file.name)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_an_export_of_all_tenants_has_all_of_them(cast: Cast, exports_folder: Path) -> None:
    export = run(requested(None))
    assert export.totals["all"]["characters"] == 1030
    assert b"bob" in (exports_folder / str(export.file.name)).read_bytes()
    assert b"bob" not in (exports_folder / str(run(requested(cast.alice.tenant)).file.name)).read_bytes()


def test_the_row_tells_again_what_was_asked_for(cast: Cast) -> None:
    asked = spec_of(cast.alice.tenant, byte_order_mark=True, file_format=FileFormat.NDJSON)
    assert (
        export_spec(fresh(requested(cast.alice.tenant, byte_order_mark=True, file_format=FileFormat.NDJSON)))
        == asked
    )
    assert export_spec(fresh(requested(None))).span == MAY


def test_rows_done_are_told_on_the_way(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_writing, "PROGRESS_SECONDS", 0.0)
    seen: list[tuple[int, int | None]] = []
    whole = export_files.OpenExport.write

    def write(opened: export_files.OpenExport, file: object, on_rows: object) -> None:
        def told(rows: int) -> None:
            on_rows(rows)  # type: ignore[operator] # what the service gave
            row = UsageExport.all_tenants.get()
            seen.append((row.rows_done, row.rows_total))

        whole(opened, file, told)  # type: ignore[arg-type] # what the service gave

    monkeypatch.setattr(export_files.OpenExport, "write", write)
    run(requested(cast.alice.tenant))
    assert seen == [(3, 3)]


def test_what_is_done_already_is_not_done_again(cast: Cast, exports_folder: Path) -> None:
    export = run(requested(cast.alice.tenant))
    before = files(exports_folder)
    assert run(export).finished_at == export.finished_at
    assert files(exports_folder) == before


def begun(export: UsageExport, folder: Path) -> UsageExport:
    """As a try leaves it that dies while it puts its file into storage."""
    UsageExport.all_tenants.filter(pk=export.pk).update(
        status=Status.RUNNING, claim=uuid4(), started_at=timezone.now() - timedelta(minutes=1), rows_done=2
    )
    export = fresh(export)
    path = folder / stored_name(export)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"half a file")
    return export


def test_a_try_that_ended_early_begins_anew(cast: Cast, exports_folder: Path) -> None:
    export = run(begun(requested(cast.alice.tenant), exports_folder))
    assert (export.status, export.rows_done) == (Status.SUCCEEDED, 3)
    assert files(exports_folder) == {export.file.name, f"{export.file.name}{SIDE_FILE}"}


def test_a_try_that_was_taken_over_changes_nothing_more(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    export = requested(cast.alice.tenant)
    another = uuid4()

    def take_over(**_: object) -> export_files.OpenExport:
        UsageExport.all_tenants.filter(pk=export.pk).update(claim=another)
        return export_files.export_open(spec=spec_of(cast.alice.tenant), now=timezone.now())

    monkeypatch.setattr(export_writing, "export_open", take_over)
    assert (run(export).status, fresh(export).claim) == (Status.RUNNING, another)


@pytest.mark.parametrize("moment", ["before it stores", "after it stored"])
def test_of_two_writers_the_later_publishes_and_the_earlier_leaves_nothing(
    cast: Cast, exports_folder: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    export = requested(cast.alice.tenant)
    store = export_writing._store
    later: list[UsageExport] = []

    def interrupted(*values: Any) -> dict[str, Any]:
        # The whole of the later try happens inside of the earlier one.
        monkeypatch.setattr(export_writing, "_store", store)
        if moment == "before it stores":
            later.append(run(export))
            return store(*values)
        stored = store(*values)
        later.append(run(export))
        return stored

    monkeypatch.setattr(export_writing, "_store", interrupted)
    (after, won) = (run(export), later[0])
    assert (after.status, after.sha256, after.file.name) == (Status.SUCCEEDED, won.sha256, won.file.name)
    assert files(exports_folder) == {won.file.name, f"{won.file.name}{SIDE_FILE}"}
    assert sha256((exports_folder / str(won.file.name)).read_bytes()).hexdigest() == won.sha256


def test_a_file_that_cannot_be_stored_whole_leaves_nothing(
    cast: Cast, exports_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = FileSystemStorage.save

    def full(storage: FileSystemStorage, name: str, *values: Any) -> str:
        if name.endswith(SIDE_FILE):
            raise OSError(28, "No space left on device")
        return str(save(storage, name, *values))

    monkeypatch.setattr(FileSystemStorage, "save", full)
    export = run(requested(cast.alice.tenant))
    assert (export.status, export.error_code) == (Status.FAILED, "storage_failed")
    assert files(exports_folder) == set()


def test_storage_that_refuses_fails_the_export_and_it_can_be_retried(
    cast: Cast, exports_folder: Path
) -> None:
    exports_folder.write_text("a file where the folder should be")
    export = run(requested(cast.alice.tenant))
    assert (export.status, export.error_code) == (Status.FAILED, "storage_failed")
    exports_folder.unlink()
    background_queue().empty()  # type: ignore[no-untyped-call] # RQ has no annotations here
    assert export_retry(export=export, asker=ASKER, actor=ACTOR, now=timezone.now())
    assert jobs() == [f"export-{export.pk}"]
    assert run(export).status == Status.SUCCEEDED
    assert not export_retry(export=export, asker=ASKER, actor=ACTOR, now=timezone.now())
    assert AuditEvent.objects.of(cast.alice.tenant).filter(action="usage.export_again").count() == 1


def test_what_storage_says_is_not_logged(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A remote one may name an address with a signature."""

    def refused(*_arguments: object) -> str:
        raise RuntimeError("https://storage.example/x?X-Amz-Signature=1234")

    monkeypatch.setattr(export_storage(), "save", refused)
    export = run(requested(cast.alice.tenant))
    assert (export.status, export.error_code) == (Status.FAILED, "storage_failed")
    assert "StorageFailed: RuntimeError" in caplog.text
    assert "Signature" not in caplog.text


def test_one_that_waits_without_a_job_is_queued_again(cast: Cast) -> None:
    with redis_away():
        export = requested(cast.alice.tenant)
    assert jobs() == []
    assert exports_reconcile(now=timezone.now()) == 0
    assert exports_reconcile(now=timezone.now() + SETTLING) == 1
    assert jobs() == [f"export-{export.pk}"]
    assert exports_reconcile(now=timezone.now() + SETTLING) == 0


def test_the_janitor_sees_to_it_within_a_minute(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(janitor_module, "PRUNE_EVERY", 2)
    with redis_away():
        export = requested(cast.alice.tenant)
    janitor = Janitor(lambda: timezone.now() + SETTLING)
    janitor.keep_house()
    assert jobs() == []
    janitor.keep_house()
    assert jobs() == [f"export-{export.pk}"]


def test_one_whose_job_is_gone_has_failed_and_leaves_no_file(cast: Cast, exports_folder: Path) -> None:
    export = begun(requested(cast.alice.tenant), exports_folder)
    background_queue().empty()  # type: ignore[no-untyped-call] # RQ has no annotations here
    assert exports_reconcile(now=timezone.now() + SETTLING) == 1
    assert (fresh(export).status, fresh(export).error_code) == (Status.FAILED, "interrupted")
    assert files(exports_folder) == set()


def test_however_many_look_the_unfinished_ones_are_looked_after_once_in_a_while(cast: Cast) -> None:
    export = requested(cast.alice.tenant)
    background_queue().empty()  # type: ignore[no-untyped-call] # RQ has no annotations here
    later = timezone.now() + SETTLING
    assert exports_reconcile_seldom(now=later) == 1
    background_queue().empty()  # type: ignore[no-untyped-call] # RQ has no annotations here
    assert exports_reconcile_seldom(now=later) == 0
    assert 0 < volatile_redis().ttl(exports.RECONCILED) <= exports.RECONCILE_SECONDS
    volatile_redis().delete(exports.RECONCILED)
    assert exports_reconcile_seldom(now=later) == 1
    assert jobs() == [f"export-{export.pk}"]
    with redis_away():
        assert exports_reconcile_seldom(now=later) == 0


def test_nothing_is_decided_while_redis_is_away(cast: Cast) -> None:
    export = requested(cast.alice.tenant)
    with redis_away():
        assert exports_reconcile(now=timezone.now() + SETTLING) == 0
    assert fresh(export).status == Status.QUEUED


def test_files_go_when_their_time_has_come(cast: Cast, exports_folder: Path, settings: Settings) -> None:
    settings.EXPORT_DAYS = 2
    export = run(requested(cast.alice.tenant))
    assert export.expires_at is not None
    assert exports_expire(now=export.expires_at - timedelta(seconds=1)) == 0
    assert len(files(exports_folder)) == 2
    assert exports_expire(now=export.expires_at) == 1
    assert files(exports_folder) == set()
    assert (fresh(export).status, fresh(export).file.name, fresh(export).sha256) == (
        Status.EXPIRED,
        "",
        export.sha256,
    )
    assert exports_expire(now=export.expires_at) == 0


def test_rows_without_a_file_go_later_and_files_that_are_kept_stay(
    cast: Cast, exports_folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EXPORT_RECORD_DAYS, settings.EXPORT_DAYS = 30, 100
    monkeypatch.setattr(exports, "PRUNED_AT_ONCE", 1)
    failed, expired, kept, waiting = (requested(cast.alice.tenant) for _ in range(4))
    for export, status in ((failed, Status.FAILED), (expired, Status.EXPIRED)):
        UsageExport.all_tenants.filter(pk=export.pk).update(status=status)
    run(kept)
    old = max(failed.created_at, expired.created_at) + timedelta(days=30)
    assert exports_prune(now=min(failed.created_at, expired.created_at) + timedelta(days=29)) == 0
    exports_expire(now=old)
    assert set(UsageExport.all_tenants.values_list("pk", flat=True)) == {kept.pk, waiting.pk}
    assert len(files(exports_folder)) == 2
    assert AuditEvent.objects.of(cast.alice.tenant).filter(action="usage.export").count() == 4


@pytest.fixture
def people(cast: Cast) -> tuple[User, User]:
    return User.objects.create_user("one"), User.objects.create_user("other")


def test_a_link_holds_for_one_person_one_file_and_a_while(
    cast: Cast, people: tuple[User, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = people
    export, another = requested(cast.alice.tenant), requested(cast.alice.tenant)
    token = export_token(export=export, user=one)
    assert export_token_holds(token=token, export_id=export.pk, user=one)
    assert not export_token_holds(token=token, export_id=export.pk, user=other)
    assert not export_token_holds(token=token, export_id=another.pk, user=one)
    assert not export_token_holds(token=token[:-1], export_id=export.pk, user=one)
    assert not export_token_holds(token="", export_id=export.pk, user=one)
    now = timezone.now().timestamp()
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + LINK_SECONDS + 2)
    assert not export_token_holds(token=token, export_id=export.pk, user=one)
