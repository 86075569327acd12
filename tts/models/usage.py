from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import uuid7
from accounts.managers import TenantManager, UnrestrictedManager
from accounts.models import ApiKey, Tenant
from tts.models.request import SynthesisRequest


class UsageEvent(models.Model):
    """What one ended request used: written in the transaction that ends it, once, never changed.

    `at` is when the request was accepted, so that it counts in the month its characters were reserved in. `characters`
    are those that are charged: none unless it succeeded. It outlives the text, the audio and the request itself, so no
    foreign key holds it. The unique request is the last guard against charging twice. Work that operators ask for is
    charged to nobody and leaves no event.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    request = models.OneToOneField(
        SynthesisRequest, models.DO_NOTHING, related_name="usage", db_constraint=False
    )
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+")
    api_key = models.ForeignKey(ApiKey, models.PROTECT, null=True, related_name="+")
    # The name the key had when it was used.
    api_key_name = models.CharField(_("key name"), max_length=100, blank=True)
    at = models.DateTimeField(_("at"))
    outcome = models.CharField(_("outcome"), max_length=9, choices=SynthesisRequest.Status.choices)
    error_code = models.CharField(_("error"), max_length=32, blank=True)
    characters = models.PositiveIntegerField(_("characters"), default=0)
    # Decimal, to the millisecond: sums are the same in every order.
    audio_seconds = models.DecimalField(_("audio, s"), max_digits=12, decimal_places=3, default=Decimal(0))
    engine = models.CharField(_("engine"), max_length=32, blank=True)
    voice = models.CharField(_("voice"), max_length=200, blank=True)
    fallback = models.CharField(_("fallback"), max_length=16, blank=True)
    reference = models.CharField(_("reference"), max_length=128, blank=True)

    all_tenants = UnrestrictedManager["UsageEvent"]()
    objects = TenantManager["UsageEvent"]()

    class Meta:
        verbose_name = _("usage event")
        verbose_name_plural = _("usage events")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["tenant", "-at"], name="usage_tenant_newest"),
            models.Index(fields=["-at"], name="usage_newest"),
            # Those that are looked for are the few: what failed, of everybody and of one tenant.
            models.Index(
                fields=["outcome", "-at"], condition=~Q(outcome="succeeded"), name="usage_outcome_newest"
            ),
            models.Index(
                fields=["tenant", "outcome", "-at"],
                condition=~Q(outcome="succeeded"),
                name="usage_tenant_outcome_newest",
            ),
            # Use by reference is read from here alone: clients may send one of their own with each request, so a
            # rollup would have as many rows as there are events.
            models.Index(
                fields=["tenant", "at"],
                include=["reference", "outcome", "characters", "audio_seconds"],
                condition=~Q(reference=""),
                name="usage_by_reference",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="succeeded") | Q(characters=0), name="usage_only_success_is_charged"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.characters} characters"
