from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.limits.names import Limit
from accounts.managers import TenantManager, UnrestrictedManager
from accounts.models.plan import LIMIT_LABELS
from accounts.models.tenant import Tenant


class ShadowRefusal(models.Model):
    """What a limit that only observes would have refused: one row for each tenant, limit and UTC day."""

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", verbose_name=_("tenant"))
    limit = models.CharField(
        _("limit"), max_length=32, choices=[(limit.value, LIMIT_LABELS[limit]) for limit in Limit]
    )
    day = models.DateField(_("day (UTC)"))
    requests = models.BigIntegerField(_("requests"))
    characters = models.BigIntegerField(_("characters"))
    last_at = models.DateTimeField(_("last"))

    all_tenants = UnrestrictedManager["ShadowRefusal"]()
    objects = TenantManager["ShadowRefusal"]()

    class Meta:
        verbose_name = _("would-be refusal")
        verbose_name_plural = _("would-be refusals")
        ordering = ["-day", "tenant", "limit"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "limit", "day"], name="shadow_once_per_day"),
            models.CheckConstraint(
                condition=Q(limit__in=[limit.value for limit in Limit]), name="shadow_limit_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tenant} {self.limit} {self.day}: {self.requests}"
