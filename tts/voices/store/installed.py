"""What lies in the voices directory and among the voices that come with Voxgate, beside what could be had."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tts.voices.catalog import CatalogEntry, VoiceCatalog
from tts.voices.listing import list_voices
from tts.voices.store.catalogue import Catalogue, CatalogueVoice, CommercialUse
from tts.voices.store.integrity import changes_at_a_glance
from tts.voices.store.place import files_of
from tts.voices.store.records import VoiceRecord, read_record
from tts.voices.voice import VoiceState

AVAILABLE = "available"
"""The state of a voice that the catalogue has and the voices directory has not."""

_SETTLED_SECONDS = 3600.0

ADVICE = {
    VoiceState.READY: "",
    VoiceState.LOADING: "nothing to do: workers take it up within seconds",
    VoiceState.MISSING: "put the missing file beside the others, or install the voice again",
    VoiceState.CORRUPT: "install it again with --replace; `voices verify NAME` tells which file is damaged",
    VoiceState.INCOMPATIBLE: "use another export of the voice; `voices verify NAME` tells more",
    VoiceState.DISABLED: "switch it on in the admin's list of voices",
}
"""What to do about a voice in each state."""


@dataclass(frozen=True, slots=True)
class Row:
    """A model, as `voices list` shows it. `state` is a `VoiceState` or `available`; `size_bytes` is on disk, or of the
    download, None where nobody publishes it. `is_starter` voices lie with Voxgate's own files.

    Commands of the store take `name`. Requests take one of `voice_ids` as `voice`: one for each speaker, none where
    they are not known before the installation.
    """

    name: str
    voice_ids: tuple[str, ...]
    title: str
    family: str
    languages: tuple[str, ...]
    gender: str
    speakers: int
    sample_rate: int
    licence: str
    commercial_use: CommercialUse
    size_bytes: int | None
    state: str
    problem: str
    advice: str
    recommended: bool
    in_catalogue: bool
    is_starter: bool


@dataclass(frozen=True, slots=True)
class InstalledVoice:
    """A voice on disk: `directory` holds its pair or its folder, which for starters is Voxgate's own."""

    directory: Path
    entry: CatalogEntry
    record: VoiceRecord | None
    is_starter: bool

    @property
    def name(self) -> str:
        return self.entry.stem

    @property
    def size_bytes(self) -> int:
        return sum((self.directory / file).stat().st_size for file in files_of(self.directory, self.name))


def installed_voices(
    directory: Path, records: Path, *, starter_directory: Path | None, allow_fixture: bool = False
) -> Iterator[InstalledVoice]:
    """The voices of `directory`, then those shipped ones that none of them replaces. Raises OSError."""
    names = set()
    for entry in _scan(directory, allow_fixture):
        names.add(entry.stem)
        yield InstalledVoice(directory, entry, read_record(records, entry.stem), is_starter=False)
    if starter_directory is not None:
        for entry in _scan(starter_directory, allow_fixture):
            if entry.stem not in names:
                yield InstalledVoice(starter_directory, entry, None, is_starter=True)


def rows(installed: Iterable[InstalledVoice], catalogue: Catalogue) -> list[Row]:
    """Everything there is, in the order of names, then everything that could be installed, in the catalogue's."""
    there = [_installed_row(voice, catalogue.get(voice.name)) for voice in installed]
    names = {row.name for row in there}
    return there + [_available_row(voice) for voice in catalogue if voice.name not in names]


def _scan(directory: Path, allow_fixture: bool) -> Iterable[CatalogEntry]:
    # From an hour later every file has been left alone for long enough: one look has to do.
    return VoiceCatalog(
        directory, allow_fixture=allow_fixture, now=lambda: time.time() + _SETTLED_SECONDS
    ).scan()


def _checked(voice: InstalledVoice) -> CatalogEntry:
    """Its entry, as `corrupt` where its files are no longer those that were installed."""
    if voice.record is None or voice.entry.state is not VoiceState.READY:
        return voice.entry
    found = changes_at_a_glance(voice.directory, voice.record)
    return replace(voice.entry, state=VoiceState.CORRUPT, problem="; ".join(found)) if found else voice.entry


def _installed_row(voice: InstalledVoice, known: CatalogueVoice | None) -> Row:
    entry = _checked(voice)
    description = None if entry.config is None else entry.config.description
    licence = (description.licence if description else "") or (known.licence if known else "")
    return Row(
        name=voice.name,
        voice_ids=tuple(listed.info.id for listed in list_voices([entry], frozenset()))
        if description
        else (),
        title=(description.name if description else "") or (known.title if known else voice.name),
        family=str(description.family) if description else "",
        languages=description.languages if description else (),
        gender=description.speakers[0].gender if description and len(description.speakers) == 1 else "",
        speakers=len(description.speakers) if description else 1,
        sample_rate=description.sample_rate if description else 0,
        licence=licence,
        commercial_use=known.commercial_use if known else CommercialUse.UNCLEAR,
        size_bytes=voice.size_bytes,
        state=entry.state,
        problem=entry.problem,
        advice=ADVICE[entry.state],
        recommended=known is not None and known.recommended,
        in_catalogue=known is not None,
        is_starter=voice.is_starter,
    )


def _available_row(voice: CatalogueVoice) -> Row:
    return Row(
        name=voice.name,
        voice_ids=(),
        title=voice.title,
        family=str(voice.family),
        languages=voice.languages,
        gender=voice.gender,
        speakers=voice.speakers,
        sample_rate=voice.sample_rate,
        licence=voice.licence,
        commercial_use=voice.commercial_use,
        size_bytes=voice.size_bytes,
        state=AVAILABLE,
        problem="",
        advice="",
        recommended=voice.recommended,
        in_catalogue=True,
        is_starter=False,
    )
