from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Tenant
from accounts.services.tenants import tenant_update
from tests.cast import Cast, Member, member
from tests.tts.admin.history import queued
from tests.tts.rows import together
from tests.tts.services.kept import AUDIO_BYTES, content, files, kept, used
from tts.models import EngineAttempt, IdempotencyKey, MaintenanceRun, RequestEvent, SynthesisRequest
from tts.services import erasure, retention_batches
from tts.services.locks import Lock, lock_held
from tts.services.maintenance_runs import BROKEN_OFF
from tts.services.retention import retention_run
from tts.services.retention_batches import Batches, Removed
from tts.services.retention_policy import policy_of

pytestmark = pytest.mark.django_db

NOW = timezone.now()
STUBBORN = "tests.tts.services.kept.Stubborn"


def run(now: datetime = NOW, **options: Any) -> MaintenanceRun:
    done = retention_run(now=now, **({"pause": lambda seconds: None} | options))
    assert done is not None
    return done


def keeps(one: Member, text: int | None, audio: int | None, history: int | None = None) -> Tenant:
    return tenant_update(
        tenant=one.tenant,
        text_retention_days=text,
        audio_retention_days=audio,
        history_retention_days=history,
    )


@pytest.mark.parametrize(
    ("text", "audio", "history", "days", "left"),
    [
        (30, 30, 365, 29, (True, True)),
        (30, 30, 365, 31, (False, False)),
        (7, 30, 365, 8, (False, True)),
        (30, 7, 365, 8, (True, False)),
        (None, 7, None, 400, (True, False)),
        (7, None, None, 400, (False, True)),
        (None, None, None, 40_000, (True, True)),
        (0, 0, 365, 0.01, (False, False)),
        (None, None, 10, 9, (True, True)),
        # What belongs to a request is not kept longer than the request.
        (None, None, 10, 11, None),
        (400, 400, 10, 11, None),
    ],
)
def test_each_tenant_keeps_what_its_days_say(
    cast: Cast,
    audio_folder: Path,
    text: int | None,
    audio: int | None,
    history: int | None,
    days: float,
    left: tuple[bool, bool] | None,
) -> None:
    keeps(cast.alice, text, audio, history)
    row = kept(cast.alice.tenant, days=days, now=NOW)
    run()
    assert content(row) == left
    assert len(files(audio_folder)) == (left is not None and left[1])


def test_zero_retention_goes_before_the_days(cast: Cast, audio_folder: Path) -> None:
    row = kept(cast.alice.tenant, days=0.1, now=NOW)
    tenant_update(tenant=cast.alice.tenant, zero_retention=True)
    run()
    assert content(row) == (False, False)
    assert files(audio_folder) == set()


def test_others_and_younger_ones_are_left_alone(cast: Cast, audio_folder: Path) -> None:
    keeps(cast.alice, 7, 7, 30)
    keeps(cast.bob, None, None)
    old, young = kept(cast.alice.tenant, days=8, now=NOW), kept(cast.alice.tenant, days=6, now=NOW)
    bobs = kept(cast.bob.tenant, days=300, now=NOW)
    run()
    assert [content(row) for row in (old, young, bobs)] == [(False, False), (True, True), (True, True)]
    assert files(audio_folder) == {str(young.audio), str(bobs.audio)}


def test_what_has_not_ended_is_never_touched(cast: Cast) -> None:
    keeps(cast.alice, 1, 1, 1)
    waiting = queued(cast.alice.tenant, at=NOW - timedelta(days=100))
    run()
    assert content(waiting) == (True, False)


@pytest.mark.usefixtures("audio_folder")
def test_a_request_leaves_with_all_that_belongs_to_it_and_its_usage_stays(cast: Cast) -> None:
    tenant = keeps(cast.alice, 1, 1, 30)
    row = kept(tenant, days=31, now=NOW, characters=321)
    again = kept(tenant, days=2, now=NOW, repeats=row)
    IdempotencyKey.objects.create(
        tenant=tenant, key="once", fingerprint="0" * 64, request=row, created_at=NOW, expires_at=NOW
    )
    before = used(tenant)
    run()
    assert content(row) is None
    for belonging in (
        EngineAttempt.objects.filter(request_id=row.pk),
        RequestEvent.all_tenants.filter(request_id=row.pk),
        IdempotencyKey.all_tenants.filter(key="once"),
    ):
        assert not belonging.exists()
    assert SynthesisRequest.all_tenants.get(pk=again.pk).repeats_id is None
    assert used(tenant) == before
    assert before[2] == 323


