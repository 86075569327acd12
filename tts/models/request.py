from django.contrib.postgres.fields import ArrayField
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import uuid7
from accounts.managers import TenantManager, UnrestrictedManager
from accounts.models import ApiKey, Tenant, UsagePeriod


def audio_storage() -> Storage:
    return storages["audio"]


class SynthesisRequest(models.Model):
    """One text to be spoken: the record that everything else hangs on, and the truth about its state.

    States: `queued` → `running` → one of `succeeded`, `failed`, `canceled`, `expired`; a worker's death takes
    `running` back to `queued`. Every change is one UPDATE that names the state it starts from, and for a running
    request the number of the claim (`claim`), so that each happens once whoever else tries: see tts/services/states.
    Queues and workers may forget; a row never does.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        SUCCEEDED = "succeeded", _("succeeded")
        FAILED = "failed", _("failed")
        CANCELED = "canceled", _("canceled")
        EXPIRED = "expired", _("expired")

    class EngineChoice(models.TextChoices):
        AUTO = "auto", _("automatic")
        PRIMARY = "primary", _("primary only")
        FALLBACK = "fallback", _("fallback only")

    class Origin(models.TextChoices):
        API = "api", _("API")
        RERUN = "rerun", _("run again")
        COMPARISON = "comparison", _("comparison of engines")

    UNFINISHED = (Status.QUEUED, Status.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(
        Tenant, models.PROTECT, related_name="+", db_index=False, verbose_name=_("tenant")
    )
    api_key = models.ForeignKey(
        ApiKey, models.SET_NULL, null=True, related_name="+", db_index=False, verbose_name=_("API key")
    )
    # Kept beside the foreign key: the name a key had when it was used.
    api_key_name = models.CharField(_("key name"), max_length=100, blank=True)
    request_id = models.CharField(_("request id"), max_length=128, db_index=True)
    client_address = models.GenericIPAddressField(_("address"), null=True)
    reference = models.CharField(_("reference"), max_length=128, blank=True)
    # What staff ask for in the admin says which request it repeats.
    origin = models.CharField(_("origin"), max_length=10, choices=Origin.choices, default=Origin.API)
    repeats = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="repetitions", verbose_name=_("repeats")
    )

    # Where its characters are reserved until it ends, and used if it ended well; NULL charges nobody.
    period = models.ForeignKey(UsagePeriod, models.PROTECT, null=True, related_name="+", editable=False)
    key_period = models.ForeignKey(UsagePeriod, models.PROTECT, null=True, related_name="+", editable=False)

    # What held for the tenant and the key when it was accepted; NULL allows every voice.
    allowed_voices = ArrayField(models.CharField(max_length=200), null=True, editable=False)
    overload_policy = models.CharField(
        max_length=8,
        choices=Tenant.OverloadPolicy.choices,
        default=Tenant.OverloadPolicy.FALLBACK,
        editable=False,
    )
    zero_retention = models.BooleanField(_("zero retention"), default=False, editable=False)

    # As sent: SSML where `is_ssml` says so.
    text = models.TextField(_("text"))
    is_ssml = models.BooleanField(_("SSML"), default=False)
    characters = models.PositiveIntegerField(_("characters"))
    language = models.CharField(_("language"), max_length=35, blank=True)
    normalize = models.BooleanField(_("normalize"), default=True)
    # Of the tenant's pronunciation dictionary at admission, so that a second try says the same; NULL for none.
    lexicon_version = models.PositiveIntegerField(_("dictionary version"), null=True)
    speaker_id = models.PositiveSmallIntegerField(_("speaker"), null=True)
    voice = models.CharField(_("voice asked"), max_length=200, blank=True)
    speed = models.FloatField(_("speed"), default=1.0)
    audio_format = models.CharField(_("format"), max_length=8)
    sample_rate = models.PositiveIntegerField(_("sample rate, Hz"), null=True)
    engine = models.CharField(
        _("engine asked"), max_length=8, choices=EngineChoice.choices, default=EngineChoice.AUTO
    )

    status = models.CharField(_("status"), max_length=9, choices=Status.choices, default=Status.QUEUED)
    claim = models.PositiveSmallIntegerField(_("claims"), default=0)
    worker = models.CharField(_("worker"), max_length=100, blank=True)
    created_at = models.DateTimeField(_("received"))
    # From the arrival of the call until its limits were found kept.
    limits_seconds = models.FloatField(_("limits, s"), null=True)
    deadline_at = models.DateTimeField(_("deadline"))
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    engine_used = models.CharField(_("engine"), max_length=32, blank=True)
    voice_used = models.CharField(_("voice"), max_length=200, blank=True)
    fallback = models.CharField(_("fallback"), max_length=16, blank=True)
    synthesis_seconds = models.FloatField(_("synthesis, s"), null=True)
    audio_seconds = models.FloatField(_("audio, s"), null=True)
    audio_sample_rate = models.PositiveIntegerField(_("audio sample rate, Hz"), null=True)
    audio_bytes = models.PositiveIntegerField(_("audio, bytes"), null=True)
    audio = models.FileField(_("audio"), storage=audio_storage, max_length=200, blank=True)
    error_code = models.CharField(_("error"), max_length=32, blank=True)
    error_detail = models.CharField(_("error detail"), max_length=500, blank=True)

    all_tenants = UnrestrictedManager["SynthesisRequest"]()
    objects = TenantManager["SynthesisRequest"]()

    class Meta:
        verbose_name = _("synthesis request")
        verbose_name_plural = _("synthesis requests")
        ordering = ["-created_at", "-id"]
        permissions = [
            ("read_text", "Can read the texts of requests"),
            ("rerun_synthesisrequest", "Can run requests again and compare engines"),
            ("cancel_synthesisrequest", "Can cancel requests"),
            ("erase_synthesisrequest", "Can delete text and audio of requests"),
        ]
        indexes = [
            models.Index(fields=["tenant", "-created_at"], name="request_tenant_newest"),
            models.Index(fields=["-created_at"], name="request_newest"),
            # What the sweeper reads, every second, however long history grows.
            models.Index(
                fields=["status", "deadline_at"],
                condition=Q(status__in=["queued", "running"]),
                name="request_unfinished",
            ),
            # Filters and exact searches of the history.
            models.Index(fields=["status", "-created_at"], name="request_status_newest"),
            models.Index(fields=["api_key", "-created_at"], name="request_key_newest"),
            models.Index(fields=["voice_used", "-created_at"], name="request_voice_newest"),
            models.Index(fields=["engine_used", "-created_at"], name="request_engine_newest"),
            models.Index(
                fields=["fallback", "-created_at"],
                condition=~Q(fallback__in=["", "none"]),
                name="request_fallback_newest",
            ),
            # What filters of the history are combined of. Few values, so that it is small, and every combination is
            # looked up in it without a visit to the rows, one that no row has included.
            models.Index(
                fields=[
                    *("tenant", "status", "engine_used", "fallback", "voice_used", "audio_format", "origin")
                ],
                name="request_facets",
            ),
            # In the order of bytes, so that it finds the beginning of a reference too, whatever the collation.
            models.Index(
                fields=["reference"],
                opclasses=["varchar_pattern_ops"],
                condition=~Q(reference=""),
                name="request_reference",
            ),
            # What retention looks for.
            models.Index(fields=["tenant", "created_at"], condition=~Q(text=""), name="request_with_text"),
            models.Index(fields=["tenant", "created_at"], condition=~Q(audio=""), name="request_with_audio"),
            # What admission counts, and workers choose from.
            models.Index(
                fields=["tenant", "status", "created_at"],
                condition=Q(status__in=["queued", "running"]),
                name="request_in_flight",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running", "succeeded", "failed", "canceled", "expired"]),
                name="request_status_known",
            ),
            models.CheckConstraint(condition=Q(characters__gte=1), name="request_has_characters"),
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running"], finished_at=None)
                | Q(status__in=["succeeded", "failed", "canceled", "expired"], finished_at__isnull=False),
                name="request_finished_when_final",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_final(self) -> bool:
        return self.status not in self.UNFINISHED

    @property
    def queue_seconds(self) -> float | None:
        """Seconds from acceptance to the last claim by a worker."""
        return None if self.started_at is None else (self.started_at - self.created_at).total_seconds()

    @property
    def total_seconds(self) -> float | None:
        """Seconds from acceptance to the final state."""
        return None if self.finished_at is None else (self.finished_at - self.created_at).total_seconds()
