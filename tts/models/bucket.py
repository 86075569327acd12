from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.managers import TenantManager, UnrestrictedManager
from accounts.models import ApiKey, Tenant
from tts.models.request import SynthesisRequest


class UsageBucket(models.Model):
    """What the requests accepted in a quarter of an hour used, apart by key, voice, engine, fallback and outcome.

    The sum of the usage events, kept in the transactions that write them. Quarters are those of UTC; every local day of
    every time zone begins with one, since offsets are multiples of a quarter.
    """

    id = models.BigAutoField(primary_key=True)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+", db_index=False)
    api_key = models.ForeignKey(ApiKey, models.PROTECT, null=True, related_name="+", db_index=False)
    starts_at = models.DateTimeField(_("from"))
    outcome = models.CharField(_("outcome"), max_length=9, choices=SynthesisRequest.Status.choices)
    engine = models.CharField(_("engine"), max_length=32, blank=True)
    voice = models.CharField(_("voice"), max_length=200, blank=True)
    fallback = models.CharField(_("fallback"), max_length=16, blank=True)
    requests = models.BigIntegerField(_("requests"), default=0)
    characters = models.BigIntegerField(_("characters"), default=0)
    audio_seconds = models.DecimalField(_("audio, s"), max_digits=16, decimal_places=3, default=Decimal(0))

    all_tenants = UnrestrictedManager["UsageBucket"]()
    objects = TenantManager["UsageBucket"]()

    class Meta:
        verbose_name = _("usage")
        verbose_name_plural = _("usage")
        indexes = [models.Index(fields=["starts_at"], name="bucket_starts_at")]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "starts_at", "api_key", "outcome", "engine", "voice", "fallback"],
                nulls_distinct=False,
                name="bucket_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"


class ServiceBucket(models.Model):
    """How the platform did in five minutes, or later in an hour, over all tenants: counts and histograms of durations.

    Requests count when they end. `shard` keeps processes that end requests at the same time from waiting for one row;
    readers add the shards up. A histogram's bins are those of `tts.usage.histogram`. `seconds` is the length of the
    bucket: the janitor folds those of past days into hours.
    """

    id = models.BigAutoField(primary_key=True)
    starts_at = models.DateTimeField(_("from"))
    seconds = models.PositiveIntegerField(_("length, s"), default=300)
    shard = models.PositiveSmallIntegerField()
    succeeded = models.BigIntegerField(default=0)
    failed = models.BigIntegerField(default=0)
    canceled = models.BigIntegerField(default=0)
    expired = models.BigIntegerField(default=0)
    # Succeeded, but not by the engine that was to speak: `fallback` other than `none`, `requested` and `no-voice`.
    fallbacks = models.BigIntegerField(default=0)
    characters = models.BigIntegerField(default=0)
    audio_seconds = models.FloatField(default=0.0)
    synthesis_seconds = models.FloatField(default=0.0)
    # Counts by error code.
    errors = models.JSONField(default=dict)
    wait_histogram = ArrayField(models.IntegerField())
    synthesis_histogram = ArrayField(models.IntegerField())
    total_histogram = ArrayField(models.IntegerField())

    class Meta:
        verbose_name = _("service of five minutes")
        verbose_name_plural = _("service by five minutes")
        constraints = [
            models.UniqueConstraint(fields=["starts_at", "seconds", "shard"], name="service_bucket_once"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"
