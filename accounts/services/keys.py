"""What can be done with API keys; rotation is in `key_rotation`. Admin, commands and later the API only call these."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import keys
from accounts.actors import SYSTEM, Actor
from accounts.limits.names import KEY_LIMITS
from accounts.models import ApiKey, Tenant
from accounts.networks import networks_clean
from accounts.peppers import pepper_current
from accounts.scopes import ALL_SCOPES
from accounts.services.audit import audit_snapshot, audit_write

LIMITS = frozenset({"allowed_addresses", "allowed_voices", *(limit.value for limit in KEY_LIMITS)})
"""What narrows a key. NULL does not; an empty list is nowhere, or no voice."""

CHANGEABLE = LIMITS | {"name", "scopes", "expires_at"}
"""The tenant, the environment and the public id are for good."""

LAST_USED_RESOLUTION = timedelta(minutes=1)


class UnknownScope(ValueError):
    """A scope that does not exist was asked for; the message lists those that do."""


class KeyEnded(ValueError):
    """A revoked key stays as it is, and neither it nor an expired one gets another secret."""


def key_issue(
    *,
    tenant: Tenant,
    name: str,
    environment: str = "live",
    scopes: Sequence[str] = ALL_SCOPES,
    expires_at: datetime | None = None,
    actor: Actor = SYSTEM,
    **limits: Any,
) -> tuple[ApiKey, keys.KeyText]:
    """Make a key for `tenant` and return its row and its text, which nobody can read again afterwards.

    `limits` are fields of `LIMITS`. Raises `ValidationError` naming the field, and `UnknownScope`.
    """
    values = _cleaned({"scopes": scopes, **_known(limits, LIMITS)})
    pepper = pepper_current()
    generated = keys.generate(environment)
    row = ApiKey(
        tenant=tenant,
        name=name,
        environment=environment,
        public_id=generated.public_id,
        digest=keys.digest(generated.text, pepper.secret),
        pepper_number=pepper.number,
        expires_at=expires_at,
        created_by_id=actor.user_id,
        **values,
    )
    row.full_clean(exclude=["created_by"])
    with transaction.atomic():
        row.save(force_insert=True)
        audit_write(actor=actor, action="key.issue", target=row, tenant=tenant, after=audit_snapshot(row))
    return row, generated.text


def key_update(*, key: ApiKey, actor: Actor = SYSTEM, **values: Any) -> ApiKey:
    """Change fields of `CHANGEABLE`, effective on the next request in every process; returns the row as it is then.

    A limit above the tenant's is allowed and changes nothing. Raises `KeyEnded` for a revoked key, `ValidationError`
    naming the field, and `UnknownScope`.
    """
    changes = _cleaned(_known(values, CHANGEABLE))
    with transaction.atomic():
        row = key_lock(key=key)
        if row.revoked_at is not None:
            raise KeyEnded("this key is revoked")
        before = audit_snapshot(row)
        for name, value in changes.items():
            setattr(row, name, value)
        row.full_clean(exclude={field.name for field in ApiKey._meta.fields} - changes.keys())
        after = audit_snapshot(row)
        if after != before:
            row.save(update_fields=list(changes))
            audit_write(
                actor=actor, action="key.update", target=row, tenant=row.tenant, before=before, after=after
            )
    return row


def key_revoke(*, key: ApiKey, actor: Actor = SYSTEM) -> bool:
    """End a key for good, effective on the next request in every process. False when it was revoked already."""
    with transaction.atomic():
        now = timezone.now()
        revoked = bool(ApiKey.all_tenants.filter(pk=key.pk, revoked_at=None).update(revoked_at=now))
        if revoked:
            audit_write(
                actor=actor,
                action="key.revoke",
                target=key,
                tenant=key.tenant,
                after={"revoked_at": now.isoformat()},
            )
    return revoked


def key_mark_used(*, key: ApiKey, now: datetime) -> bool:
    """Note that a key let a request in, once a minute at most; whether it was noted."""
    stale = now - LAST_USED_RESOLUTION
    if key.last_used_at is not None and key.last_used_at >= stale:
        return False
    due = ApiKey.all_tenants.filter(Q(last_used_at=None) | Q(last_used_at__lt=stale), pk=key.pk)
    return bool(due.update(last_used_at=now))


def key_lock(*, key: ApiKey) -> ApiKey:
    """The row of `key` as it is now, its tenant with it, locked until the transaction ends."""
    # Not for its key: requests that point at the row may be inserted meanwhile.
    rows = ApiKey.all_tenants.select_related("tenant").select_for_update(of=("self",), no_key=True)
    return rows.get(pk=key.pk)


def _known(values: dict[str, Any], known: Iterable[str]) -> dict[str, Any]:
    unknown = values.keys() - set(known)
    if unknown:
        raise TypeError(f"no field of a key that can be set: {', '.join(sorted(unknown))}")
    return values


def _cleaned(values: dict[str, Any]) -> dict[str, Any]:
    cleaned = dict(values)
    if "scopes" in cleaned:
        cleaned["scopes"] = _scopes(cleaned["scopes"])
    if cleaned.get("allowed_addresses") is not None:
        try:
            cleaned["allowed_addresses"] = networks_clean(cleaned["allowed_addresses"])
        except ValidationError as problem:
            raise ValidationError({"allowed_addresses": problem}) from problem
    if cleaned.get("allowed_voices") is not None:
        cleaned["allowed_voices"] = sorted({voice.strip() for voice in cleaned["allowed_voices"]})
    return cleaned


def _scopes(scopes: Iterable[str]) -> list[str]:
    unknown = set(scopes) - set(ALL_SCOPES)
    if unknown:
        raise UnknownScope(f"unknown scopes: {', '.join(sorted(unknown))}; there are {', '.join(ALL_SCOPES)}")
    return sorted(set(scopes))
