from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import uuid7
from accounts.managers import TenantManager, UnrestrictedManager
from accounts.models.api_key import ApiKey
from accounts.models.tenant import Tenant


class UsagePeriod(models.Model):
    """A month of a tenant, or of one of its keys: how many characters are reserved and how many are used.

    The bounds are UTC instants, computed once from the tenant's time zone when the period begins. A request belongs to
    the period it was reserved in, whenever it ends. The row is also the tenant's lock: admission updates it first.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+", verbose_name=_("tenant"))
    # NULL for the tenant as a whole.
    api_key = models.ForeignKey(
        ApiKey, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("API key")
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    # As it was at the last reservation; NULL for unlimited.
    characters_limit = models.BigIntegerField(_("characters allowed"), null=True, blank=True)
    reserved_characters = models.BigIntegerField(_("characters reserved"), default=0)
    used_characters = models.BigIntegerField(_("characters used"), default=0)
    requests = models.BigIntegerField(_("requests"), default=0)

    all_tenants = UnrestrictedManager["UsagePeriod"]()
    objects = TenantManager["UsagePeriod"]()

    class Meta:
        verbose_name = _("usage period")
        verbose_name_plural = _("usage periods")
        ordering = ["-starts_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "api_key", "starts_at"], nulls_distinct=False, name="period_once"
            ),
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="period_has_length"),
            models.CheckConstraint(
                condition=Q(reserved_characters__gte=0, used_characters__gte=0, requests__gte=0),
                name="period_counts_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tenant} {self.starts_at:%Y-%m-%d}"


class QuotaThreshold(models.Model):
    """That a period's use went past a share of its limit: once for each share and period."""

    PERCENTS = (50, 80, 100)

    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+", verbose_name=_("tenant"))
    period = models.ForeignKey(
        UsagePeriod, models.CASCADE, related_name="thresholds", verbose_name=_("period")
    )
    percent = models.PositiveSmallIntegerField(_("percent"))
    at = models.DateTimeField(_("at"))
    used_characters = models.BigIntegerField(_("characters used"))
    characters_limit = models.BigIntegerField(_("characters allowed"))

    all_tenants = UnrestrictedManager["QuotaThreshold"]()
    objects = TenantManager["QuotaThreshold"]()

    class Meta:
        verbose_name = _("quota threshold")
        verbose_name_plural = _("quota thresholds")
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(fields=["period", "percent"], name="threshold_once"),
            models.CheckConstraint(condition=Q(percent__in=[50, 80, 100]), name="threshold_known"),
        ]

    def __str__(self) -> str:
        return f"{self.percent} %"
