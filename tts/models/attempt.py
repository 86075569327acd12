from django.db import models
from django.utils.translation import gettext_lazy as _

from tts.models.request import SynthesisRequest


class EngineAttempt(models.Model):
    """One engine that was asked to speak a request, in order. Together they are the fallback log.

    `outcome` is `succeeded` or the stable code of an engine error (`error`, `timeout`, `no-voice`, `bad-output`, …).
    `message` and `stack` are for operators and hold no user text.
    """

    id = models.BigAutoField(primary_key=True)
    request = models.ForeignKey(SynthesisRequest, models.CASCADE, related_name="attempts")
    claim = models.PositiveSmallIntegerField(_("claim"))
    position = models.PositiveSmallIntegerField(_("position"))
    engine = models.CharField(_("engine"), max_length=32)
    voice = models.CharField(_("voice"), max_length=200, blank=True)
    outcome = models.CharField(_("outcome"), max_length=16)
    seconds = models.FloatField(_("seconds"))
    message = models.CharField(_("message"), max_length=500, blank=True)
    stack = models.TextField(_("stack"), blank=True)

    class Meta:
        verbose_name = _("engine attempt")
        verbose_name_plural = _("engine attempts")
        ordering = ["claim", "position"]
        constraints = [
            models.UniqueConstraint(fields=["request", "claim", "position"], name="attempt_position_once"),
        ]

    def __str__(self) -> str:
        return f"{self.engine}: {self.outcome}"
