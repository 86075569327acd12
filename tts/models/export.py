from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import uuid7
from accounts.managers import TenantManager, UnrestrictedManager
from accounts.models import ApiKey, Tenant


def export_storage() -> Storage:
    return storages["exports"]


class UsageExport(models.Model):
    """A usage report that a job writes into private storage: what was asked for, how far it is, what came of it.

    `starts_at` and `ends_at` are the instants of the range's local midnights in `time_zone`. Without a tenant it is
    over all of them, for operators. A person asked for it in the admin (`requested_by`), or a key in the API
    (`api_key`). `claim` is of the try that writes it, or that wrote it: each try writes a file of its own. Beside the
    file lies a side file with the same name and `.manifest.json`.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        SUCCEEDED = "succeeded", _("succeeded")
        FAILED = "failed", _("failed")
        EXPIRED = "expired", _("expired")

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "XLSX"
        NDJSON = "ndjson", "NDJSON"

    class Detail(models.TextChoices):
        SUMMARY = "summary", _("daily summary")
        LINES = "lines", _("line items")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(
        Tenant, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tenant")
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("asked for by")
    )
    api_key = models.ForeignKey(
        ApiKey, models.SET_NULL, null=True, related_name="+", verbose_name=_("asked for by key")
    )
    file_format = models.CharField(_("format"), max_length=6, choices=Format.choices)
    detail = models.CharField(_("detail"), max_length=7, choices=Detail.choices)
    byte_order_mark = models.BooleanField(_("byte order mark"), default=False)
    with_manifest = models.BooleanField(_("manifest in the file"), default=True, db_default=True)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    time_zone = models.CharField(_("time zone"), max_length=64)

    status = models.CharField(_("status"), max_length=9, choices=Status.choices, default=Status.QUEUED)
    claim = models.UUIDField(null=True, editable=False)
    rows_done = models.BigIntegerField(_("rows done"), default=0)
    rows_total = models.BigIntegerField(_("rows"), null=True)
    created_at = models.DateTimeField(_("asked for"))
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    expires_at = models.DateTimeField(_("kept until"), null=True)
    file = models.FileField(_("file"), storage=export_storage, max_length=200, blank=True)
    file_bytes = models.BigIntegerField(_("bytes"), null=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    totals = models.JSONField(_("totals"), default=dict)
    error_code = models.CharField(_("error"), max_length=32, blank=True)

    all_tenants = UnrestrictedManager["UsageExport"]()
    objects = TenantManager["UsageExport"]()

    class Meta:
        verbose_name = _("usage export")
        verbose_name_plural = _("usage exports")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["tenant", "-created_at"], name="export_tenant_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running", "succeeded", "failed", "expired"]),
                name="export_status_known",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
