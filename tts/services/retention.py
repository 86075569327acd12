"""Retention: what tenants do not want kept any longer is deleted: texts, then files, then rows. Usage stays.

Texts go first, of all tenants, since Postgres alone is needed for that: however slow storage is, or away, they are gone
in time. A row goes after its file, so that no file is left that nobody knows of.

Everything is done in short batches, each of which leaves nothing dangling: a run that is killed, or ends because its
time is over, is completed by the next one. Requests that have not ended are never touched.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from django.utils import timezone

from tts.models import MaintenanceRun
from tts.services.locks import Lock, lock_held
from tts.services.maintenance_runs import run_begin, run_end, run_progress, runs_prune
from tts.services.pacing import Pacer
from tts.services.retention_batches import Batches, Patience, Removed
from tts.services.retention_policy import policies_in_force

logger = logging.getLogger(__name__)

LONGEST_SECONDS = 1500.0
BATCHES_BETWEEN_REPORTS = 100

Pause = Callable[[float], None]
Turns = deque[tuple[str, Iterator[Removed]]]


@dataclass(slots=True)
class Report:
    """What a run removed, in all and by tenant (its slug). `complete` is false when time was over, or storage away,
    before it was done.

    Failures are files that storage refused to delete: their rows are left as they are for the next run.
    """

    total: Removed = field(default_factory=Removed)
    tenants: dict[str, Removed] = field(default_factory=dict)
    complete: bool = True

    def add(self, slug: str, removed: Removed) -> None:
        if removed:
            self.total.add(removed)
            self.tenants.setdefault(slug, Removed()).add(removed)

    def data(self) -> dict[str, Any]:
        of_tenants = {slug: asdict(removed) for slug, removed in sorted(self.tenants.items())}
        return {**asdict(self.total), "complete": self.complete, "tenants": of_tenants}


def retention_run(
    *,
    now: datetime,
    pause: Pause = time.sleep,
    longest_seconds: float = LONGEST_SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> MaintenanceRun | None:
    """Delete what is past its days at `now`, and record the run. None when another run is at it.

    After each batch, `pause` gets as many seconds as the batch took, one at most: half of the time is left to everybody
    else, as long as batches are as short as they should be. Ends after `longest_seconds`, between two files as well.
    Tenants take turns batch by batch, so that a large one does not keep the others waiting.
    """
    with lock_held(Lock.RETENTION) as ours:
        if not ours:
            return None
        run = run_begin(kind=MaintenanceRun.Kind.RETENTION, now=now)
        report = Report()
        try:
            _remove(run, report, now, Pacer(pause, clock, longest_seconds))
            runs_prune(now=now)
        except Exception as error:
            run_end(run=run, data=report.data(), now=timezone.now(), problem=type(error).__qualname__)
            raise
        run_end(run=run, data=report.data(), now=timezone.now(), problem=_refused(report.total))
    logger.info("retention: %s", report.total)
    return run


def _refused(total: Removed) -> str:
    if not total.failures:
        return ""
    untried = ", others were not tried" if total.given_up else ""
    return f"storage refused to delete {total.failures} files{untried}"


def _remove(run: MaintenanceRun, report: Report, now: datetime, pacer: Pacer) -> None:
    patience = Patience(pacer.clock)
    tenants = [
        Batches(policy, patience=patience, is_late=lambda: pacer.is_over)
        for policy in policies_in_force(now=now)
    ]
    # What has no file any more need not wait for storage; what loses it now goes at the end.
    for kind in (Batches.texts, Batches.requests, Batches.audio, Batches.requests):
        turns = deque((batches.policy.slug, kind(batches)) for batches in tenants)
        if not _take_turns(turns, run, report, pacer):
            report.complete = False
            return
    report.complete = not report.total.given_up


def _take_turns(turns: Turns, run: MaintenanceRun, report: Report, pacer: Pacer) -> bool:
    """A batch of each tenant in turn until none has any left; false when time was over before."""
    for done in count(1):
        removed = None
        while turns and removed is None:
            slug, batches = turns.popleft()
            removed = next(batches, None)
        if removed is None:
            return True
        report.add(slug, removed)
        turns.append((slug, batches))
        if done % BATCHES_BETWEEN_REPORTS == 0:
            run_progress(run=run, data=report.data())
        if not pacer.next():
            return False
    return True
