"""Retention: what tenants do not want kept any longer is deleted, files first, then rows. Usage stays.

Everything is done in short batches, each of which leaves nothing dangling: a run that is killed, or ends because its
time is over, is completed by the next one. Requests that have not ended are never touched.
"""

import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from tts.models import MaintenanceRun
from tts.services.locks import Lock, lock_held
from tts.services.maintenance_runs import run_begin, run_end, run_progress, runs_prune
from tts.services.pacing import Pacer
from tts.services.retention_batches import Batches, Removed
from tts.services.retention_policy import policies_in_force

logger = logging.getLogger(__name__)

LONGEST_SECONDS = 1500.0
BATCHES_BETWEEN_REPORTS = 100

Pause = Callable[[float], None]


@dataclass(slots=True)
class Report:
    """What a run removed, in all and by tenant (its slug). `complete` is false when time was over before it was done.

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

    After each batch, `pause` gets as many seconds as the batch took, one at most, so that half of the time is left to
    everybody else. Ends after `longest_seconds`. Tenants take turns batch by batch, so that a large one does not keep
    the others waiting.
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
        refused = report.total.failures
        problem = f"storage refused to delete {refused} files" if refused else ""
        run_end(run=run, data=report.data(), now=timezone.now(), problem=problem)
    logger.info("retention: %s", report.total)
    return run


def _remove(run: MaintenanceRun, report: Report, now: datetime, pacer: Pacer) -> None:
    turns = deque((policy.slug, Batches(policy).all()) for policy in policies_in_force(now=now))
    done = 0
    while turns:
        slug, batches = turns.popleft()
        removed = next(batches, None)
        if removed is None:
            continue
        report.add(slug, removed)
        turns.append((slug, batches))
        done += 1
        if done % BATCHES_BETWEEN_REPORTS == 0:
            run_progress(run=run, data=report.data())
        if not pacer.next():
            report.complete = False
            return
