from django.db import models
from django.utils.translation import gettext_lazy as _

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
    request = models.ForeignKey(SynthesisRequest, models.CASCADE, related_name="events")
    at = models.DateTimeField(_("at"))
    level = models.CharField(_("level"), max_length=6, choices=Level.choices, default=Level.ACCESS)
    name = models.CharField(_("event"), max_length=32)
    data = models.JSONField(_("data"), default=dict, blank=True)

    class Meta:
        verbose_name = _("request event")
        verbose_name_plural = _("request events")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.name
