from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import uuid7


class MaintenanceRun(models.Model):
    """One run of the housekeeping, and what it did: for operators to see that it runs, and what it took away.

    `data` holds counts and, for a check, what did not agree; never user text.
    """

    class Kind(models.TextChoices):
        RETENTION = "retention", _("retention")
        ORPHANS = "orphans", _("orphaned files")
        USAGE_CHECK = "usage-check", _("recomputation of usage")
        LOG_ROTATION = "log-rotation", _("rotation of log files")
        EXPORTS = "exports", _("expired exports")
        SERVICE_FIGURES = "service-figures", _("figures of the platform")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    # NULL while it runs.
    succeeded = models.BooleanField(_("succeeded"), null=True)
    data = models.JSONField(_("result"), default=dict)
    problem = models.CharField(_("problem"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("maintenance run")
        verbose_name_plural = _("maintenance runs")
        ordering = ["-started_at"]
        indexes = [models.Index(fields=["kind", "-started_at"], name="maintenance_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.started_at:%Y-%m-%d %H:%M}"


class MaintenanceTask(models.Model):
    """A task of the schedule of the housekeeping, and the last time of the schedule that it was started for.

    That time is served when `ended_for` is the same; until then the task may be started again, `tries` times in all.
    """

    name = models.CharField(_("task"), max_length=16, primary_key=True)
    started_for = models.DateTimeField(_("started for"))
    ended_for = models.DateTimeField(_("ended for"), null=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0, db_default=0)
    tried_at = models.DateTimeField(_("tried at"), null=True)

    class Meta:
        verbose_name = _("maintenance task")
        verbose_name_plural = _("maintenance tasks")

    def __str__(self) -> str:
        return self.name
