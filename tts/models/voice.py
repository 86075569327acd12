from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tts.voices.voice import VoiceState


class Voice(models.Model):
    """A voice this server knows: what was found in the voices directory, and whether operators let it speak.

    Rows follow the files (`voices_sync`); a voice whose files vanish stays, as `missing`, so that history keeps its
    name. Only `enabled` is an operator's to change.
    """

    id = models.CharField(_("id"), max_length=200, primary_key=True)
    name = models.CharField(_("name"), max_length=200)
    engine = models.CharField(_("engine"), max_length=32)
    languages = ArrayField(models.CharField(max_length=35), verbose_name=_("languages"))
    gender = models.CharField(_("gender"), max_length=8, blank=True)
    sample_rate = models.PositiveIntegerField(_("sample rate, Hz"))
    licence = models.CharField(_("licence"), max_length=200, blank=True)
    speaker_id = models.PositiveSmallIntegerField(_("speaker"), null=True)
    state = models.CharField(_("state"), max_length=16, choices=[(s.value, _(s.value)) for s in VoiceState])
    problem = models.CharField(_("problem"), max_length=500, blank=True)
    enabled = models.BooleanField(_("enabled"), default=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("voice")
        verbose_name_plural = _("voices")
        ordering = ["engine", "id"]

    def __str__(self) -> str:
        return self.id
