"""Pages of a tenant's requests, newest first, as the API lists them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.keys import public_id_of
from accounts.models import ApiKey, Tenant
from tts.engines.chain import Fallback
from tts.models import SynthesisRequest

ANY_FALLBACK = "any"
"""Whatever the reason was that the fallback engine spoke."""


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """Which requests are wanted; None for all of them.

    `voice` and `engine` are those that spoke, `key` is a key's id with or without what comes before it. `received_from`
    is included, `received_before` is not. `search` is a whole id, a whole X-Request-ID or a whole reference.
    """

    status: SynthesisRequest.Status | None = None
    voice: str | None = None
    engine: str | None = None
    fallback: str | None = None
    key: str | None = None
    reference: str | None = None
    received_from: datetime | None = None
    received_before: datetime | None = None
    search: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the last request on it."""

    created_at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class RequestsPage:
    """Requests with their attempts, without their texts; `next` is where the page after it begins, if there is one."""

    rows: Sequence[SynthesisRequest]
    next: Place | None


def requests_page(*, tenant: Tenant, wanted: RequestFilter, after: Place | None, limit: int) -> RequestsPage:
    """The `limit` newest requests of `wanted` that come after the place `after`.

    Takes as long for the last page as for the first. Two queries, one more for `key` and for `search`.
    """
    rows = _filtered(tenant, wanted)
    if after is not None:
        earlier = Q(created_at__lt=after.created_at) | Q(created_at=after.created_at, id__lt=after.id)
        # The first condition is what the index is asked for.
        rows = rows.filter(earlier, created_at__lte=after.created_at)
    newest = rows.order_by("-created_at", "-id").defer("text").prefetch_related("attempts")
    found = list(newest[: limit + 1])
    last = found[limit - 1] if len(found) > limit else None
    return RequestsPage(found[:limit], None if last is None else Place(last.created_at, last.id))


def _filtered(tenant: Tenant, wanted: RequestFilter) -> QuerySet[SynthesisRequest]:
    exact = {
        "status": wanted.status,
        "voice_used": wanted.voice,
        "engine_used": wanted.engine,
        "reference": wanted.reference,
        "created_at__gte": wanted.received_from,
        "created_at__lt": wanted.received_before,
    }
    own = SynthesisRequest.objects.of(tenant)
    rows = own.filter(**{column: value for column, value in exact.items() if value is not None})
    if wanted.fallback == ANY_FALLBACK:
        rows = rows.exclude(fallback__in=("", Fallback.NONE.value))
    elif wanted.fallback is not None:
        rows = rows.filter(fallback=wanted.fallback)
    if wanted.key is not None:
        keys = ApiKey.objects.of(tenant).filter(public_id=public_id_of(wanted.key))
        # Its primary key, not a join: that is what the index has.
        rows = rows.filter(api_key_id__in=list(keys.values_list("pk", flat=True)))
    return rows if wanted.search is None else _searched(rows, own, wanted.search)


def _searched(
    rows: QuerySet[SynthesisRequest], own: QuerySet[SynthesisRequest], term: str
) -> QuerySet[SynthesisRequest]:
    """By ids first: an OR of all three would walk the whole history."""
    ids = Q(request_id=term)
    identifier = _uuid_or_none(term)
    if identifier is not None:
        ids |= Q(pk=identifier)
    return rows.filter(ids) if own.filter(ids).exists() else rows.filter(reference=term)


def _uuid_or_none(term: str) -> UUID | None:
    try:
        return UUID(term)
    except ValueError:
        return None
