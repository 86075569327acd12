"""When which housekeeping is due: the janitor asks every minute, the background worker does it.

Times of day are local ones of the server. What was missed while nobody asked is made up for once.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from tts.models import MaintenanceTask
from tts.services.background import background_enqueue

logger = logging.getLogger(__name__)

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Task:
    """One kind of housekeeping: its name, its job, and its times: a minute of each hour or, with `at`, once a day."""

    name: str
    job: str
    minute: int = 0
    at: time | None = None

    def last_before(self, now: datetime) -> datetime:
        """The latest of its times up to `now`."""
        if self.at is None:
            # Of UTC: clocks of some zones are changed by half an hour.
            utc = now.astimezone(UTC)
            past = timedelta(minutes=(utc.minute - self.minute) % 60)
            return (utc - past).replace(second=0, microsecond=0)
        local = timezone.localtime(now)
        days = (local.date() - timedelta(days=ago) for ago in range(2))
        moments = (datetime.combine(day, self.at, local.tzinfo).astimezone(UTC) for day in days)
        return next(moment for moment in moments if moment <= now)

    def next_after(self, now: datetime) -> datetime:
        """The first of its times after `now`."""
        if self.at is None:
            return self.last_before(now) + timedelta(hours=1)
        local = timezone.localtime(now)
        days = (local.date() + timedelta(days=ahead) for ahead in range(3))
        moments = (datetime.combine(day, self.at, local.tzinfo).astimezone(UTC) for day in days)
        return next(moment for moment in moments if moment > now)


RETENTION = Task("retention", "tts.jobs.housekeeping.retention", minute=20)
ORPHANS = Task("orphans", "tts.jobs.housekeeping.orphans", at=time(4, 10))
TASKS: Sequence[Task] = (
    RETENTION,
    ORPHANS,
    Task("usage-check", "tts.jobs.usage_check.check", at=time(3, 10)),
    Task("exports", "tts.jobs.housekeeping.exports", minute=40),
    Task("service-figures", "tts.jobs.housekeeping.service_figures", minute=50),
)
"""Apart from each other, so that none waits for another for long."""


def housekeeping_due(*, now: datetime) -> list[str]:
    """Queue what is due, and return the names of those tasks. Each of their times is served once, whoever asks.

    What Redis does not take, and what is still at work since the time before, is tried again with the next call.
    """
    return [task.name for task in TASKS if _start(task, now)]


def housekeeping_start(*, task: Task) -> bool:
    """Queue a task now, because somebody asks for it; false when it waits or runs already, or Redis is away.

    Its times stay as they are.
    """
    return background_enqueue(job=task.job, job_id=_job_id(task))


def _start(task: Task, now: datetime) -> bool:
    due = task.last_before(now)
    with transaction.atomic():
        MaintenanceTask.objects.get_or_create(name=task.name, defaults={"started_for": LONG_AGO})
        # Whoever moves it on holds the row until the task is queued: others wait, and find nothing to do.
        moved = MaintenanceTask.objects.filter(name=task.name, started_for__lt=due).update(started_for=due)
        if not moved:
            return False
        started = housekeeping_start(task=task)
        if not started:
            transaction.set_rollback(True)
    return started


def _job_id(task: Task) -> str:
    return f"housekeeping-{task.name}"
