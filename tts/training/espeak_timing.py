"""Speech of espeak-ng with the time of every phone, from the events of its callback (`speak_lib.h` of 1.52).

For training only. Each text is spoken in a fork: espeak-ng may abort the process it runs in, and what it says
depends on what it said before.
"""

import ctypes
import multiprocessing
import os
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import ClassVar

import espeakng_loader
import numpy as np

from tts.engines.base import Samples

SAMPLE_RATE = 22050
"""Hz."""

_SYNCHRONOUS, _DONT_EXIT = 2, 0x8000
_PHONEME_EVENTS, _IPA_EVENTS = 1, 2
_UTF8, _PHONEME_INPUT = 1, 0x100
_RATE, _PITCH, _RANGE = 1, 3, 4
_LIST_ENDS, _PHONEME = 0, 7
_SECONDS_PER_TEXT = 60


class TimingError(Exception):
    """espeak-ng did not speak the text, or its phones are not what was asked for."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone as espeak-ng names it (`'Au`, `ts.h`) or in IPA, from sample `start` to sample `end`.

    Pauses have names that begin with `_`, or none in IPA. A closure before a plosive belongs to what came before.
    """

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class TimedSpeech:
    """`samples` at 22 050 Hz, and the phones in them."""

    samples: Samples
    phones: tuple[Phone, ...]


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    """`espeak_EVENT`."""

    type: int
    sample: int
    id: _EventId
    _fields_: ClassVar = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(_Event))


def speak_timed(
    text: str, voice: str, *, rate: int = 175, pitch: int = 50, pitch_range: int = 50, ipa: bool = False
) -> TimedSpeech:
    """Speak `text` with espeak-ng's `voice` (`cmn`, `en-us+m3`); words in `[[ ]]` are phoneme names.

    `rate` is in words per minute, `pitch` and `pitch_range` are on espeak-ng's scale (0-99). With `ipa`, phones are
    named in IPA. The same call gives the same samples. Raises `TimingError`.
    """
    options = {_RATE: rate, _PITCH: pitch, _RANGE: pitch_range}
    result = _in_fork(lambda: _speak(text, voice, options, ipa=ipa))
    if not len(result.samples):
        raise TimingError(f"espeak-ng made no sound with {voice}")
    return result


def _in_fork(work: Callable[[], TimedSpeech]) -> TimedSpeech:
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_answer, args=(work, sender), daemon=True)
    process.start()
    sender.close()
    try:
        if not receiver.poll(_SECONDS_PER_TEXT):
            raise TimingError("espeak-ng did not finish")
        answer = receiver.recv()
    except EOFError:
        raise TimingError("espeak-ng ended its process") from None
    finally:
        receiver.close()
        process.kill()
        process.join()
    if not isinstance(answer, TimedSpeech):
        raise TimingError(str(answer))
    return answer


def _answer(work: Callable[[], TimedSpeech], sender: Connection) -> None:
    try:
        sender.send(work())
    except TimingError as problem:
        sender.send(str(problem))


def _speak(text: str, voice: str, options: dict[int, int], *, ipa: bool) -> TimedSpeech:
    library = _library(ipa=ipa)
    if library.espeak_SetVoiceByName(voice.encode()) != 0:
        raise TimingError(f"espeak-ng has no voice {voice}")
    for parameter, value in options.items():
        library.espeak_SetParameter(parameter, value, 0)
    chunks: list[bytes] = []
    starts: list[tuple[str, int]] = []

    def receive(samples: int | None, count: int, events: "ctypes._Pointer[_Event]") -> int:
        if samples and count > 0:
            chunks.append(ctypes.string_at(samples, 2 * count))
        index = 0
        while events[index].type != _LIST_ENDS:
            if events[index].type == _PHONEME:
                starts.append((events[index].id.string.decode(errors="ignore"), events[index].sample))
            index += 1
        return 0

    callback = _CALLBACK(receive)
    library.espeak_SetSynthCallback(callback)
    data = text.encode()
    if library.espeak_Synth(data, len(data) + 1, 0, 1, 0, _UTF8 | _PHONEME_INPUT, None, None) != 0:
        raise TimingError("espeak_Synth failed")
    samples = np.frombuffer(b"".join(chunks), np.int16).astype(np.float32) / np.float32(32_768)
    return TimedSpeech(samples, _phones(starts, len(samples)))


def _library(*, ipa: bool) -> ctypes.CDLL:
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    library.espeak_SetSynthCallback.argtypes = (_CALLBACK,)
    library.espeak_SetSynthCallback.restype = None
    library.espeak_ng_SetRandSeed.argtypes = (ctypes.c_long,)
    library.espeak_Synth.argtypes = (
        *(ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int),
        *(ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p),
    )
    options = _DONT_EXIT | _PHONEME_EVENTS | (_IPA_EVENTS if ipa else 0)
    data = os.fsencode(espeakng_loader.get_data_path())
    if library.espeak_Initialize(_SYNCHRONOUS, 0, data, options) != SAMPLE_RATE:
        raise TimingError("espeak-ng cannot be initialised")
    library.espeak_ng_SetRandSeed(1)
    return library


def _phones(starts: list[tuple[str, int]], total: int) -> tuple[Phone, ...]:
    ends = [*(start for _, start in starts[1:]), total]
    return tuple(
        Phone(name, min(start, total), min(end, total))
        for (name, start), end in zip(starts, ends, strict=True)
        if not name.startswith("(")
    )
