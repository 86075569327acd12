"""Requests that point at a file which storage does not have."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.core.files.storage import Storage
from django.db.models import Q

from accounts.models import Tenant
from tts.models import SynthesisRequest
from tts.models.request import audio_storage
from tts.services.walking import folder_of, names_in

BATCH_ROWS = 500


@dataclass(slots=True)
class Missing:
    """Counts of rows: looked at, without their file, and of those the ones that no longer point at it."""

    rows: int = 0
    missing: int = 0
    repaired: int = 0


@dataclass(slots=True)
class _Names:
    """The names in one folder of a storage, the last one asked for: rows of a day share one."""

    storage: Storage
    folder: str | None = None
    names: frozenset[str] = field(default=frozenset())

    def has(self, name: str) -> bool:
        if folder_of(name) != self.folder:
            self.folder, self.names = folder_of(name), names_in(self.storage, folder_of(name))
        # What came or went since the folder was listed is asked for by itself.
        return name in self.names or self.storage.exists(name)


def tenants_with_missing(*, found: Missing, after: str = "", repair: bool = False) -> Iterator[str]:
    """Look at the requests with audio of each tenant and add them up in `found`; with `repair`, those without their
    file point at none afterwards, and answer that it is no longer kept.

    After every few hundred rows it tells the id of the last tenant that is done; it begins after the tenant `after`.
    """
    tenants = Tenant.objects.order_by("pk")
    if after:
        tenants = tenants.filter(pk__gt=UUID(after))
    done = after
    for tenant_id in tenants.values_list("pk", flat=True):
        for _ in _look_at(tenant_id, found, repair):
            yield done
        done = str(tenant_id)


def _look_at(tenant_id: UUID, found: Missing, repair: bool) -> Iterator[None]:
    own = SynthesisRequest.objects.of(tenant_id)
    names = _Names(audio_storage())
    with_audio = own.exclude(audio="").order_by("created_at", "id")
    rows = with_audio
    while batch := list(rows.values_list("pk", "created_at", "audio")[:BATCH_ROWS]):
        for pk, _, name in batch:
            found.rows += 1
            # Retention may have been there first.
            if names.has(name) or not own.filter(pk=pk, audio=name).exists():
                continue
            found.missing += 1
            if repair:
                found.repaired += own.filter(pk=pk, audio=name).update(audio="")
        pk, at, _ = batch[-1]
        later = Q(created_at__gt=at) | Q(created_at=at, pk__gt=pk)
        # The first condition is what the index is asked for.
        rows = with_audio.filter(later, created_at__gte=at)
        yield
