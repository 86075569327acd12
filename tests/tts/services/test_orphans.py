import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from tests.cast import Cast
from tests.tts.admin.history import AUDIO, succeeded
from tests.tts.rows import claimed, elsewhere, fresh
from tests.tts.services.kept import files
from tts.models import MaintenanceRun, SynthesisRequest, UsageExport
from tts.models.export import export_storage
from tts.services import orphans
from tts.services.history import audio_name, audio_store
from tts.services.locks import Lock, lock_held
from tts.services.orphans import TOO_MANY, Wish, orphans_run
from tts.services.states import request_cancel

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_redis", "exports_folder")]

LATER = timezone.now() + timedelta(hours=2)
"""When every file that these tests make is old enough."""
AS_EVER = Wish()


def walk(wish: Wish = AS_EVER, **options: Any) -> MaintenanceRun:
    run = orphans_run(now=options.pop("now", LATER), wish=wish, **({"pause": lambda seconds: None} | options))
    assert run is not None
    return run


def counts(run: MaintenanceRun, storage: str = "audio") -> dict[str, int]:
    found: dict[str, int] = run.data["storages"].get(storage, {})
    return {name: count for name, count in found.items() if count}


def orphan(cast: Cast) -> SynthesisRequest:
    """A canceled request whose worker was killed after it had stored the audio."""
    row = claimed(cast.alice)
    assert audio_store(row=row, data=AUDIO) == audio_name(row)
    request_cancel(request_id=row.id, now=timezone.now())
    return row


def test_a_file_that_no_row_points_at_is_deleted(cast: Cast, audio_folder: Path) -> None:
    owned = succeeded(cast.alice.tenant)
    lost = orphan(cast)
    assert files(audio_folder) == {owned.audio.name, audio_name(lost)}
    run = walk()
    assert files(audio_folder) == {owned.audio.name}
    assert counts(run) == {"files": 2, "orphans": 1, "bytes": len(AUDIO)}
    assert (run.kind, run.succeeded, run.data["complete"]) == ("orphans", True, True)


def test_so_is_one_whose_request_is_gone(cast: Cast, audio_folder: Path) -> None:
    row = orphan(cast)
    row.events.all().delete()
    SynthesisRequest.all_tenants.filter(pk=row.pk).delete()
    walk()
    assert files(audio_folder) == set()


def test_a_file_of_an_earlier_claim_is_nobodys(cast: Cast, audio_folder: Path) -> None:
    row = succeeded(cast.alice.tenant)
    first = str(row.audio).replace("-1.", "-7.")
    (audio_folder / first).write_bytes(AUDIO)
    walk()
    assert files(audio_folder) == {row.audio.name}


def test_a_file_that_storage_named_otherwise_is_its_rows(cast: Cast, audio_folder: Path) -> None:
    row = claimed(cast.alice)
    (audio_folder / audio_name(row)).parent.mkdir(parents=True)
    (audio_folder / audio_name(row)).write_bytes(b"of a claim before")
    name = audio_store(row=row, data=AUDIO)
    assert name != audio_name(row)
    SynthesisRequest.all_tenants.filter(pk=row.pk).update(
        status="succeeded", finished_at=timezone.now(), audio=name
    )
    walk()
    assert files(audio_folder) == {name}


def test_work_in_hand_and_young_files_are_left_alone(cast: Cast, audio_folder: Path) -> None:
    at_work = claimed(cast.alice)
    audio_store(row=at_work, data=AUDIO)
    walk()
    assert files(audio_folder) == {audio_name(at_work)}

    request_cancel(request_id=at_work.id, now=timezone.now())
    walk(now=timezone.now() + timedelta(minutes=59))
    assert files(audio_folder) == {audio_name(at_work)}
    walk(now=timezone.now() + timedelta(minutes=61))
    assert files(audio_folder) == set()


def test_what_is_not_ours_is_counted_and_left(audio_folder: Path) -> None:
    (audio_folder / "lost+found").mkdir(parents=True)
    (audio_folder / "lost+found" / "README").write_text("hello")
    (audio_folder / "notes.txt").write_text("hello")
    assert counts(walk()) == {"files": 2, "unknown": 2}
    assert len(files(audio_folder)) == 2


def test_a_dry_run_changes_nothing(cast: Cast, audio_folder: Path) -> None:
    lost, gone = orphan(cast), succeeded(cast.alice.tenant)
    (audio_folder / str(gone.audio)).unlink()
    run = walk(Wish(dry_run=True, repair=True))
    assert counts(run) == {"files": 1, "orphans": 1, "bytes": len(AUDIO)}
    assert (run.data["missing"], run.data["repaired"]) == (1, 0)
    assert files(audio_folder) == {audio_name(lost)}
    assert fresh(gone).audio


