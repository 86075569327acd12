"""Reading accounts: who a key belongs to, who anonymous callers are."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from accounts import keys
from accounts.models import ApiKey, Tenant
from accounts.peppers import pepper_current, pepper_numbered
from accounts.scopes import ANONYMOUS_SCOPES

LAST_USED_RESOLUTION = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf a request acts; `key` is None for callers without credentials."""

    tenant: Tenant
    key: ApiKey | None
    scopes: frozenset[str]

    @property
    def key_label(self) -> str:
        return "anonymous" if self.key is None else self.key.label


def caller_by_key(*, text: str, now: datetime) -> Caller | None:
    """Who holds the key `text`, or None for every kind of key that is not good.

    A malformed key costs no query. An unknown id costs one HMAC all the same, so that the time taken does not
    tell which ids exist.
    """
    parsed = keys.parse(text)
    if parsed is None:
        return None
    row = ApiKey.objects.select_related("tenant").filter(public_id=parsed.public_id).first()
    pepper = pepper_numbered(row.pepper_number) if row is not None else None
    computed = keys.digest(parsed.text, (pepper or pepper_current()).secret)
    expected = row.digest if row is not None and pepper is not None else "0" * len(computed)
    if not keys.digests_match(computed, expected) or row is None:
        return None
    if row.environment != parsed.environment or not row.is_usable(now):
        return None
    _touch(row, now)
    return Caller(row.tenant, row, frozenset(row.scopes))


def _touch(row: ApiKey, now: datetime) -> None:
    stale = now - LAST_USED_RESOLUTION
    if row.last_used_at is None or row.last_used_at < stale:
        ApiKey.objects.filter(Q(last_used_at=None) | Q(last_used_at__lt=stale), pk=row.pk).update(
            last_used_at=now
        )


def caller_anonymous() -> Caller | None:
    """The tenant that callers without credentials act as, or None where that is off."""
    slug = settings.VOXGATE_ANONYMOUS_TENANT
    tenant = Tenant.objects.filter(slug=slug).first() if slug else None
    return None if tenant is None else Caller(tenant, None, ANONYMOUS_SCOPES)
