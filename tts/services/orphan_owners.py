"""Whose files the storages hold: what a file's name says, and which row should point at it."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from django.core.files.storage import Storage

from tts.models import SynthesisRequest, UsageExport
from tts.models.export import export_storage
from tts.models.request import audio_storage
from tts.services.exports import SIDE_FILE
from tts.services.exports import UNFINISHED as UNFINISHED_EXPORTS

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Owned:
    """What a row says of its file: its name, empty for none, and whether it may still be writing one."""

    name: str
    is_unfinished: bool


class Owners(Protocol):
    """The rows that a storage's files belong to."""

    kind: str

    def storage(self) -> Storage:
        """Where the files are."""

    def id_of(self, name: str) -> UUID | None:
        """The id that a file's name carries; None for a file that is not ours."""

    def rows(self, ids: Collection[UUID]) -> dict[UUID, Owned]:
        """The rows of these ids, as far as there are any."""


class AudioOwners:
    """Requests and their audio: `<tenant>/<year>/<month>/<day>/<request>-<claim>.<format>`."""

    kind = "audio"

    def storage(self) -> Storage:
        return audio_storage()

    def id_of(self, name: str) -> UUID | None:
        return _first_id(name.rpartition("/")[2])

    def rows(self, ids: Collection[UUID]) -> dict[UUID, Owned]:
        found = SynthesisRequest.all_tenants.filter(pk__in=ids).values_list("pk", "audio", "status")
        return {pk: Owned(name, status in SynthesisRequest.UNFINISHED) for pk, name, status in found}


class ExportOwners:
    """Usage exports and their files: `<tenant>/<export>/<file name>`, with a side file beside each."""

    kind = "exports"

    def storage(self) -> Storage:
        return export_storage()

    def id_of(self, name: str) -> UUID | None:
        # The tenant's id may come before it.
        return _first_id("/".join(name.split("/")[1:]))

    def rows(self, ids: Collection[UUID]) -> dict[UUID, Owned]:
        found = UsageExport.all_tenants.filter(pk__in=ids).values_list("pk", "file", "status")
        return {pk: Owned(name, status in UNFINISHED_EXPORTS) for pk, name, status in found}


OWNERS: Sequence[Owners] = (AudioOwners(), ExportOwners())


def is_its_file(name: str, owned: Owned) -> bool:
    """Whether a row points at this file, or at the one that it is a side file of."""
    return bool(owned.name) and name in (owned.name, f"{owned.name}{SIDE_FILE}")


def _first_id(text: str) -> UUID | None:
    match = _UUID.search(text)
    return None if match is None else UUID(match[0])
