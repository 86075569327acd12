from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts import keys
from accounts.identifiers import uuid7
from accounts.limits.names import KEY_LIMITS, Limit
from accounts.managers import TenantManager, UnrestrictedManager
from accounts.models.plan import limit_field, not_negative
from accounts.models.tenant import Tenant
from accounts.scopes import ALL_SCOPES, Scope


def default_scopes() -> list[str]:
    return list(ALL_SCOPES)


class ApiKey(models.Model):
    """A key of a tenant. The key itself is shown once when it is issued; only its digest is kept.

    A key is usable while it is neither revoked nor past `expires_at`. Rotation gives it a new secret under the same id;
    the old one works until `previous_until`. Rows are never deleted while requests point at them: history names the
    key that caused them. Its own limits hold beside the tenant's.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="api_keys", verbose_name=_("tenant"))
    name = models.CharField(_("name"), max_length=100, help_text=_("Which app or person uses it."))
    environment = models.CharField(
        _("environment"), max_length=4, choices=[(name, name) for name in keys.ENVIRONMENTS], default="live"
    )
    public_id = models.CharField(_("key id"), max_length=keys.ID_LENGTH, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    pepper_number = models.PositiveSmallIntegerField(editable=False)
    previous_digest = models.CharField(max_length=64, blank=True, editable=False)
    previous_pepper_number = models.PositiveSmallIntegerField(null=True, editable=False)
    previous_until = models.DateTimeField(_("old secret works until"), null=True, blank=True, editable=False)
    rotated_at = models.DateTimeField(_("rotated"), null=True, blank=True, editable=False)
    scopes = ArrayField(
        models.CharField(max_length=32, choices=[(scope.value, scope.value) for scope in Scope]),
        verbose_name=_("scopes"),
        default=default_scopes,
    )
    allowed_addresses = ArrayField(
        models.CharField(max_length=43),
        verbose_name=_("allowed addresses"),
        null=True,
        blank=True,
        help_text=_("Addresses or networks such as 192.0.2.0/24, separated by commas; empty allows all."),
    )
    allowed_voices = ArrayField(
        models.CharField(max_length=200),
        verbose_name=_("allowed voices"),
        null=True,
        blank=True,
        help_text=_("Ids of voices, separated by commas; empty allows all that the tenant may use."),
    )
    requests_per_minute = limit_field(Limit.REQUESTS_PER_MINUTE)
    concurrent_requests = limit_field(Limit.CONCURRENT_REQUESTS)
    characters_per_month = limit_field(Limit.CHARACTERS_PER_MONTH)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("created by"),
    )
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    all_tenants = UnrestrictedManager["ApiKey"]()
    objects = TenantManager["ApiKey"]()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=not_negative(*KEY_LIMITS), name="key_limits_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.label})"

    @property
    def label(self) -> str:
        """The public part, safe to show and to log."""
        return f"vg_{self.environment}_{self.public_id}"

    def is_usable(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)
