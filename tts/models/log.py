from django.db import models
from django.utils.translation import gettext_lazy as _


class LogRecord(models.Model):
    """A record that a process of the platform logged: a warning, an error with its stack, a request that was refused.

    Processes put records into Redis, the janitor brings them here in batches: a failing database is told of as well.
    For operators only; neither user text nor keys are in it.
    """

    class Level(models.TextChoices):
        ACCESS = "access", _("access")
        DEBUG = "debug", _("debug")
        INFO = "info", _("info")
        WARNING = "warning", _("warning")
        ERROR = "error", _("error")

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(_("at"))
    level = models.CharField(_("level"), max_length=7, choices=Level.choices)
    logger = models.CharField(_("source"), max_length=100)
    process = models.CharField(_("process"), max_length=100, blank=True)
    request_id = models.CharField(_("request id"), max_length=128, blank=True)
    # No foreign key: a record may outlive what it tells of, and is written whatever else fails.
    tenant_slug = models.CharField(_("tenant"), max_length=63, blank=True)
    message = models.TextField(_("message"))
    stack = models.TextField(_("stack"), blank=True)

    class Meta:
        verbose_name = _("log record")
        verbose_name_plural = _("log records")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="log_newest"),
            models.Index(fields=["level", "-at"], name="log_level_newest"),
            models.Index(
                fields=["tenant_slug", "-at"], condition=~models.Q(tenant_slug=""), name="log_tenant_newest"
            ),
            # Clients choose ids of requests, and may use one for all of theirs.
            models.Index(
                fields=["request_id", "-at"], condition=~models.Q(request_id=""), name="log_request"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.level}"
