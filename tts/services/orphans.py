"""Files that no row points at, and rows whose file is gone.

A worker that dies between storing an audio and ending its request leaves such a file, unless the sweeper finds it.
"""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.core.files.storage import Storage
from django.utils import timezone

from tts.models import MaintenanceRun
from tts.services.locks import Lock, lock_held
from tts.services.maintenance_runs import run_begin, run_end, run_progress
from tts.services.orphan_owners import OWNERS, Owners, is_its_file
from tts.services.orphan_rows import Missing, tenants_with_missing
from tts.services.pacing import Pacer
from tts.services.walking import Folder, folder_remove, folders

logger = logging.getLogger(__name__)

LONGEST_SECONDS = 2700.0
YOUNGEST = timedelta(hours=1)
"""A younger file may be that of somebody who has not come to the end yet."""

EMPTY_SINCE = timedelta(days=2)
BATCH_FILES = 500
STEPS_BETWEEN_REPORTS = 100
MANY = 100
TOO_MANY = "most files belong to no row: is this the right database? Nothing more was deleted"
CANNOT_LIST = "a storage cannot tell which files it has"
ROWS = "rows"


@dataclass(slots=True)
class Found:
    """Counts of files: looked at, without a row (and their bytes), not ours by their names, and those that storage
    refused to delete.
    """

    files: int = 0
    orphans: int = 0
    bytes: int = 0
    unknown: int = 0
    failures: int = 0

    @property
    def is_suspicious(self) -> bool:
        """Whether so many are without a row that the rows are more likely to be wrong than the files."""
        return self.orphans > MANY and self.orphans > self.files / 2


class TooManyOrphans(Exception):
    """The walk was broken off: see `Found.is_suspicious`."""


@dataclass(slots=True)
class Report:
    """What a walk found. `place` is where it ended when time was over: a storage or the rows, and how far in it."""

    dry_run: bool
    storages: dict[str, Found] = field(default_factory=dict)
    missing: Missing = field(default_factory=Missing)
    place: tuple[str, str] | None = None

    def data(self) -> dict[str, Any]:
        return {
            "dry_run": self.dry_run,
            "storages": {name: asdict(found) for name, found in self.storages.items()},
            **asdict(self.missing),
            "complete": self.place is None,
            "place": self.place,
        }


@dataclass(frozen=True, slots=True)
class Wish:
    """What a walk is to do with what it finds.

    `dry_run` counts and changes nothing; `repair` takes the names of missing files out of the rows; `force` goes on
    deleting when most files have no row.
    """

    dry_run: bool = False
    repair: bool = False
    force: bool = False


