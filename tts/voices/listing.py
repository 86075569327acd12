"""Which voices there are, and which of them a sentence gets."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from tts.engines.base import NoVoice
from tts.engines.onnx.piper_config import PhonemeType
from tts.voices.catalog import CatalogEntry
from tts.voices.language import language_family
from tts.voices.voice import VoiceInfo, VoiceState

ENGINE = "onnx"
STANDARD_SPEAKERS = 4
_USABLE = (VoiceState.READY, VoiceState.LOADING)
_SPEAKER_NAME = re.compile(r"[A-Za-z0-9._+-]{1,64}")


@dataclass(frozen=True, slots=True)
class ListedVoice:
    """A voice: speaker number `speaker` of the model with file stem `stem`. `families` are the primary
    language subtags it can read, its own first."""

    info: VoiceInfo
    stem: str
    speaker: int
    families: tuple[str, ...]


def list_voices(entries: Iterable[CatalogEntry], disabled: frozenset[str]) -> tuple[ListedVoice, ...]:
    """The voices of `entries`, in the order of entries and speakers; those whose id is in `disabled` say so.

    The first four usable voices of a language stand for the standard speakers 0–3.
    """
    places: Counter[str] = Counter()
    voices = []
    for voice in (voice for entry in entries for voice in _voices_of(entry)):
        info = voice.info
        if info.state in _USABLE and info.id in disabled:
            info = replace(info, state=VoiceState.DISABLED, problem="switched off by an operator")
        if info.state in _USABLE:
            place = places[voice.families[0]]
            places[voice.families[0]] += 1
            info = replace(info, speaker_id=place if place < STANDARD_SPEAKERS else None)
        voices.append(replace(voice, info=info))
    return tuple(voices)


def choose(
    voices: Sequence[ListedVoice], language: str, speaker_id: int, voice_id: str | None
) -> ListedVoice:
    """The voice that speaks a sentence in `language` (BCP 47).

    `voice_id` asks for one voice, which may read other languages than its own: voices that take espeak-ng
    phonemes read English too. Otherwise it is number `speaker_id` of the language's usable voices, counted
    round and round. Raises `NoVoice` where that voice does not exist, is not ready or cannot read the
    language.
    """
    family = language_family(language)
    if voice_id is None:
        own = (voice for voice in voices if voice.families[:1] == (family,))
        usable = [voice for voice in own if voice.info.state in _USABLE]
        if not usable:
            raise NoVoice(f"no voice for {family}")
        chosen = usable[speaker_id % len(usable)]
    else:
        named = next((voice for voice in voices if voice.info.id == voice_id), None)
        if named is None:
            raise NoVoice("no voice of that id")
        if named.info.state in _USABLE and family not in named.families:
            raise NoVoice(f"voice {named.info.id} does not read {family}")
        chosen = named
    if chosen.info.state is not VoiceState.READY:
        raise NoVoice(f"voice {chosen.info.id} is {chosen.info.state}")
    return chosen


def _voices_of(entry: CatalogEntry) -> Iterator[ListedVoice]:
    config = entry.config
    if config is None:
        # Without its configuration a voice has no language, so no request is ever routed to it.
        yield ListedVoice(_info(entry, entry.stem, entry.stem), entry.stem, 0, ("",))
        return
    own = language_family(config.language)
    reads_english = config.phoneme_type is PhonemeType.ESPEAK and own != "en"
    families = (own, "en") if reads_english else (own,)
    name = (config.name or entry.stem)[:120]
    if len(config.speakers) == 1:
        yield ListedVoice(_info(entry, entry.stem, name), entry.stem, 0, families)
        return
    for speaker, label in enumerate(_speaker_labels(config.speakers)):
        info = _info(entry, f"{entry.stem}:{label}", f"{name} {label}")
        yield ListedVoice(info, entry.stem, speaker, families)


def _info(entry: CatalogEntry, voice_id: str, name: str) -> VoiceInfo:
    config = entry.config
    return VoiceInfo(
        id=voice_id,
        name=name,
        languages=() if config is None else (config.language,),
        gender="" if config is None else config.gender,
        engine=ENGINE,
        sample_rate=0 if config is None else config.sample_rate,
        licence="" if config is None else config.licence,
        speaker_id=None,
        state=entry.state,
        problem=entry.problem,
    )


def _speaker_labels(names: Sequence[str]) -> Sequence[str]:
    """The names where all can be part of an id, else the numbers."""
    if all(_SPEAKER_NAME.fullmatch(name) for name in names):
        return names
    return [str(number) for number in range(len(names))]
