"""Writing the audit log, in the transaction of what it tells of."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import ApiKey, AuditEvent, LimitOverride, Membership, Plan, Tenant

FIELDS: dict[type[Model], tuple[str, ...]] = {
    Tenant: (
        "slug",
        "name",
        "status",
        "plan_id",
        "time_zone",
        "text_retention_days",
        "audio_retention_days",
        "history_retention_days",
        "zero_retention",
        "allowed_voices",
        "overload_policy",
        "default_timeout_seconds",
    ),
    Plan: (
        "slug",
        "name",
        "is_default",
        "observe_only",
        "requests_per_minute",
        "requests_burst",
        "characters_per_minute",
        "concurrent_requests",
        "queued_requests",
        "characters_per_month",
        "max_characters_sync",
        "max_characters_async",
        "max_timeout_seconds",
        "priority_weight",
    ),
    LimitOverride: ("limit", "value", "observe_only", "reason"),
    Membership: ("user_id", "role"),
    ApiKey: (
        "name",
        "environment",
        "public_id",
        "scopes",
        "allowed_addresses",
        "allowed_voices",
        "requests_per_minute",
        "concurrent_requests",
        "characters_per_month",
        "expires_at",
        "revoked_at",
        "rotated_at",
        "previous_until",
    ),
}
"""What may be told of each kind of object. A column that is not listed, such as a digest, never gets here; of kinds
that are not listed, such as requests, only that something was done with them.
"""


class NotAuditable(ValueError):
    """Something was to be told that is not in `FIELDS`; the message names the fields, not their values."""


def audit_snapshot(target: Model) -> dict[str, Any]:
    """The allow-listed fields of an object, as JSON takes them; empty for kinds that are only named."""
    return {name: _plain(getattr(target, name)) for name in FIELDS.get(type(target), ())}


def audit_write(
    *,
    actor: Actor,
    action: str,
    target: Model,
    tenant: Tenant | None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    name: str | None = None,
) -> AuditEvent:
    """Add an event. `before` and `after` are snapshots or parts of them; of two, only what differs is kept.

    `name` is what people call the target; without one, the `str()` of kinds in `FIELDS` and nothing of others, whose
    `str()` may be a customer's text. Raises `NotAuditable` for fields that are not listed.
    """
    listed = FIELDS.get(type(target), ())
    unlisted = {*(before or {}), *(after or {})}.difference(listed)
    if unlisted:
        raise NotAuditable(f"not on the list of {type(target).__name__}: {', '.join(sorted(unlisted))}")
    if before is not None and after is not None:
        changed = {key for key in {**before, **after} if before.get(key) != after.get(key)}
        before = {key: value for key, value in before.items() if key in changed}
        after = {key: value for key, value in after.items() if key in changed}
    return AuditEvent.objects.create(
        at=timezone.now(),
        tenant_id=None if tenant is None else tenant.pk,
        tenant_slug="" if tenant is None else tenant.slug,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        action=action,
        target_kind=str(type(target)._meta.model_name),
        target_id=str(target.pk),
        target_name=(_name_of(target) if name is None else name)[:200],
        before=dict(before or {}),
        after=dict(after or {}),
        address=actor.address,
        request_id=actor.request_id,
    )


def _name_of(target: Model) -> str:
    return str(target) if type(target) in FIELDS else ""


def _plain(value: Any) -> Any:
    match value:
        case UUID():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case _:
            return value
