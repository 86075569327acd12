from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import uuid7
from accounts.managers import TenantManager, UnrestrictedManager


class AuditEvent(models.Model):
    """Who did what to accounts, and who listened to or read what is a tenant's. Append-only: a trigger of the database
    refuses UPDATE, DELETE and TRUNCATE, for superusers of the admin as for everybody else.

    No foreign key: a deleted user must neither vanish from here nor keep from being deleted.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(_("at"))
    tenant_id = models.UUIDField(_("tenant id"), null=True)
    tenant_slug = models.CharField(_("tenant"), max_length=63, blank=True)
    # `user`, `key`, `command` or `system`, and who it was: a user's primary key or a key's label.
    actor_kind = models.CharField(_("kind of actor"), max_length=8)
    actor_id = models.CharField(_("actor id"), max_length=64, blank=True)
    actor_name = models.CharField(_("actor"), max_length=150, blank=True)
    action = models.CharField(_("action"), max_length=40)
    target_kind = models.CharField(_("kind of target"), max_length=20)
    target_id = models.CharField(_("target id"), max_length=64)
    target_name = models.CharField(_("target"), max_length=200, blank=True)
    # Of an allow-list of fields per kind of target; never secrets, never text.
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)
    address = models.GenericIPAddressField(_("address"), null=True)
    request_id = models.CharField(_("request id"), max_length=128, blank=True)

    all_tenants = UnrestrictedManager["AuditEvent"]()
    objects = TenantManager["AuditEvent"]()

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit log")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["tenant_id", "-at"], name="audit_tenant_newest"),
            models.Index(fields=["-at"], name="audit_newest"),
            models.Index(fields=["target_id", "-at"], name="audit_target_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target_kind} {self.target_id}"
