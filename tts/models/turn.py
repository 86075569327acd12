from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.managers import TenantManager, UnrestrictedManager
from accounts.models import Tenant


class TenantTurn(models.Model):
    """Where a tenant stands in the order of service: see `tts.services.turns`.

    Tags are virtual times in characters divided by weight, as in start-time fair queueing (Goyal, Vin and Cheng, 1996).
    """

    tenant = models.OneToOneField(
        Tenant, models.CASCADE, primary_key=True, related_name="+", verbose_name=_("tenant")
    )
    start_tag = models.FloatField(default=0.0)
    finish_tag = models.FloatField(default=0.0)

    all_tenants = UnrestrictedManager["TenantTurn"]()
    objects = TenantManager["TenantTurn"]()

    class Meta:
        verbose_name = _("turn of a tenant")
        verbose_name_plural = _("turns of tenants")

    def __str__(self) -> str:
        return str(self.tenant_id)
