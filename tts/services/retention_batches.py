"""The batches of retention for one tenant, each a short transaction of its own."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from tts.models import SynthesisRequest
from tts.services.erasure import AudioNotRemoved, audio_remove
from tts.services.retention_policy import Policy

BATCH_ROWS = 500
REFUSALS_IN_A_ROW, REFUSALS_SECONDS = 3, 30.0
"""Storage that refused so many files one after the other, and took so long over it, is away: it is left alone. What it
refuses quickly is passed over, lest a few bad files keep all younger ones."""


@dataclass(slots=True)
class Removed:
    """Counts: texts and audio files, bytes of those files, whole requests, files that storage refused to delete, and
    tenants whose other files were not tried after that.
    """

    texts: int = 0
    audios: int = 0
    bytes: int = 0
    requests: int = 0
    failures: int = 0
    given_up: int = 0

    def __bool__(self) -> bool:
        return any(getattr(self, one.name) for one in fields(self))

    def add(self, other: "Removed") -> None:
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


class _Place(NamedTuple):
    """Where the batch before ended: what it left, because storage refused or somebody holds it, is not met again."""

    created_at: datetime
    id: UUID


class _File(NamedTuple):
    id: UUID
    created_at: datetime
    name: str
    bytes: int | None


@dataclass(slots=True)
class Patience:
    """With a storage that refuses: how often and since when it has done so without deleting anything."""

    clock: Callable[[], float] = field(default=time.monotonic)
    refused: int = 0
    since: float = 0.0

    def heed(self, *, refused: bool, began: float) -> None:
        """Storage was asked at `began` and has answered now."""
        if not refused:
            self.refused = 0
            return
        self.since = self.since if self.refused else began
        self.refused += 1

    @property
    def is_over(self) -> bool:
        return self.refused >= REFUSALS_IN_A_ROW and self.clock() - self.since >= REFUSALS_SECONDS


@dataclass(frozen=True, slots=True)
class Batches:
    """What a policy removes of its tenant, batch by batch.

    `is_late` is asked between two files, which may take long: when it is true, the batch ends there. `patience` may be
    shared by tenants whose files lie in one storage.
    """

    policy: Policy
    rows: int = BATCH_ROWS
    patience: Patience = field(default_factory=Patience)
    is_late: Callable[[], bool] = field(default=lambda: False)

    def audio(self) -> Iterator[Removed]:
        """Files; rows no longer point at them after each batch. Ends early when storage is away."""
        before, place = self.policy.audio_before, None
        while before is not None:
            found = self._files(before, place)
            if not found:
                return
            place = _Place(found[-1].created_at, found[-1].id)
            removed = self._remove_files(found)
            yield removed
            if removed.given_up:
                return

    def texts(self) -> Iterator[Removed]:
        before, place = self.policy.texts_before, None
        while before is not None:
            with transaction.atomic():
                found = self._take(self._ended(before, place).exclude(text=""))
                self._own([one.id for one in found]).update(text="")
            if not found:
                return
            place = found[-1]
            yield Removed(texts=len(found))

    def requests(self) -> Iterator[Removed]:
        """With attempts, events and keys of idempotency; what repeats them forgets which request that was."""
        before, place = self.policy.requests_before, None
        while before is not None:
            with transaction.atomic():
                found = self._take(self._ended(before, place).filter(text="", audio=""))
                self._own([one.id for one in found]).only("pk").delete()
            if not found:
                return
            place = found[-1]
            yield Removed(requests=len(found))

    def _files(self, before: datetime, place: _Place | None) -> list[_File]:
        rows = self._ended(before, place).exclude(audio="")
        found = rows.values_list("id", "created_at", "audio", "audio_bytes")
        return [_File(*values) for values in found[: self.rows]]

    def _remove_files(self, found: list[_File]) -> Removed:
        # Without a lock on the rows, since storage may be far away. Rows that have ended lose their audio only.
        gone: list[_File] = []
        done = Removed()
        for file in found:
            if self.is_late():
                break
            if self.patience.is_over:
                done.given_up = 1
                break
            began = self.patience.clock()
            try:
                audio_remove(name=file.name)
            except AudioNotRemoved:
                done.failures += 1
                self.patience.heed(refused=True, began=began)
            else:
                gone.append(file)
                self.patience.heed(refused=False, began=began)
        self._own([file.id for file in gone]).update(audio="")
        done.audios, done.bytes = len(gone), sum(file.bytes or 0 for file in gone)
        return done

    def _ended(self, before: datetime, place: _Place | None) -> QuerySet[SynthesisRequest]:
        rows = SynthesisRequest.objects.of(self.policy.tenant_id).filter(created_at__lt=before)
        if place is not None:
            after = Q(created_at__gt=place.created_at) | Q(created_at=place.created_at, id__gt=place.id)
            # The first condition is what the index is asked for.
            rows = rows.filter(after, created_at__gte=place.created_at)
        return rows.exclude(status__in=SynthesisRequest.UNFINISHED).order_by("created_at", "id")

    def _take(self, rows: QuerySet[SynthesisRequest]) -> list[_Place]:
        """Lock the first of `rows`, except those that somebody else holds."""
        locked = rows.select_for_update(skip_locked=True).values_list("created_at", "id")
        return [_Place(*values) for values in locked[: self.rows]]

    def _own(self, ids: list[UUID]) -> QuerySet[SynthesisRequest]:
        return SynthesisRequest.objects.of(self.policy.tenant_id).filter(pk__in=ids)
