"""Binding of libespeak-ng 1.52 (`speak_lib.h`), for the server process only: it may abort the process it runs in."""

import ctypes
import os

from tts.engines.espeak.wire import BYTES_PER_SAMPLE, MAX_AUDIO_SECONDS, SAMPLE_RATE, Clause, Utterance

_OK = 0
_AUDIO_OUTPUT_SYNCHRONOUS = 2
# Without it espeak-ng calls exit() when its data directory is missing.
_DONT_EXIT = 0x8000
_POSITION_CHARACTER = 1
# UTF-8 and nothing else: the flags for SSML (0x10) and [[phoneme]] input (0x100) stay off.
_UTF8 = 1
_IPA = 2

_RATE, _VOLUME, _PITCH, _RANGE, _PUNCTUATION, _CAPITALS, _WORD_GAP = range(1, 8)

_SYNTH_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
_CONTINUE, _ABORT = 0, 1
_NOISE_SEED = 1


class EspeakUnavailable(Exception):
    """The library or its data cannot be loaded."""


class UnknownVoice(Exception):
    """No such language or variant."""


class AudioTooLong(Exception):
    """More than `MAX_AUDIO_SECONDS`."""


class SynthesisFailed(Exception):
    """espeak-ng returned an error code."""


class _VoiceProperties(ctypes.Structure):
    """`espeak_VOICE`."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_char_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


class Espeak:
    """The library, initialised once per process. Not thread-safe, and not reproducible after its first use:
    positions of flutter and noise go on from call to call, so the server forks before each.
    """

    def __init__(self, library_path: str, data_path: str) -> None:
        try:
            self._library = ctypes.CDLL(library_path)
        except OSError as error:
            raise EspeakUnavailable("libespeak-ng cannot be loaded") from error
        self._declare()
        rate = self._library.espeak_Initialize(
            _AUDIO_OUTPUT_SYNCHRONOUS, 0, os.fsencode(data_path), _DONT_EXIT
        )
        if rate != SAMPLE_RATE:
            raise EspeakUnavailable(f"espeak_Initialize returned {rate}")
        # Initialising seeds the noise of breath and aspiration from the clock.
        self._library.espeak_ng_SetRandSeed(_NOISE_SEED)
        # espeak-ng reads some hundred voice files for the first name that is not a file name; do it once, here.
        self._library.espeak_ListVoices(None)
        self._variants = frozenset(os.listdir(os.path.join(data_path, "voices", "!v")))

    def _declare(self) -> None:
        library = self._library
        library.espeak_Initialize.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_int)
        library.espeak_ListVoices.argtypes = (ctypes.c_void_p,)
        library.espeak_ListVoices.restype = ctypes.c_void_p
        library.espeak_SetSynthCallback.argtypes = (_SYNTH_CALLBACK,)
        library.espeak_SetSynthCallback.restype = None
        library.espeak_SetVoiceByName.argtypes = (ctypes.c_char_p,)
        library.espeak_SetVoiceByProperties.argtypes = (ctypes.POINTER(_VoiceProperties),)
        library.espeak_ng_SetRandSeed.argtypes = (ctypes.c_long,)
        library.espeak_SetParameter.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int)
        library.espeak_Synth.argtypes = (
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.c_uint,
            ctypes.c_int,
            ctypes.c_uint,
            ctypes.c_uint,
            ctypes.c_void_p,
            ctypes.c_void_p,
        )
        library.espeak_TextToPhonemes.argtypes = (ctypes.POINTER(ctypes.c_void_p), ctypes.c_int, ctypes.c_int)
        library.espeak_TextToPhonemes.restype = ctypes.c_char_p

    def synthesize(self, utterance: Utterance) -> bytes:
        """Speech as int16 mono at 22 050 Hz, native byte order.

        Raises `UnknownVoice`, `AudioTooLong` or `SynthesisFailed`.
        """
        self._select(utterance.voice, utterance.variant)
        self._set_prosody(utterance)
        chunks: list[bytes] = []
        size, limit = 0, MAX_AUDIO_SECONDS * SAMPLE_RATE * BYTES_PER_SAMPLE

        def receive(samples: int | None, count: int, _events: int | None) -> int:
            nonlocal size
            if not samples or count <= 0:
                return _CONTINUE
            size += count * BYTES_PER_SAMPLE
            if size > limit:
                return _ABORT
            chunks.append(ctypes.string_at(samples, count * BYTES_PER_SAMPLE))
            return _CONTINUE

        # The library keeps the bare pointer: this name keeps the closure alive until espeak_Synth has returned.
        callback = _SYNTH_CALLBACK(receive)
        self._library.espeak_SetSynthCallback(callback)
        text = utterance.text.encode()
        code = self._library.espeak_Synth(text, len(text) + 1, 0, _POSITION_CHARACTER, 0, _UTF8, None, None)
        if size > limit:
            raise AudioTooLong
        if code != _OK:
            raise SynthesisFailed
        return b"".join(chunks)

    def phonemize(self, text: str, voice: str) -> list[Clause]:
        """IPA of each clause, with `(en)` language flags and without punctuation. Raises `UnknownVoice`."""
        self._select(voice, "")
        self._set_prosody(Utterance(text, voice))
        source = text.encode()
        buffer = ctypes.create_string_buffer(source)
        start = ctypes.addressof(buffer)
        position = ctypes.c_void_p(start)
        clauses: list[Clause] = []
        done = 0
        while position.value is not None:
            phonemes: bytes | None = self._library.espeak_TextToPhonemes(ctypes.byref(position), _UTF8, _IPA)
            read = len(source) if position.value is None else position.value - start
            clauses.append(Clause((phonemes or b"").decode(), source[done:read].decode()))
            done = read
        return clauses

    def _select(self, voice: str, variant: str) -> None:
        # Names come from voice files too: no path separator gets through, and espeak-ng itself ignores a bad variant.
        if not voice.replace("-", "").replace("_", "").isalnum() or (
            variant and variant not in self._variants
        ):
            raise UnknownVoice
        name = f"{voice}+{variant}" if variant else voice
        if self._library.espeak_SetVoiceByName(name.encode()) == _OK:
            return
        # Resolves tags that are nobody's name, such as `en-gb` and `zh`.
        properties = _VoiceProperties(languages=voice.encode())
        if variant or self._library.espeak_SetVoiceByProperties(ctypes.byref(properties)) != _OK:
            raise UnknownVoice

    def _set_prosody(self, utterance: Utterance) -> None:
        for parameter, value in (
            (_RATE, utterance.rate),
            (_VOLUME, utterance.volume),
            (_PITCH, utterance.pitch),
            (_RANGE, utterance.pitch_range),
            (_WORD_GAP, 0),
        ):
            if self._library.espeak_SetParameter(parameter, value, 0) != _OK:
                raise SynthesisFailed
        # These two are stored like the others, but espeak-ng 1.52 returns -1 for them.
        self._library.espeak_SetParameter(_PUNCTUATION, 0, 0)
        self._library.espeak_SetParameter(_CAPITALS, 0, 0)
