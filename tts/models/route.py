from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.managers import TenantManager, UnrestrictedManager
from accounts.models import Tenant
from tts.models.voice import Voice


class VoiceRoute(models.Model):
    """Which voice speaks for a standard speaker in a language: a tenant's own choice, or everybody's without one.

    A tenant's route wins over everybody's; where neither is there, or its voice cannot speak, the standard voice of
    the language does (`tts.voices.standard`).
    """

    id = models.BigAutoField(primary_key=True)
    tenant = models.ForeignKey(
        Tenant,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("tenant"),
        help_text=_("Empty: for all tenants without a route of their own."),
    )
    language = models.CharField(
        _("language"),
        max_length=8,
        validators=[RegexValidator(r"\A[a-z]{2,8}\Z", _("A language code such as zh or en, in lower case."))],
        help_text=_("Primary language subtag: zh, en, ja, …"),
    )
    speaker_id = models.PositiveSmallIntegerField(
        _("speaker"),
        validators=[MaxValueValidator(3)],
        help_text=_("0 female clear, 1 female warm, 2 male calm, 3 male lively."),
    )
    voice = models.ForeignKey(Voice, models.CASCADE, related_name="+", verbose_name=_("voice"))
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    all_tenants = UnrestrictedManager["VoiceRoute"]()
    objects = TenantManager["VoiceRoute"]()

    class Meta:
        verbose_name = _("voice route")
        verbose_name_plural = _("voice routes")
        ordering = ["tenant", "language", "speaker_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "language", "speaker_id"], nulls_distinct=False, name="route_once"
            ),
            models.CheckConstraint(condition=Q(speaker_id__lte=3), name="route_speaker_standard"),
        ]

    def __str__(self) -> str:
        return f"{self.language} {self.speaker_id}: {self.voice_id}"
