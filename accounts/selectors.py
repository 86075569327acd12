"""Reading accounts: who a key belongs to, who anonymous callers are."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from accounts import keys
from accounts.key_lookup import find_key, find_tenant
from accounts.limits.effective import EffectiveLimits, lowest
from accounts.limits.names import KEY_LIMITS, Limit
from accounts.models import ApiKey, Tenant
from accounts.networks import is_within
from accounts.peppers import pepper_current, pepper_numbered
from accounts.scopes import ANONYMOUS_SCOPES


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf a request acts; `key` is None for callers without credentials."""

    tenant: Tenant
    key: ApiKey | None
    scopes: frozenset[str]
    limits: EffectiveLimits

    @property
    def key_label(self) -> str:
        return "anonymous" if self.key is None else self.key.label

    @property
    def allowed_voices(self) -> frozenset[str] | None:
        """Ids of the voices it may ask for; None for all."""
        lists = [self.tenant.allowed_voices, None if self.key is None else self.key.allowed_voices]
        allowed = [frozenset(voices) for voices in lists if voices is not None]
        return frozenset.intersection(*allowed) if allowed else None

    def key_limit(self, limit: Limit) -> int | None:
        """The key's own limit; None where it has none."""
        if self.key is None or limit not in KEY_LIMITS:
            return None
        value: int | None = getattr(self.key, limit.value)
        return value

    def limit(self, limit: Limit) -> int | None:
        """The lowest enforced limit of tenant and key; None for unlimited."""
        return lowest(self.limits.of(limit), self.key_limit(limit))

    def may_come_from(self, address: str | None) -> bool:
        """Whether the key's list of addresses allows this one. An unknown address is on no list."""
        allowed = None if self.key is None else self.key.allowed_addresses
        return allowed is None or (address is not None and is_within(address, allowed))


def caller_by_key(*, text: str, now: datetime) -> Caller | None:
    """Who holds the key `text`, or None for every kind of key that is not good. One query.

    A malformed key costs no query. Two digests are computed and compared whatever there is on record, an unknown id
    included, so that the time taken does not tell which ids exist or which keys are being rotated.
    """
    parsed = keys.parse(text)
    if parsed is None:
        return None
    found = find_key(parsed.public_id)
    row = None if found is None else found.key
    if not _is_good(row, parsed, now) or found is None or row is None:
        return None
    return Caller(found.tenant, row, frozenset(row.scopes), found.tenant.plan.limits(found.exceptions))


_NO_KEY = ApiKey()
"""Stands for an id that is not on record, so that it costs no more and no less."""


def _is_good(row: ApiKey | None, parsed: keys.ParsedKey, now: datetime) -> bool:
    found = row or _NO_KEY
    current = _matches(parsed, found.digest, found.pepper_number)
    previous = _matches(parsed, found.previous_digest, found.previous_pepper_number)
    if row is None or row.environment != parsed.environment or not row.is_usable(now):
        return False
    return current or (previous and row.previous_until is not None and now < row.previous_until)


def _matches(parsed: keys.ParsedKey, expected: str, pepper_number: int | None) -> bool:
    pepper = None if pepper_number is None else pepper_numbered(pepper_number)
    computed = keys.digest(parsed.text, (pepper or pepper_current()).secret)
    known = expected if pepper is not None and expected else "0" * len(computed)
    return keys.digests_match(computed, known)


def key_by_public_id(*, text: str) -> ApiKey | None:
    """The key, of whichever tenant, whose id, label or whole text this is. For operators; it proves nothing."""
    rows = ApiKey.all_tenants.select_related("tenant")
    return rows.filter(public_id=keys.public_id_of(text)).first()


def caller_anonymous() -> Caller | None:
    """The tenant that callers without credentials act as, or None where that is off."""
    slug = settings.VOXGATE_ANONYMOUS_TENANT
    if not slug:
        return None
    found = find_tenant(slug)
    if found is None:
        return None
    return Caller(found.tenant, None, ANONYMOUS_SCOPES, found.tenant.plan.limits(found.exceptions))
