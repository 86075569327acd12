from collections.abc import Iterable
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import uuid7
from accounts.limits.effective import EffectiveLimits
from accounts.limits.names import Limit

LIMIT_LABELS = {
    Limit.REQUESTS_PER_MINUTE: _("requests per minute"),
    Limit.CHARACTERS_PER_MINUTE: _("characters per minute"),
    Limit.CONCURRENT_REQUESTS: _("requests at work"),
    Limit.QUEUED_REQUESTS: _("requests waiting"),
    Limit.CHARACTERS_PER_MONTH: _("characters per month"),
    Limit.MAX_CHARACTERS_SYNC: _("characters of a request"),
    Limit.MAX_CHARACTERS_ASYNC: _("characters of an asynchronous request"),
    Limit.MAX_TIMEOUT_SECONDS: _("longest time-out, s"),
}

LARGEST = 2**31 - 1
"""Of each limit but the monthly one. The limiter's arithmetic is exact far beyond it."""

LARGEST_PER_MONTH = 10**15 - 1
"""Fifteen digits: what header fields can hold (RFC 9651)."""


def limit_field(limit: Limit, **options: Any) -> "models.BigIntegerField[int | None, int | None]":
    """A column for a limit: empty is unlimited, 0 is none."""
    largest = LARGEST_PER_MONTH if limit is Limit.CHARACTERS_PER_MONTH else LARGEST
    return models.BigIntegerField(
        LIMIT_LABELS[limit],
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(largest)],
        **options,
    )


def not_negative(*limits: Limit) -> Q:
    """The CHECK that goes with `limit_field`."""
    condition = Q()
    for limit in limits:
        condition &= Q(**{limit.value: None}) | Q(**{f"{limit.value}__gte": 0})
    return condition


class Plan(models.Model):
    """What tenants may use. Everywhere an empty limit is unlimited and 0 is none.

    With `observe_only` nothing of it is refused; the admin shows what would have been.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(_("slug"), max_length=63, unique=True)
    name = models.CharField(_("name"), max_length=200)
    is_default = models.BooleanField(
        _("default"), default=False, help_text=_("New tenants get it; one plan at most is the default.")
    )
    observe_only = models.BooleanField(
        _("observe only"),
        default=False,
        help_text=_("Refuse nothing; record what would have been refused."),
    )

    requests_per_minute = limit_field(Limit.REQUESTS_PER_MINUTE, default=600)
    requests_burst = models.PositiveIntegerField(
        _("burst of requests"),
        default=60,
        validators=[MinValueValidator(1), MaxValueValidator(10**6)],
        help_text=_("How many requests may come at once; the pace per minute holds after them."),
    )
    characters_per_minute = limit_field(Limit.CHARACTERS_PER_MINUTE, default=60_000)
    concurrent_requests = limit_field(Limit.CONCURRENT_REQUESTS, default=8)
    queued_requests = limit_field(Limit.QUEUED_REQUESTS, default=100)
    characters_per_month = limit_field(Limit.CHARACTERS_PER_MONTH)
    max_characters_sync = limit_field(Limit.MAX_CHARACTERS_SYNC, default=800)
    max_characters_async = limit_field(Limit.MAX_CHARACTERS_ASYNC, default=20_000)
    max_timeout_seconds = limit_field(Limit.MAX_TIMEOUT_SECONDS, default=60)
    priority_weight = models.PositiveSmallIntegerField(
        _("weight"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_(
            "When workers are short, a tenant of weight 2 is served twice as much as one of weight 1."
        ),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=not_negative(*Limit), name="plan_limits_not_negative"),
            models.CheckConstraint(condition=Q(requests_burst__gte=1), name="plan_burst_positive"),
            models.CheckConstraint(
                condition=Q(priority_weight__gte=1, priority_weight__lte=100), name="plan_weight_known"
            ),
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="plan_one_default"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def limits(self, overrides: Iterable[tuple[str, int | None, bool]] = ()) -> EffectiveLimits:
        """What holds for a tenant on this plan with these overrides: limit, value, whether it only observes."""
        values: dict[Limit, int | None] = {limit: getattr(self, limit.value) for limit in Limit}
        enforced, observed = ({}, values) if self.observe_only else (values, {})
        for name, value, observe_only in overrides:
            limit = Limit(name)
            if observe_only:
                observed[limit] = value
            else:
                enforced[limit] = value
                observed.pop(limit, None)
        return EffectiveLimits(enforced, observed, self.requests_burst, self.priority_weight)
