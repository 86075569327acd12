"""The record of the housekeeping: what runs, what ran, and what it did."""

from datetime import datetime, timedelta
from typing import Any

from tts.models import MaintenanceRun

Kind = MaintenanceRun.Kind

BROKEN_OFF = "ended before it was done"
KEPT = timedelta(days=400)


def run_begin(*, kind: MaintenanceRun.Kind, now: datetime) -> MaintenanceRun:
    """Record that a run begins. Call it where nobody else can run the same: what is still open was broken off."""
    open_runs = MaintenanceRun.objects.filter(kind=kind, finished_at=None)
    open_runs.update(finished_at=now, succeeded=False, problem=BROKEN_OFF)
    return MaintenanceRun.objects.create(kind=kind, started_at=now)


def run_progress(*, run: MaintenanceRun, data: dict[str, Any]) -> None:
    """What it has done so far, for those who look at it meanwhile."""
    run.data = data
    run.save(update_fields=["data"])


def run_end(*, run: MaintenanceRun, data: dict[str, Any], now: datetime, problem: str = "") -> None:
    """Record what a run did. With a `problem`, for people and without user text, it did not succeed."""
    run.data, run.finished_at, run.problem = data, now, problem[:200]
    run.succeeded = not problem
    run.save(update_fields=["data", "finished_at", "problem", "succeeded"])


def runs_prune(*, now: datetime) -> int:
    """Forget the runs of more than a year ago; returns how many."""
    deleted, _ = MaintenanceRun.objects.filter(started_at__lt=now - KEPT).delete()
    return deleted
