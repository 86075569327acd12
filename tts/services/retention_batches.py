"""The batches of retention for one tenant, each a short transaction of its own."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import BooleanField, Case, ExpressionWrapper, F, Q, QuerySet, TextField, Value, When

from tts.models import SynthesisRequest
from tts.services.erasure import AudioNotRemoved, audio_remove
from tts.services.retention_policy import Policy

BATCH_ROWS = 500


@dataclass(slots=True)
class Removed:
    """Counts: texts and audio files, bytes of those files, whole requests, and files that storage refused to delete."""

    texts: int = 0
    audios: int = 0
    bytes: int = 0
    requests: int = 0
    failures: int = 0

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
    has_text: bool


@dataclass(frozen=True, slots=True)
class Batches:
    """What a policy removes of its tenant, batch by batch."""

    policy: Policy
    rows: int = BATCH_ROWS

    def all(self) -> Iterator[Removed]:
        """Files, then texts, then requests without either."""
        yield from self.audio()
        yield from self.texts()
        yield from self.requests()

    def audio(self) -> Iterator[Removed]:
        before, place = self.policy.audio_before, None
        while before is not None:
            found = self._files(before, place)
            if not found:
                return
            place = _Place(found[-1].created_at, found[-1].id)
            yield self._remove_files(found)

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
        has_text = ExpressionWrapper(~Q(text=""), output_field=BooleanField())
        rows = self._ended(before, place).exclude(audio="").annotate(has_text=has_text)
        found = rows.values_list("id", "created_at", "audio", "audio_bytes", "has_text")
        return [_File(*values) for values in found[: self.rows]]

    def _remove_files(self, found: list[_File]) -> Removed:
        # Without a lock on the rows, since storage may be far away. Rows that have ended lose their audio only.
        gone, failures = [], 0
        for file in found:
            try:
                audio_remove(name=file.name)
                gone.append(file)
            except AudioNotRemoved:
                failures += 1
        self._own([file.id for file in gone]).update(audio="", text=self._text_left())
        texts = sum(file.has_text and self._is_past_text(file) for file in gone)
        return Removed(texts, len(gone), sum(file.bytes or 0 for file in gone), failures=failures)

    def _is_past_text(self, file: _File) -> bool:
        before = self.policy.texts_before
        return before is not None and file.created_at < before

    def _text_left(self) -> Case:
        """In the same statement, where that is due as well: changing a row twice would cost twice."""
        before = self.policy.texts_before
        due = [] if before is None else [When(created_at__lt=before, then=Value(""))]
        return Case(*due, default=F("text"), output_field=TextField())

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
