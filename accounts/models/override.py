from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.limits.names import Limit
from accounts.managers import TenantManager, UnrestrictedManager
from accounts.models.plan import LARGEST, LARGEST_PER_MONTH, LIMIT_LABELS
from accounts.models.tenant import Tenant


class LimitOverride(models.Model):
    """One limit of one tenant that is not its plan's. A row of its own, because "unlimited" and "as the plan says"
    are two things.

    With `observe_only` the plan's limit stays in force and this one is only watched.
    """

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="overrides", verbose_name=_("tenant"))
    limit = models.CharField(
        _("limit"), max_length=32, choices=[(limit.value, LIMIT_LABELS[limit]) for limit in Limit]
    )
    value = models.BigIntegerField(
        _("value"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(LARGEST_PER_MONTH)],
        help_text=_("Empty is unlimited, 0 is none."),
    )
    observe_only = models.BooleanField(
        _("observe only"), default=False, help_text=_("Refuse nothing; record what would have been refused.")
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    all_tenants = UnrestrictedManager["LimitOverride"]()
    objects = TenantManager["LimitOverride"]()

    class Meta:
        verbose_name = _("limit of its own")
        verbose_name_plural = _("limits of its own")
        ordering = ["limit"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "limit", "observe_only"], name="override_once_per_limit"
            ),
            models.CheckConstraint(condition=Q(value=None) | Q(value__gte=0), name="override_not_negative"),
            models.CheckConstraint(
                condition=Q(limit__in=[limit.value for limit in Limit]), name="override_limit_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_limit_display()}: {'∞' if self.value is None else self.value}"

    def clean(self) -> None:
        super().clean()
        if self.limit != Limit.CHARACTERS_PER_MONTH and self.value is not None and self.value > LARGEST:
            raise ValidationError({"value": _("At most %(largest)d.") % {"largest": LARGEST}})
