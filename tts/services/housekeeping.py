"""When which housekeeping is due: the janitor asks every minute, the worker of the housekeeping queue does it.

Times of day are local ones of the server. What was missed while nobody asked is made up for once. A time is served when
its task has come to its end: one that failed, or whose worker died, is started again after a pause, so many times.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from tts.connections import housekeeping_queue
from tts.models import MaintenanceTask
from tts.services.background import background_enqueue, background_is_alive
from tts.services.maintenance_runs import runs_broken_off

logger = logging.getLogger(__name__)

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
PAUSES = (timedelta(minutes=5), timedelta(minutes=20))
"""How long after a try that did not come to its end the next one begins; after the last, the time is given up."""


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
USAGE_CHECK = Task("usage-check", "tts.jobs.usage_check.check", at=time(3, 10))
EXPORTS = Task("exports", "tts.jobs.housekeeping.exports", minute=40)
SERVICE_FIGURES = Task("service-figures", "tts.jobs.housekeeping.service_figures", minute=50)
TASKS: Sequence[Task] = (RETENTION, ORPHANS, USAGE_CHECK, EXPORTS, SERVICE_FIGURES)
"""Apart from each other, so that none waits for another for long."""


def housekeeping_due(*, now: datetime) -> list[str]:
    """Queue what is due, and return the names of those tasks. Each of their times is begun once, whoever asks, and once
    more after a pause, twice at most, when it did not come to its end.

    What Redis does not take, and what is still at work since the time before, is tried again with the next call.
    """
    return [task.name for task in TASKS if _start(task, now)]


def housekeeping_start(*, task: Task, now: datetime | None = None) -> bool:
    """Queue a task now, because somebody asks for it; false when it waits or runs already, or Redis is away.

    Its times stay as they are.
    """
    return background_enqueue(job=task.job, job_id=_job_id(task), queue=housekeeping_queue(), now=now)


def housekeeping_ended(*, task: Task) -> None:
    """A task has come to its end, so the time that it was started for is served."""
    MaintenanceTask.objects.filter(name=task.name).update(ended_for=F("started_for"))


def _start(task: Task, now: datetime) -> bool:
    due = task.last_before(now)
    MaintenanceTask.objects.get_or_create(name=task.name, defaults={"started_for": LONG_AGO})
    with transaction.atomic():
        # Whoever starts it holds the row until the task is queued: others wait, and find nothing to do.
        row = MaintenanceTask.objects.select_for_update().get(name=task.name)
        if row.started_for < due:
            row.tries = 1
        elif _is_served(row) or now - (row.tried_at or LONG_AGO) < PAUSES[min(row.tries, len(PAUSES)) - 1]:
            return False
        elif row.tries <= len(PAUSES):
            row.tries += 1
        else:
            if row.tries <= len(PAUSES) + 1 and _given_up(task, now):
                # Told once.
                row.tries += 1
                row.save(update_fields=["tries"])
            return False
        if not housekeeping_start(task=task, now=now):
            return False
        row.started_for, row.tried_at = due, now
        row.save(update_fields=["started_for", "tries", "tried_at"])
    if row.tries > 1:
        logger.warning("%s did not come to its end and is started again, try %d", task.name, row.tries)
    return True


def _is_served(row: MaintenanceTask) -> bool:
    # A row of an earlier version has no tries.
    return not row.tries or (row.ended_for is not None and row.ended_for >= row.started_for)


def _given_up(task: Task, now: datetime) -> bool:
    """Leave a task until its next time; false while its last try is still at work, or nobody knows."""
    if background_is_alive(job_id=_job_id(task), queue=housekeeping_queue(), now=now):
        return False
    # Kinds of runs are called as the tasks are.
    runs_broken_off(kind=task.name, now=now)
    logger.error("%s did not come to its end and waits for its next time", task.name)
    return True


def _job_id(task: Task) -> str:
    return f"housekeeping-{task.name}"
