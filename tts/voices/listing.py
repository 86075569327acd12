"""Which voices there are: one for each speaker of each model."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from tts.voices.catalog import CatalogEntry
from tts.voices.description import Speaker, VoiceDescription
from tts.voices.language import language_family
from tts.voices.standard import standard_voices
from tts.voices.voice import VoiceInfo, VoiceState

ENGINE = "onnx"
USABLE = (VoiceState.READY, VoiceState.LOADING)
_SPEAKER_NAME = re.compile(r"[A-Za-z0-9._+-]{1,64}")


@dataclass(frozen=True, slots=True)
class ListedVoice:
    """A voice: speaker number `speaker` of the model with file stem `stem`.

    `speaks` are the primary subtags of the languages native to it, its main one first, `reads` those it can read when
    no native voice is there. `standard` is the standard speaker it was made for.
    """

    info: VoiceInfo
    stem: str
    speaker: int
    speaks: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    standard: int | None = None
    starter: bool = False

    @property
    def family(self) -> str:
        """The primary subtag of its main language, empty where that is unknown."""
        return self.speaks[0] if self.speaks else ""

    @property
    def usable(self) -> bool:
        return self.info.state in USABLE


def list_voices(entries: Iterable[CatalogEntry], disabled: frozenset[str]) -> tuple[ListedVoice, ...]:
    """The voices of `entries`, in the order of entries and speakers; those whose id is in `disabled` say so.

    Those that stand for a standard speaker of their main language (see `standard_voices`) carry its number.
    """
    voices = [_switched(voice, disabled) for entry in entries for voice in _voices_of(entry)]
    numbers: dict[str, int] = {}
    for family in dict.fromkeys(voice.family for voice in voices if voice.family):
        own = [voice for voice in voices if voice.family == family and voice.usable]
        for number, voice in enumerate(standard_voices(own)):
            numbers.setdefault(voice.info.id, number)
    return tuple(
        replace(voice, info=replace(voice.info, speaker_id=numbers.get(voice.info.id))) for voice in voices
    )


def _switched(voice: ListedVoice, disabled: frozenset[str]) -> ListedVoice:
    if not (voice.usable and voice.info.id in disabled):
        return voice
    info = replace(voice.info, state=VoiceState.DISABLED, problem="switched off by an operator")
    return replace(voice, info=info)


def _voices_of(entry: CatalogEntry) -> Iterator[ListedVoice]:
    if entry.config is None:
        # Without its configuration a voice has no language, so no request is ever routed to it.
        yield ListedVoice(_info(entry, entry.stem, entry.stem, (), None), entry.stem, 0)
        return
    description = entry.config.description
    name = (description.name or entry.stem)[:120]
    if len(description.speakers) == 1:
        yield _listed(entry, description, 0, entry.stem, name)
        return
    for number, label in enumerate(_speaker_labels(description.speakers)):
        yield _listed(entry, description, number, f"{entry.stem}:{label}", f"{name} {label}")


def _listed(
    entry: CatalogEntry, description: VoiceDescription, number: int, voice_id: str, name: str
) -> ListedVoice:
    speaker = description.speakers[number]
    languages = description.languages_of(number)
    speaks = tuple(dict.fromkeys(map(language_family, languages)))
    return ListedVoice(
        info=_info(entry, voice_id, name, languages, speaker),
        stem=entry.stem,
        speaker=number,
        speaks=speaks,
        reads=tuple(family for family in description.also_reads if family not in speaks),
        standard=speaker.standard,
        starter=description.starter,
    )


def _info(
    entry: CatalogEntry, voice_id: str, name: str, languages: tuple[str, ...], speaker: Speaker | None
) -> VoiceInfo:
    description = None if entry.config is None else entry.config.description
    return VoiceInfo(
        id=voice_id,
        name=name,
        languages=languages,
        gender="" if speaker is None else speaker.gender,
        engine=ENGINE,
        sample_rate=0 if description is None else description.sample_rate,
        licence="" if description is None else description.licence,
        speaker_id=None,
        state=entry.state,
        problem=entry.problem,
    )


def _speaker_labels(speakers: Sequence[Speaker]) -> Sequence[str]:
    """The names where all can be part of an id, else the numbers."""
    names = [speaker.name for speaker in speakers]
    if all(_SPEAKER_NAME.fullmatch(name) for name in names):
        return names
    return [str(number) for number in range(len(names))]
