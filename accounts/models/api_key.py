from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts import keys
from accounts.identifiers import uuid7
from accounts.models.tenant import Tenant
from accounts.scopes import ALL_SCOPES, Scope


def default_scopes() -> list[str]:
    return list(ALL_SCOPES)


class ApiKey(models.Model):
    """A key of a tenant. The key itself is shown once when it is issued; only its digest is kept.

    A key is usable while it is neither revoked nor past `expires_at`. Rows are never deleted while requests
    point at them: history names the key that caused them.
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
    scopes = ArrayField(
        models.CharField(max_length=32, choices=[(scope.value, scope.value) for scope in Scope]),
        verbose_name=_("scopes"),
        default=default_scopes,
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        verbose_name=_("created by"),
    )
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.label})"

    @property
    def label(self) -> str:
        """The public part, safe to show and to log."""
        return f"vg_{self.environment}_{self.public_id}"

    def is_usable(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)
