from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.managers import TenantManager, UnrestrictedManager
from accounts.models import Tenant
from tts.models.request import SynthesisRequest


class IdempotencyKey(models.Model):
    """An `Idempotency-Key` a tenant has used: what it was sent with, and the request it made. Kept for a day."""

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", verbose_name=_("tenant"))
    key = models.CharField(_("key"), max_length=128)
    # HMAC of the parameters: tells whether the body is the same without keeping it.
    fingerprint = models.CharField(max_length=64)
    request = models.ForeignKey(SynthesisRequest, models.CASCADE, related_name="+", verbose_name=_("request"))
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("expires"), db_index=True)

    all_tenants = UnrestrictedManager["IdempotencyKey"]()
    objects = TenantManager["IdempotencyKey"]()

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="idempotency_once_per_tenant")]

    def __str__(self) -> str:
        return self.key
