"""Which of a language's voices stand for the four standard speakers."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from tts.voices.description import STANDARD_SPEAKERS
from tts.voices.voice import VoiceInfo

STANDARD_GENDERS = ("female", "female", "male", "male")


class Candidate(Protocol):
    """A voice that may stand for a standard speaker."""

    @property
    def info(self) -> VoiceInfo: ...

    @property
    def standard(self) -> int | None: ...

    @property
    def starter(self) -> bool: ...


Voice = TypeVar("Voice", bound=Candidate)


def standard_voices(voices: Sequence[Voice]) -> tuple[Voice, ...]:
    """The voices of speakers 0-3 among the usable ones of a language; none where there are none.

    In this order of preference: a natural voice of the speaker's gender, one whose gender nobody tells, the starter
    voice made for the speaker; where those are taken, a voice of the gender again, then any that is left, then all
    of them round and round.
    """
    chosen: list[Voice] = []
    for number in range(STANDARD_SPEAKERS if voices else 0):
        chosen.append(_choose(voices, chosen, number))
    return tuple(chosen)


def _choose(voices: Sequence[Voice], taken: Sequence[Voice], number: int) -> Voice:
    gender = STANDARD_GENDERS[number]
    rest = [voice for voice in voices if not any(voice is other for other in taken)]
    found = (
        *_matching(rest, lambda voice: not voice.starter and voice.info.gender == gender),
        *_matching(rest, lambda voice: not voice.starter and not voice.info.gender),
        *_matching(rest, lambda voice: voice.standard == number),
        *_matching(rest, lambda voice: voice.info.gender == gender),
        *_matching(taken, lambda voice: voice.info.gender == gender),
        *rest,
    )
    return found[0] if found else voices[number % len(voices)]


def _matching(voices: Sequence[Voice], wanted: Callable[[Voice], bool]) -> Iterator[Voice]:
    return (voice for voice in voices if wanted(voice))
