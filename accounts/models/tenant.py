from zoneinfo import available_timezones

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import uuid7
from accounts.limits.effective import EffectiveLimits
from accounts.models.plan import Plan

LONGEST_RETENTION_DAYS = 36_500


class Tenant(models.Model):
    """A customer: owns keys, requests and usage. Nothing of one tenant is visible to another.

    A suspended tenant's keys are valid but refused with 403 `tenant_suspended`. Retention of NULL is for ever, of 0
    not at all; `zero_retention` goes before both: text and audio are gone when the request ends.
    """

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        SUSPENDED = "suspended", _("suspended")

    class OverloadPolicy(models.TextChoices):
        FALLBACK = "fallback", _("speak with the fallback engine")
        WAIT = "wait", _("wait for the primary engine")
        REFUSE = "refuse", _("refuse (503)")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(
        _("slug"), max_length=63, unique=True, help_text=_("Short name used in commands and settings.")
    )
    name = models.CharField(_("name"), max_length=200)
    status = models.CharField(_("status"), max_length=16, choices=Status.choices, default=Status.ACTIVE)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="tenants", verbose_name=_("plan"))
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        default="Asia/Shanghai",
        help_text=_("IANA name; days and months of usage are local ones."),
    )
    text_retention_days = models.PositiveIntegerField(
        _("days texts are kept"),
        null=True,
        blank=True,
        default=30,
        validators=[MaxValueValidator(LONGEST_RETENTION_DAYS)],
        help_text=_("Empty keeps them for ever, 0 not at all."),
    )
    audio_retention_days = models.PositiveIntegerField(
        _("days audio is kept"),
        null=True,
        blank=True,
        default=30,
        validators=[MaxValueValidator(LONGEST_RETENTION_DAYS)],
        help_text=_("Empty keeps it for ever, 0 not at all."),
    )
    history_retention_days = models.PositiveIntegerField(
        _("days requests are kept"),
        null=True,
        blank=True,
        default=365,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_RETENTION_DAYS)],
        help_text=_(
            "After that a request leaves the history with all that belongs to it; its usage stays. Empty: never."
        ),
    )
    zero_retention = models.BooleanField(
        _("zero retention"),
        default=False,
        help_text=_("Text and audio are gone when the request ends, whatever the days say."),
    )
    allowed_voices = ArrayField(
        models.CharField(max_length=200),
        verbose_name=_("allowed voices"),
        null=True,
        blank=True,
        help_text=_("Ids of voices, separated by commas; empty allows all."),
    )
    overload_policy = models.CharField(
        _("under overload"),
        max_length=8,
        choices=OverloadPolicy.choices,
        default=OverloadPolicy.FALLBACK,
        help_text=_("What happens when the primary engine cannot keep up."),
    )
    default_timeout_seconds = models.FloatField(
        _("default time-out, s"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0.5), MaxValueValidator(600)],
        help_text=_("For requests that name none; empty takes the server's (TTS_TIMEOUT)."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("tenant")
        verbose_name_plural = _("tenants")
        ordering = ["name"]
        permissions = [("see_all_tenants", "Can see every tenant, without being a member")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["active", "suspended"]), name="tenant_status_known"
            ),
            models.CheckConstraint(
                condition=Q(overload_policy__in=["fallback", "wait", "refuse"]),
                name="tenant_overload_policy_known",
            ),
            models.CheckConstraint(
                condition=Q(default_timeout_seconds=None)
                | Q(default_timeout_seconds__gte=0.5, default_timeout_seconds__lte=600),
                name="tenant_timeout_sensible",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if self.time_zone not in available_timezones():
            raise ValidationError({"time_zone": _("This is no IANA time zone; Asia/Shanghai is one.")})

    @property
    def is_active(self) -> bool:
        return self.status == self.Status.ACTIVE

    def limits(self) -> EffectiveLimits:
        """The limits that hold now. Reads `plan` and `overrides`: fetch both with the tenant where queries count."""
        overrides = [(row.limit, row.value, row.observe_only) for row in self.overrides.all()]
        return self.plan.limits(overrides)
