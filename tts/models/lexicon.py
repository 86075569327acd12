from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.managers import TenantManager, UnrestrictedManager
from accounts.models import Tenant
from tts.text.lexicon import MAX_SPOKEN, MAX_WRITTEN, Kind, LexiconEntry, Match


class PronunciationDictionary(models.Model):
    """A tenant's pronunciation dictionary: its current version.

    The version begins at 0, which is empty, and grows by one with each change, in the same transaction. The row is
    locked while that happens, so that two changes never make one version.
    """

    tenant = models.OneToOneField(
        Tenant, models.PROTECT, primary_key=True, related_name="+", verbose_name=_("tenant")
    )
    version = models.PositiveIntegerField(_("version"), default=0)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    all_tenants = UnrestrictedManager["PronunciationDictionary"]()
    objects = TenantManager["PronunciationDictionary"]()

    class Meta:
        verbose_name = _("pronunciation dictionary")
        verbose_name_plural = _("pronunciation dictionaries")

    def __str__(self) -> str:
        return f"{self.tenant_id} v{self.version}"


class PronunciationEntry(models.Model):
    """What is said for one written form, in versions `valid_from_version` up to but not `valid_to_version`.

    Rows never change: a change ends one row and begins another in the next version, so that what any version said can
    be looked up. `valid_to_version` is NULL in entries that are in force. `created_at` is when the entry was first
    made, `updated_at` when it came to read as it does.
    """

    class MatchChoice(models.TextChoices):
        WORD = Match.WORD.value, _("whole words")
        EXACT = Match.EXACT.value, _("these characters anywhere")

    class KindChoice(models.TextChoices):
        SUBSTITUTION = Kind.SUBSTITUTION.value, _("other text")
        PHONEMES = Kind.PHONEMES.value, _("phonemes (IPA)")

    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+", verbose_name=_("tenant"))
    written = models.CharField(_("written form"), max_length=MAX_WRITTEN)
    match = models.CharField(
        _("matches"), max_length=8, choices=MatchChoice.choices, default=MatchChoice.WORD
    )
    case_sensitive = models.BooleanField(
        _("minds case"), default=False, help_text=_("Exact matches always do.")
    )
    kind = models.CharField(
        _("kind"), max_length=16, choices=KindChoice.choices, default=KindChoice.SUBSTITUTION
    )
    spoken = models.CharField(
        _("said as"), max_length=MAX_SPOKEN, help_text=_("Text that is said as it stands, or IPA.")
    )
    language = models.CharField(
        _("language"),
        max_length=35,
        blank=True,
        help_text=_("BCP 47 tag of the text it applies to, such as zh-CN; empty for any."),
    )
    valid_from_version = models.PositiveIntegerField(_("from version"))
    valid_to_version = models.PositiveIntegerField(_("to version"), null=True)
    created_at = models.DateTimeField(_("created"))
    updated_at = models.DateTimeField(_("updated"))

    all_tenants = UnrestrictedManager["PronunciationEntry"]()
    objects = TenantManager["PronunciationEntry"]()

    class Meta:
        verbose_name = _("pronunciation")
        verbose_name_plural = _("pronunciations")
        ordering = ["written", "language", "id"]
        indexes = [
            models.Index(fields=["tenant", "valid_from_version"], name="pronunciation_by_version"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "written", "language"],
                condition=Q(valid_to_version=None),
                name="pronunciation_once_in_force",
            ),
            models.CheckConstraint(
                condition=Q(valid_to_version=None) | Q(valid_to_version__gt=models.F("valid_from_version")),
                name="pronunciation_versions_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.written

    @property
    def in_force(self) -> bool:
        return self.valid_to_version is None

    def as_entry(self) -> LexiconEntry:
        return LexiconEntry(
            self.written,
            self.spoken,
            Kind(self.kind),
            Match(self.match),
            case_sensitive=self.case_sensitive,
            language=self.language,
        )
