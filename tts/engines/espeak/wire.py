"""Messages between a worker and its espeak-ng server. Imported by both, so it stays quick to load.

A message is a 4-byte little-endian length and that many bytes. A request is a letter and NUL-separated UTF-8 fields
(no field can hold a NUL: espeak-ng reads C strings); a reply is a status byte and its payload.
"""

import os
import struct
from enum import IntEnum
from typing import NamedTuple

SAMPLE_RATE = 22_050
BYTES_PER_SAMPLE = 2
LENGTH = struct.Struct("<I")
MAX_REQUEST_BYTES = 1 << 20
MAX_AUDIO_SECONDS = 600
MAX_REPLY_BYTES = MAX_AUDIO_SECONDS * SAMPLE_RATE * BYTES_PER_SAMPLE + 1


class Status(IntEnum):
    OK = 0
    UNKNOWN_VOICE = 1
    TOO_LONG = 2
    FAILED = 3
    CRASHED = 4


class ExitStatus(IntEnum):
    """How the server ends by itself; anything else is a crash."""

    DONE = 0
    NO_LIBRARY = 3


class Utterance(NamedTuple):
    """One text for espeak-ng to speak.

    `voice` is espeak-ng's name of a language (`cmn`, `en-us`), `variant` one of its timbres (`f4`) or empty. `rate`
    is in words per minute (80-450), `volume` in per cent of normal (0-200), `pitch` and `pitch_range` on espeak-ng's
    scale (0-99, 50 is the variant's own).
    """

    text: str
    voice: str
    variant: str = ""
    rate: int = 175
    volume: int = 100
    pitch: int = 50
    pitch_range: int = 50


class Clause(NamedTuple):
    """Phonemes of one clause in IPA, and the text espeak-ng read for it: the clause, the mark that ended it and, except
    at the end of the text, the one character after it that espeak-ng reads ahead. The next clause's text goes on there.
    """

    phonemes: str
    text: str


def pack_synthesis(utterance: Utterance) -> bytes:
    fields = (
        utterance.voice,
        utterance.variant,
        str(utterance.rate),
        str(utterance.volume),
        str(utterance.pitch),
        str(utterance.pitch_range),
        utterance.text,
    )
    return b"S" + _joined(fields)


def unpack_synthesis(body: bytes) -> Utterance:
    voice, variant, rate, volume, pitch, pitch_range, text = _split(body)
    return Utterance(text, voice, variant, int(rate), int(volume), int(pitch), int(pitch_range))


def pack_phonemization(text: str, voice: str) -> bytes:
    return b"P" + _joined((voice, text))


def unpack_phonemization(body: bytes) -> tuple[str, str]:
    """Text and espeak-ng voice."""
    voice, text = _split(body)
    return text, voice


def pack_clauses(clauses: list[Clause]) -> bytes:
    return _joined(tuple(field for clause in clauses for field in clause))


def unpack_clauses(payload: bytes) -> list[Clause]:
    fields = iter(_split(payload)) if payload else iter(())
    return [Clause(phonemes, text) for phonemes, text in zip(fields, fields, strict=True)]


def framed(message: bytes) -> bytes:
    return LENGTH.pack(len(message)) + message


def write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _joined(fields: tuple[str, ...]) -> bytes:
    if any("\0" in field for field in fields):
        raise ValueError("a field holds a NUL")
    return "\0".join(fields).encode()


def _split(body: bytes) -> list[str]:
    return body.decode().split("\0")