def test_a_run_tells_what_it_did(cast: Cast, audio_folder: Path) -> None:
    keeps(cast.alice, 7, 7, 30), keeps(cast.bob, 7, None)
    for days in (8, 9, 31):
        kept(cast.alice.tenant, days=days, now=NOW)
    kept(cast.bob.tenant, days=8, now=NOW)
    done = run()
    alice = {"texts": 3, "audios": 3, "bytes": 3 * AUDIO_BYTES, "requests": 1, "failures": 0, "given_up": 0}
    bob = {"texts": 1, "audios": 0, "bytes": 0, "requests": 0, "failures": 0, "given_up": 0}
    total = {name: alice[name] + bob[name] for name in alice}
    found = MaintenanceRun.objects.get(pk=done.pk)
    assert found.data == {**total, "complete": True, "tenants": {"alice": alice, "bob": bob}}
    assert (found.kind, found.succeeded, found.problem) == ("retention", True, "")
    assert found.started_at == NOW
    assert found.finished_at is not None


@pytest.mark.usefixtures("audio_folder")
def test_a_second_run_finds_nothing_left_to_do(cast: Cast) -> None:
    keeps(cast.alice, 7, 7, 30)
    for days in (8, 31):
        kept(cast.alice.tenant, days=days, now=NOW)
    assert run().data["texts"] == 2
    assert run().data == {**vars_of(Removed()), "complete": True, "tenants": {}}


def vars_of(removed: Removed) -> dict[str, int]:
    return {name: getattr(removed, name) for name in Removed.__slots__}


def test_a_file_that_is_gone_already_is_as_good(cast: Cast, audio_folder: Path) -> None:
    keeps(cast.alice, 7, 7)
    row = kept(cast.alice.tenant, days=8, now=NOW)
    (audio_folder / str(row.audio)).unlink()
    assert run().data["failures"] == 0
    assert content(row) == (False, False)


