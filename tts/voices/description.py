"""What the files of a voice say about it, whatever family of models it belongs to."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from tts.voices.language import language_family

GENDERS = ("female", "male")
STANDARD_SPEAKERS = 4
"""0 female clear, 1 female warm, 2 male calm, 3 male lively: section 2 of the HTTP contract."""


class Family(StrEnum):
    """Kinds of models, each with its own inputs, outputs and phonemes."""

    PIPER = "piper"
    VITS = "vits"
    """VITS as sherpa-onnx publishes it: `tokens.txt`, `lexicon.txt`, metadata in the graph."""
    MELO = "melo"
    MATCHA = "matcha"
    KOKORO = "kokoro"
    MMS = "mms"


@dataclass(frozen=True, slots=True)
class Speaker:
    """One speaker of a model. `name` can be part of an id or is empty; `gender` is `female`, `male` or empty.

    `standard` is the standard speaker (0-3) it was made for, `languages` its own where speakers of one model differ.
    """

    name: str = ""
    gender: str = ""
    standard: int | None = None
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VoiceDescription:
    """What is needed to list a voice and to route to it, read without onnxruntime.

    `languages` are BCP 47 tags it speaks natively, its main one first; `also_reads` are primary subtags it can read
    when no native voice is there. `sample_rate` in Hz. `starter` voices step back behind natural ones.
    """

    family: Family
    name: str
    languages: tuple[str, ...]
    sample_rate: int
    speakers: tuple[Speaker, ...] = (Speaker(),)
    also_reads: tuple[str, ...] = ()
    licence: str = ""
    starter: bool = False
    is_fixture: bool = False

    def languages_of(self, speaker: int) -> tuple[str, ...]:
        """What a speaker speaks natively, BCP 47."""
        return self.speakers[speaker].languages or self.languages

    def speaks(self, language: str, speaker: int = 0) -> bool:
        """Whether `language` (BCP 47) is native to a speaker, whatever its region."""
        return language_family(language) in map(language_family, self.languages_of(speaker))


class VoiceConfig(Protocol):
    """The parsed configuration of a voice of any family."""

    @property
    def description(self) -> VoiceDescription: ...
