"""The record of the housekeeping: what runs, what ran, and what it did."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from tts.models import MaintenanceRun

Kind = MaintenanceRun.Kind

BROKEN_OFF = "ended before it was done"
KEPT = timedelta(days=400)


def run_begin(*, kind: MaintenanceRun.Kind, now: datetime) -> MaintenanceRun:
    """Record that a run begins. Call it where nobody else can run the same: what is still open was broken off."""
    runs_broken_off(kind=kind, now=now)
    return MaintenanceRun.objects.create(kind=kind, started_at=now)


def runs_broken_off(*, kind: str, now: datetime) -> int:
    """Record of runs that are still open that nobody is at them any more; returns how many."""
    open_runs = MaintenanceRun.objects.filter(kind=kind, finished_at=None)
    return open_runs.update(finished_at=now, succeeded=False, problem=BROKEN_OFF)


def run_progress(*, run: MaintenanceRun, data: dict[str, Any]) -> None:
    """What it has done so far, for those who look at it meanwhile."""
    run.data = data
    run.save(update_fields=["data"])


def run_end(*, run: MaintenanceRun, data: dict[str, Any], now: datetime, problem: str = "") -> None:
    """Record what a run did. With a `problem`, for people and without user text, it did not succeed."""
    run.data, run.finished_at, run.problem = data, now, problem[:200]
    run.succeeded = not problem
    run.save(update_fields=["data", "finished_at", "problem", "succeeded"])


def run_recorded(
    *, kind: MaintenanceRun.Kind, work: Callable[[], Mapping[str, int]]
) -> MaintenanceRun | None:
    """Do `work`, which returns counts, and record it as a run; None when it did nothing. Its exceptions are recorded by
    their type, and raised.
    """
    began = timezone.now()
    try:
        done = work()
    except Exception as error:
        _record(kind, began, {}, type(error).__qualname__)
        raise
    return _record(kind, began, dict(done), "") if any(done.values()) else None


def _record(kind: MaintenanceRun.Kind, began: datetime, data: dict[str, Any], problem: str) -> MaintenanceRun:
    return MaintenanceRun.objects.create(
        kind=kind,
        started_at=began,
        finished_at=timezone.now(),
        succeeded=not problem,
        data=data,
        problem=problem[:200],
    )


def runs_prune(*, now: datetime) -> int:
    """Forget the runs of more than a year ago; returns how many."""
    deleted, _ = MaintenanceRun.objects.filter(started_at__lt=now - KEPT).delete()
    return deleted