def test_what_storage_refuses_to_delete_is_left_for_the_next_run(
    cast: Cast, audio_folder: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    keeps(cast.alice, 7, 7, 30)
    rows = [kept(cast.alice.tenant, days=days, now=NOW) for days in (8, 31)]
    working = settings.STORAGES
    settings.STORAGES = {**working, "audio": {**working["audio"], "BACKEND": STUBBORN}}
    done = run()
    assert (done.succeeded, done.problem) == (False, "storage refused to delete 2 files")
    assert done.data["failures"] == 2
    # The row still points at the file, so it is neither lost nor a request of the past.
    assert [content(row) for row in rows] == [(False, True), (False, True)]
    assert "signature" not in caplog.text + done.problem

    settings.STORAGES = working
    assert run().succeeded
    assert [content(row) for row in rows] == [(False, False), None]
    assert files(audio_folder) == set()


class Seconds:
    """A clock that files move on: deleting each takes `seconds`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
        self.now = 0.0
        remove = erasure.audio_remove

        def slowly(*, name: str) -> None:
            self.now += seconds
            remove(name=name)

        monkeypatch.setattr(retention_batches, "audio_remove", slowly)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def storage_away(audio_folder: Path, settings: Settings) -> None:
    working = settings.STORAGES
    settings.STORAGES = {**working, "audio": {**working["audio"], "BACKEND": STUBBORN}}


def texts_left(*tenants: Tenant) -> int:
    return sum(SynthesisRequest.objects.of(tenant).exclude(text="").count() for tenant in tenants)


@pytest.mark.usefixtures("storage_away")
def test_texts_go_in_time_though_storage_is_away_and_slow_to_say_so(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob = keeps(cast.alice, 7, 7), keeps(cast.bob, 7, 7)
    for tenant in (alice, bob):
        for _ in range(8):
            kept(tenant, days=8, now=NOW)
    done = run(clock=Seconds(monkeypatch, 10.0), longest_seconds=1500)
    assert texts_left(alice, bob) == 0
    # Three refusals that took half a minute, of the whole run: both tenants' files lie in one storage.
    assert (done.data["failures"], done.data["given_up"]) == (3, 2)
    assert (done.data["complete"], done.succeeded) == (False, False)
    assert done.problem == "storage refused to delete 3 files, others were not tried"


@pytest.mark.usefixtures("storage_away")
def test_a_request_without_a_file_leaves_though_storage_is_away(cast: Cast) -> None:
    tenant = keeps(cast.alice, 7, 7, 30)
    row = kept(tenant, days=31, now=NOW)
    SynthesisRequest.all_tenants.filter(pk=row.pk).update(audio="")
    with_file = kept(tenant, days=31, now=NOW)
    run(longest_seconds=1500)
    assert [content(row), content(with_file)] == [None, (False, True)]


@pytest.mark.usefixtures("audio_folder")
def test_a_run_ends_in_time_between_two_files_too(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = keeps(cast.alice, 7, 7)
    for _ in range(5):
        kept(tenant, days=8, now=NOW)
    first = run(clock=Seconds(monkeypatch, 10.0), longest_seconds=25)
    assert (first.data["audios"], first.data["complete"], first.data["given_up"]) == (3, False, 0)
    assert SynthesisRequest.objects.of(tenant).exclude(audio="").count() == 2
    assert texts_left(tenant) == 0


@pytest.mark.parametrize(("seconds", "gone"), [(0.01, 1), (20.0, 0)])
def test_bad_files_are_passed_over_as_long_as_that_is_quick(
    cast: Cast, audio_folder: Path, monkeypatch: pytest.MonkeyPatch, seconds: float, gone: int
) -> None:
    tenant = keeps(cast.alice, 7, 7)
    for days in (12, 11, 10):
        path = audio_folder / str(kept(tenant, days=days, now=NOW).audio)
        # Nobody, root neither, deletes a directory with something in it as a file.
        path.unlink()
        (path / "within").mkdir(parents=True)
    good = kept(tenant, days=9, now=NOW)
    done = run(clock=Seconds(monkeypatch, seconds), longest_seconds=1500)
    assert (done.data["failures"], done.data["audios"]) == (3, gone)
    assert content(good) == (False, not gone)


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Batches.__init__, "__defaults__", (2, *(Batches.__init__.__defaults__ or ())[1:]))


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("deaths", range(1, 51))
def test_a_run_that_is_killed_anywhere_is_completed_by_the_next(
    cast: Cast, audio_folder: Path, monkeypatch: pytest.MonkeyPatch, deaths: int
) -> None:
    """Killed after the first, second, … deed: a file deleted or a statement sent."""
    tenant = keeps(cast.alice, 7, 7, 30)
    past = [kept(tenant, days=days, now=NOW) for days in (40, 35, 31)]
    old = [kept(tenant, days=days, now=NOW) for days in (20, 10, 8)]
    before = used(tenant)
    deeds = iter(range(1, 1000))

    def deed(execute: Any, *arguments: Any) -> Any:
        if next(deeds) == deaths:
            raise Killed
        return execute(*arguments)

    remove = erasure.audio_remove
    monkeypatch.setattr(retention_batches, "audio_remove", lambda *, name: deed(lambda: remove(name=name)))
    with pytest.raises(Killed), connection.execute_wrapper(deed):
        run()
    monkeypatch.undo()
    # As when a process dies: its transaction is gone, though not the one around this test, and so are its locks.
    transaction.set_rollback(False)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock_all()")

    pointed_at = set(SynthesisRequest.objects.of(tenant).values_list("audio", flat=True))
    assert files(audio_folder) <= pointed_at
    run()
    assert [content(row) for row in (*past, *old)] == [None] * 3 + [(False, False)] * 3
    assert files(audio_folder) == set()
    assert used(tenant) == before
    assert not RequestEvent.all_tenants.filter(request_id__in=[row.pk for row in past]).exists()


def test_a_run_that_was_broken_off_is_told_so_by_the_next(db: None) -> None:
    dead = MaintenanceRun.objects.create(kind="retention", started_at=NOW - timedelta(hours=1))
    other = MaintenanceRun.objects.create(kind="orphans", started_at=NOW)
    run()
    dead.refresh_from_db()
    other.refresh_from_db()
    assert (dead.succeeded, dead.problem) == (False, BROKEN_OFF)
    assert other.finished_at is None


def test_runs_of_long_ago_are_forgotten(db: None) -> None:
    for days in (399, 401):
        MaintenanceRun.objects.create(
            kind="orphans", started_at=NOW - timedelta(days=days), finished_at=NOW, succeeded=True
        )
    run()
    assert MaintenanceRun.objects.filter(kind="orphans").count() == 1


def test_a_run_that_fails_is_recorded_and_the_error_told(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    keeps(cast.alice, 7, 7)
    kept(cast.alice.tenant, days=8, now=NOW)

    def broken(seconds: float) -> None:
        raise OSError("a path of somebody")

    with pytest.raises(OSError, match="a path"):
        run(pause=broken)
    done = MaintenanceRun.objects.get()
    assert (done.succeeded, done.problem, done.data["texts"]) == (False, "OSError", 1)


@pytest.mark.usefixtures("small_batches", "audio_folder")
def test_half_of_the_time_is_left_to_others(cast: Cast) -> None:
    keeps(cast.alice, 7, None)
    for _ in range(3):
        kept(cast.alice.tenant, days=8, now=NOW)
    # Read before and after each batch and pause: batches take 0.25 s, then 8 s.
    times: Iterator[float] = iter([0.0, 0.25, 0.5, 8.5, 9.5])
    pauses: list[float] = []
    run(pause=pauses.append, clock=lambda: next(times))
    assert pauses == [0.25, 1.0]


@pytest.mark.usefixtures("small_batches", "audio_folder")
def test_a_run_ends_in_time_and_the_next_goes_on(cast: Cast) -> None:
    keeps(cast.alice, 7, 7)
    for _ in range(5):
        kept(cast.alice.tenant, days=8, now=NOW)
    seconds = iter(range(1000))
    first = run(longest_seconds=2, clock=lambda: float(next(seconds)))
    assert (first.data["complete"], first.data["texts"], first.data["audios"]) == (False, 2, 0)
    assert first.succeeded
    second = run()
    assert (second.data["complete"], second.data["texts"], second.data["audios"]) == (True, 3, 5)


@pytest.mark.usefixtures("small_batches", "audio_folder")
def test_a_large_tenant_does_not_keep_others_waiting(cast: Cast) -> None:
    keeps(cast.alice, 7, None), keeps(cast.bob, 7, None)
    for _ in range(6):
        kept(cast.alice.tenant, days=8, now=NOW)
    bobs = kept(cast.bob.tenant, days=8, now=NOW)
    seconds = iter(range(1000))
    run(longest_seconds=4, clock=lambda: float(next(seconds)))
    assert content(bobs) == (False, True)


@pytest.mark.usefixtures("audio_folder")
def test_many_batches_take_the_same_statements_each(cast: Cast, django_assert_num_queries: Any) -> None:
    for _ in range(3):
        kept(cast.alice.tenant, days=31, now=NOW)
    batches = Batches(policy_of(keeps(cast.alice, 7, 7, 30), NOW), rows=2)
    # The files of the first batch, and their rows.
    with django_assert_num_queries(2):
        next(batches.audio())
    list(batches.audio()), list(batches.texts())
    requests = batches.requests()
    # Savepoint, rows, their ids for Django's collector, what hangs off them (attempts, events, keys of idempotency,
    # repetitions), themselves, end of the savepoint.
    with django_assert_num_queries(9):
        next(requests)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("audio_folder")
def test_only_one_run_is_at_it(db: None) -> None:
    one = member("one")
    keeps(one, 7, 7)
    for _ in range(3):
        kept(one.tenant, days=8, now=NOW)
    runs = together(*[partial(retention_run, now=NOW, pause=lambda seconds: None)] * 4)
    assert sum(run.data["texts"] for run in runs if run is not None) == 3
    with lock_held(Lock.RETENTION) as ours:
        assert ours
        assert together(partial(retention_run, now=NOW)) == [None]
    assert together(partial(retention_run, now=NOW)) != [None]
