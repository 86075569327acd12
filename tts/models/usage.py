from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import uuid7
from accounts.managers import TenantManager, UnrestrictedManager
from accounts.models import ApiKey, Tenant
from tts.models.request import SynthesisRequest


class UsageEvent(models.Model):
    """What one succeeded request is charged with: written in the transaction that ends it, once, never changed.

    It outlives the text and the audio. The unique request is the last guard against charging twice.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    request = models.OneToOneField(SynthesisRequest, models.PROTECT, related_name="usage")
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+")
    api_key = models.ForeignKey(ApiKey, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(_("at"))
    characters = models.PositiveIntegerField(_("characters"))
    audio_seconds = models.FloatField(_("audio, s"))
    engine = models.CharField(_("engine"), max_length=32)
    voice = models.CharField(_("voice"), max_length=200)
    fallback = models.CharField(_("fallback"), max_length=16)
    reference = models.CharField(_("reference"), max_length=128, blank=True)

    all_tenants = UnrestrictedManager["UsageEvent"]()
    objects = TenantManager["UsageEvent"]()

    class Meta:
        verbose_name = _("usage event")
        verbose_name_plural = _("usage events")
        ordering = ["-at"]
        indexes = [models.Index(fields=["tenant", "-at"], name="usage_tenant_newest")]

    def __str__(self) -> str:
        return f"{self.characters} characters"
