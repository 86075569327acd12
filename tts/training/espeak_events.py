"""A server that speaks with espeak-ng and tells when each phone begins: `python -m tts.training.espeak_events`.

One JSON object per line on stdin: `text`, `voice`, `ipa` and the `rate`, `pitch`, `range` of espeak-ng. Each is
answered on stdout by four bytes of length (little-endian), a line of JSON (`phones`: name and first sample of each; or
`error`) and the samples as 16-bit integers. Every request is served by a fork that loads the library anew: espeak-ng
may abort the process it runs in, and what it says depends on what it said before. So this process must stay free of
threads, and of numpy.
"""

import ctypes
import json
import os
import struct
import sys
from typing import Any, ClassVar

import espeakng_loader

SAMPLE_RATE = 22050
"""Hz."""

LENGTH = struct.Struct("<I")

_SYNCHRONOUS, _DONT_EXIT = 2, 0x8000
_PHONEME_EVENTS, _IPA_EVENTS = 1, 2
_UTF8, _PHONEME_INPUT = 1, 0x100
_PARAMETERS = {"rate": 1, "pitch": 3, "range": 4}
_LIST_ENDS, _PHONEME = 0, 7
_NOISE_SEED = 1


class SpeakingError(Exception):
    """espeak-ng refused something."""


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    """`espeak_EVENT` of `speak_lib.h`, version 1.52."""

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


def speak(request: dict[str, Any]) -> tuple[list[tuple[str, int]], bytes]:
    """Names and first samples of the phones, and the samples. Raises `SpeakingError`."""
    library = _library(ipa=request["ipa"])
    if library.espeak_SetVoiceByName(request["voice"].encode()) != 0:
        raise SpeakingError(f"espeak-ng has no voice {request['voice']}")
    for name, number in _PARAMETERS.items():
        library.espeak_SetParameter(number, request[name], 0)
    chunks: list[bytes] = []
    phones: list[tuple[str, int]] = []

    def receive(samples: int | None, count: int, events: "ctypes._Pointer[_Event]") -> int:
        if samples and count > 0:
            chunks.append(ctypes.string_at(samples, 2 * count))
        index = 0
        while events[index].type != _LIST_ENDS:
            if events[index].type == _PHONEME:
                phones.append((events[index].id.string.decode(errors="ignore"), events[index].sample))
            index += 1
        return 0

    callback = _CALLBACK(receive)
    library.espeak_SetSynthCallback(callback)
    data = request["text"].encode()
    if library.espeak_Synth(data, len(data) + 1, 0, 1, 0, _UTF8 | _PHONEME_INPUT, None, None) != 0:
        raise SpeakingError("espeak_Synth failed")
    return phones, b"".join(chunks)


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
        raise SpeakingError("espeak-ng cannot be initialised")
    library.espeak_ng_SetRandSeed(_NOISE_SEED)
    return library


def _answer(request: dict[str, Any]) -> bytes:
    try:
        phones, samples = speak(request)
    except SpeakingError as problem:
        return _framed({"error": str(problem)})
    return _framed({"phones": phones}, samples)


def _framed(facts: dict[str, object], samples: bytes = b"") -> bytes:
    body = json.dumps(facts).encode() + b"\n" + samples
    return LENGTH.pack(len(body)) + body


def main() -> int:
    output = sys.stdout.buffer
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                output.write(_answer(json.loads(line)))
                output.flush()
                status = 0
            finally:
                os._exit(status)
        if os.waitpid(pid, 0)[1] != 0:
            output.write(_framed({"error": "espeak-ng ended its process"}))
            output.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
