from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.managers import TenantManager, UnrestrictedManager
from accounts.models import Tenant
from tts.models.request import SynthesisRequest


class RequestEvent(models.Model):
    """A line of a request's timeline: received, queued, claimed, each attempt, stored, finished.

    A request's first line is written when it ends, so its times tell the order, not its ids. `data` holds numbers and
    codes, never user text.
    """

    class Level(models.TextChoices):
        ACCESS = "access", _("access")
        ERROR = "error", _("error")
        DEBUG = "debug", _("debug")

    id = models.BigAutoField(primary_key=True)
    # One foreign key of the database holds both, by which the tenant is the request's.
    request = models.ForeignKey(SynthesisRequest, models.CASCADE, related_name="events", db_constraint=False)
    # So that a tenant's newest lines have an index.
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    at = models.DateTimeField(_("at"))
    level = models.CharField(_("level"), max_length=6, choices=Level.choices, default=Level.ACCESS)
    name = models.CharField(_("event"), max_length=32)
    data = models.JSONField(_("data"), default=dict, blank=True)

    all_tenants = UnrestrictedManager["RequestEvent"]()
    objects = TenantManager["RequestEvent"]()

    class Meta:
        verbose_name = _("request event")
        verbose_name_plural = _("request events")
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="event_newest"),
            models.Index(fields=["tenant", "-at", "-id"], name="event_tenant_newest"),
            models.Index(
                fields=["-at", "-id"], condition=models.Q(level="error"), name="event_errors_newest"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["request"], condition=models.Q(name="delivered"), name="event_delivered_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name