def orphans_run(
    *,
    now: datetime,
    wish: Wish = Wish(),
    pause: Callable[[float], None] = time.sleep,
    longest_seconds: float = LONGEST_SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> MaintenanceRun | None:
    """Delete files that nobody has pointed at for an hour, count rows without their file, and record the run.

    None when another run is at it. Goes on where the run before ended, if that did not come to the end. Waits between
    steps as retention does. Files whose names are not ours are counted and left.
    """
    with lock_held(Lock.ORPHANS) as ours:
        if not ours:
            return None
        stopped = not wish.force and not wish.dry_run and _is_stopped()
        walk = _Walk(now, replace(wish, dry_run=wish.dry_run or stopped), Report(wish.dry_run or stopped))
        place = _place_of_last_run()
        run = run_begin(kind=MaintenanceRun.Kind.ORPHANS, now=now)
        try:
            _take(walk.steps(place), run, walk.report, Pacer(pause, clock, longest_seconds))
            problem = TOO_MANY if stopped else _refused(walk.report)
        except TooManyOrphans:
            problem = TOO_MANY
        except NotImplementedError:
            problem = CANNOT_LIST
        except Exception as error:
            run_end(run=run, data=walk.report.data(), now=timezone.now(), problem=type(error).__qualname__)
            raise
        run_end(run=run, data=walk.report.data(), now=timezone.now(), problem=problem)
    logger.info("orphans: %s", walk.report)
    return run


def _take(steps: Iterator[tuple[str, str]], run: MaintenanceRun, report: Report, pacer: Pacer) -> None:
    for number, place in enumerate(steps, start=1):
        if number % STEPS_BETWEEN_REPORTS == 0:
            run_progress(run=run, data=report.data())
        if not pacer.next():
            report.place = place
            return


def _place_of_last_run() -> tuple[str, str] | None:
    # Whether it succeeded or not: one file that cannot be deleted would have all walks begin at the same place.
    runs = MaintenanceRun.objects.filter(
        kind=MaintenanceRun.Kind.ORPHANS, finished_at__isnull=False, data__dry_run=False
    )
    place = runs.values_list("data__place", flat=True).first()
    return None if place is None else (place[0], place[1])


def _is_stopped() -> bool:
    """Whether the newest walk found too many: until somebody has looked and forces one, nothing more is deleted."""
    runs = MaintenanceRun.objects.filter(kind=MaintenanceRun.Kind.ORPHANS, finished_at__isnull=False)
    return runs.values_list("problem", flat=True).first() == TOO_MANY


def _refused(report: Report) -> str:
    refused = sum(found.failures for found in report.storages.values())
    return f"storage refused to delete {refused} files" if refused else ""


@dataclass(frozen=True, slots=True)
class _Walk:
    """One after the other: the storages, folder by folder, then the rows, tenant by tenant."""

    now: datetime
    wish: Wish
    report: Report

    def steps(self, place: tuple[str, str] | None) -> Iterator[tuple[str, str]]:
        """Each step does a little, and tells where one would go on after it."""
        where, after = place or (OWNERS[0].kind, "")
        names = [owners.kind for owners in OWNERS]
        for owners in OWNERS[names.index(where) if where in names else len(names) :]:
            done = after if owners.kind == where else ""
            for folder in folders(owners.storage(), after=done):
                for _ in self._look_into(folder, owners):
                    yield owners.kind, done
                done = folder.path
        for tenant_id in tenants_with_missing(
            found=self.report.missing,
            after=after if where == ROWS else "",
            repair=self.wish.repair and not self.wish.dry_run,
        ):
            yield ROWS, tenant_id

    def _look_into(self, folder: Folder, owners: Owners) -> Iterator[None]:
        storage = owners.storage()
        for first in range(0, len(folder.files), BATCH_FILES):
            self._look_at(folder.files[first : first + BATCH_FILES], owners, storage)
            yield
        if folder.is_leaf and not folder.files and not self.wish.dry_run:
            folder_remove(storage, folder, unchanged_since=self.now - EMPTY_SINCE)

    def _look_at(self, names: list[str], owners: Owners, storage: Storage) -> None:
        found = self.report.storages.setdefault(owners.kind, Found())
        found.files += len(names)
        ids = {name: owners.id_of(name) for name in names}
        rows = owners.rows({id for id in ids.values() if id is not None})
        orphans = []
        for name, id in ids.items():
            if id is None:
                found.unknown += 1
                continue
            row = rows.get(id)
            if row is None or not (row.is_unfinished or is_its_file(name, row)):
                orphans += [name] if self._is_orphan(name, storage, found) else []
        if self.wish.dry_run:
            return
        # All of them are judged before the first is gone.
        if found.is_suspicious and not self.wish.force:
            raise TooManyOrphans
        for name in orphans:
            self._delete(name, owners, storage, found)

    def _is_orphan(self, name: str, storage: Storage, found: Found) -> bool:
        """Whether a file that no row points at is old enough; it is counted then."""
        try:
            if self.now - storage.get_modified_time(name) < YOUNGEST:
                return False
            size = storage.size(name)
        except FileNotFoundError:
            return False
        found.orphans += 1
        found.bytes += size
        return True

    def _delete(self, name: str, owners: Owners, storage: Storage, found: Found) -> None:
        try:
            storage.delete(name)
        except FileNotFoundError:
            return
        except Exception as problem:  # noqa: BLE001 - a remote storage raises errors of its own library
            logger.warning("%s of nobody not deleted: %s", owners.kind, type(problem).__name__)
            found.failures += 1
