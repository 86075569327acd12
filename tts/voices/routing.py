"""Which voice speaks which stretch of a sentence."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from tts.engines.base import NoVoice, SpeechTask
from tts.text.types import Run, Sentence
from tts.voices.description import STANDARD_SPEAKERS
from tts.voices.language import language_family
from tts.voices.listing import ListedVoice
from tts.voices.routes import NO_ROUTES, Routes
from tts.voices.standard import STANDARD_GENDERS, standard_voices
from tts.voices.voice import VoiceState

SHORT_RUN_LETTERS = 2
"""So few foreign letters (`A股`, `T恤`) stay with the voice of the sentence if it can read them at all: another voice
for one letter sounds worse than an accent."""


@dataclass(frozen=True, slots=True)
class Part:
    """Neighbouring runs of a sentence that one voice speaks in one go."""

    voice: ListedVoice
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True, eq=False)
class VoiceIndex:
    """The voices of one moment, ready to be asked who speaks what."""

    voices: tuple[ListedVoice, ...] = ()
    _by_id: Mapping[str, ListedVoice] = field(default_factory=dict)
    _standard: Mapping[str, tuple[ListedVoice, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, voices: Sequence[ListedVoice]) -> "VoiceIndex":
        families = dict.fromkeys(family for voice in voices for family in voice.speaks)
        standard = {
            family: standard_voices([voice for voice in _natives(voices, family) if voice.usable])
            for family in families
        }
        return cls(tuple(voices), {voice.info.id: voice for voice in voices}, standard)

    def only(self, allowed: frozenset[str] | None) -> "VoiceIndex":
        """As if there were no voices but those of these ids; None allows all."""
        return self if allowed is None else _only(self, allowed)

    def plan(self, sentence: Sentence, task: SpeechTask) -> tuple[Part, ...]:
        """Who speaks `sentence`, part by part, in order: of the voices that `task` allows.

        The voice asked for, or else the standard speaker's voice of the sentence's language, speaks all that is native
        to it; a stretch in another language goes to the speaker's voice of that language, and only where there is none
        is it read with an accent. Raises `NoVoice` where a stretch can be read by nobody who is ready.
        """
        index = self.only(task.allowed_voices)
        main = index.choose(sentence.language, task.speaker_id, task.voice, task.routes)
        speaker = task.speaker_id if task.voice is None else _standard_of(main)
        parts: list[Part] = []
        for run in sentence.spans():
            voice = index._voice_of_run(run, main, speaker, task.routes)
            if parts and parts[-1].voice is voice:
                parts[-1] = Part(voice, (*parts[-1].runs, run))
            else:
                parts.append(Part(voice, (run,)))
        return tuple(parts)

    def choose(
        self, language: str, speaker_id: int, voice_id: str | None = None, routes: Routes = NO_ROUTES
    ) -> ListedVoice:
        """The voice for a text in `language` (BCP 47).

        `voice_id` asks for one voice, which must be able to read some of any text in that language. Otherwise it is
        what `routes` name, if that can speak the language now, or the language's standard voice for the speaker.
        Raises `NoVoice` where that voice does not exist, is not ready or cannot read the language.
        """
        family = language_family(language)
        if voice_id is not None:
            return self._named(voice_id, family)
        routed = self._by_id.get(routes.get((family, speaker_id), ""))
        if routed is not None and _speaks_now(routed, family):
            return routed
        standard = self._standard.get(family, ())
        if not standard:
            raise NoVoice(f"no voice for {family}")
        return _or_stand_in(standard[speaker_id % STANDARD_SPEAKERS], standard)

    def _named(self, voice_id: str, family: str) -> ListedVoice:
        named = self._by_id.get(voice_id)
        if named is None:
            raise NoVoice("no voice of that id")
        if named.usable and family not in (*named.speaks, *named.reads):
            raise NoVoice(f"voice {named.info.id} does not read {family}")
        if named.info.state is not VoiceState.READY:
            raise NoVoice(f"voice {named.info.id} is {named.info.state}")
        return named

    def _voice_of_run(self, run: Run, main: ListedVoice, speaker: int, routes: Routes) -> ListedVoice:
        family = language_family(run.language)
        if family in main.speaks:
            return main
        can_read = family in main.reads
        if can_read and sum(map(str.isalpha, run.text)) <= SHORT_RUN_LETTERS:
            return main
        try:
            return self.choose(run.language, speaker, None, routes)
        except NoVoice:
            if can_read:
                return main
            raise


@lru_cache(maxsize=64)
def _only(index: VoiceIndex, allowed: frozenset[str]) -> VoiceIndex:
    """Kept for the lists in use: a model may have a thousand speakers, and each sentence asks."""
    return VoiceIndex.of([voice for voice in index.voices if voice.info.id in allowed])


def _natives(voices: Sequence[ListedVoice], family: str) -> Iterator[ListedVoice]:
    """Voices whose main language it is; where there are none, those that speak it beside another."""
    own = [voice for voice in voices if voice.family == family]
    usable = any(voice.usable for voice in own)
    return iter(own if usable else [voice for voice in voices if family in voice.speaks])


def _speaks_now(voice: ListedVoice, family: str) -> bool:
    return voice.info.state is VoiceState.READY and family in (*voice.speaks, *voice.reads)


def _or_stand_in(voice: ListedVoice, others: Sequence[ListedVoice]) -> ListedVoice:
    """`voice`, or while it loads another of its gender. Raises `NoVoice`."""
    if voice.info.state is VoiceState.READY:
        return voice
    for other in others:
        if (
            other.info.state is VoiceState.READY
            and voice.info.gender
            and other.info.gender == voice.info.gender
        ):
            return other
    raise NoVoice(f"voice {voice.info.id} is {voice.info.state}")


def _standard_of(voice: ListedVoice) -> int:
    """The standard speaker most like a voice."""
    if voice.info.speaker_id is not None:
        return voice.info.speaker_id
    if voice.standard is not None:
        return voice.standard
    return STANDARD_GENDERS.index(voice.info.gender) if voice.info.gender in STANDARD_GENDERS else 0