def test_rows_whose_file_is_gone_are_counted_and_repaired_when_asked(cast: Cast, audio_folder: Path) -> None:
    whole, gone = succeeded(cast.alice.tenant), succeeded(cast.bob.tenant)
    (audio_folder / str(gone.audio)).unlink()
    run = walk()
    assert (run.data["rows"], run.data["missing"], run.data["repaired"]) == (2, 1, 0)
    assert fresh(gone).audio.name == gone.audio.name
    assert walk(Wish(repair=True)).data["repaired"] == 1
    assert (fresh(gone).audio.name, fresh(whole).audio.name) == ("", whole.audio.name)
    assert walk().data["missing"] == 0


def export(cast: Cast, status: str, file: str = "") -> UsageExport:
    now = timezone.now()
    return UsageExport.objects.create(
        tenant=cast.alice.tenant,
        file_format="csv",
        detail="lines",
        starts_at=now - timedelta(days=1),
        ends_at=now,
        time_zone="UTC",
        created_at=now,
        status=status,
        file=file,
    )


def test_exports_are_walked_as_well(cast: Cast, exports_folder: Path) -> None:
    kept, dead, at_work = (export(cast, status) for status in ("succeeded", "failed", "running"))
    written = {}
    for row in (kept, dead, at_work):
        name = f"{row.tenant_id}/{row.pk}/alice.csv"
        written[row] = {name, f"{name}.manifest.json"}
        for one in written[row]:
            path = exports_folder / one
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("a")
    UsageExport.all_tenants.filter(pk=kept.pk).update(file=min(written[kept], key=len))
    assert export_storage().exists(min(written[dead], key=len))

    run = walk(Wish(force=True))
    assert counts(run, "exports") == {"files": 6, "orphans": 2, "bytes": 2}
    assert files(exports_folder) == written[kept] | written[at_work]


def test_a_walk_with_the_wrong_database_stops(
    cast: Cast, audio_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orphans, "MANY", 3)
    for _ in range(8):
        orphan(cast)
    run = walk()
    assert (run.succeeded, run.problem) == (False, TOO_MANY)
    assert len(files(audio_folder)) == 8
    # Nor does the next one take any, though it begins anew: somebody has to look first.
    again = walk()
    assert (again.succeeded, again.problem, again.data["dry_run"]) == (False, TOO_MANY, True)
    assert len(files(audio_folder)) == 8
    assert walk(Wish(force=True)).succeeded
    assert files(audio_folder) == set()


def test_what_storage_refuses_is_told_and_tried_again(
    cast: Cast, audio_folder: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    orphan(cast)
    working = settings.STORAGES
    stubborn = {**working["audio"], "BACKEND": "tests.tts.services.kept.Stubborn"}
    settings.STORAGES = {**working, "audio": stubborn}
    run = walk()
    assert (run.succeeded, run.problem) == (False, "storage refused to delete 1 files")
    assert "signature" not in caplog.text + run.problem
    settings.STORAGES = working
    assert walk().succeeded
    assert files(audio_folder) == set()


def test_a_walk_that_ran_out_of_time_is_gone_on_with(
    cast: Cast, audio_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orphans, "BATCH_FILES", 2)
    for days in range(4):
        for _ in range(3):
            row = orphan(cast)
            name = audio_folder / audio_name(row)
            other = name.parent.with_name(f"{days + 1:02d}")
            other.mkdir(exist_ok=True)
            name.rename(other / name.name)
    places = []
    for _ in range(20):
        seconds = iter(range(1000))
        run = walk(Wish(force=True), longest_seconds=5, clock=lambda seconds=seconds: float(next(seconds)))
        places.append(run.data["place"])
        if run.data["complete"]:
            break
    assert places[-1] is None
    assert len(places) > 2
    assert files(audio_folder) == set()


def test_empty_folders_of_past_days_go(cast: Cast, audio_folder: Path) -> None:
    row = succeeded(cast.alice.tenant)
    today = (audio_folder / str(row.audio)).parent
    past, fresh_one = today.with_name("90"), today.with_name("91")
    for folder in (past, fresh_one):
        folder.mkdir()
    long_ago = (timezone.now() - timedelta(days=3)).timestamp()
    os.utime(past, (long_ago, long_ago))
    walk(now=timezone.now())
    assert (past.exists(), fresh_one.exists(), today.exists()) == (False, True, True)


def test_nothing_was_ever_stored(audio_folder: Path) -> None:
    assert not audio_folder.exists()
    assert walk().succeeded


def test_only_one_walk_is_under_way() -> None:
    with lock_held(Lock.ORPHANS) as ours:
        assert ours
        assert elsewhere(lambda: orphans_run(now=LATER)) is None


def test_a_step_asks_the_database_once(
    cast: Cast, audio_folder: Path, django_assert_num_queries: Any
) -> None:
    for _ in range(5):
        succeeded(cast.alice.tenant)
    # Lock, place of the last run, what was broken off, this run, rows of the files; tenants, rows of each and whether
    # more come, the result, the lock.
    with django_assert_num_queries(12):
        walk()
