"""Speech of espeak-ng with the time of every phone, from its own events; for training and measures only."""

import atexit
import json
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from tts.engines.base import Samples
from tts.training.espeak_events import LENGTH, SAMPLE_RATE

__all__ = ["SAMPLE_RATE", "Phone", "TimedSpeech", "TimingError", "speak_timed"]


_ROOT = Path(__file__).resolve().parents[2]


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
    """`samples` at `SAMPLE_RATE`, and the phones in them."""

    samples: Samples
    phones: tuple[Phone, ...]


def speak_timed(
    text: str, voice: str, *, rate: int = 175, pitch: int = 50, pitch_range: int = 50, ipa: bool = False
) -> TimedSpeech:
    """Speak `text` with espeak-ng's `voice` (`cmn`, `en-us+m3`); words in `[[ ]]` are phoneme names.

    `rate` is in words per minute, `pitch` and `pitch_range` are on espeak-ng's scale (0-99). With `ipa`, phones are
    named in IPA. The same call gives the same samples. Not thread-safe. Raises `TimingError`.
    """
    request = {
        "text": text,
        "voice": voice,
        "rate": rate,
        "pitch": pitch,
        "range": pitch_range,
        "ipa": ipa,
    }
    head, _, data = _exchange(json.dumps(request)).partition(b"\n")
    facts = json.loads(head)
    if "error" in facts:
        raise TimingError(facts["error"])
    samples = np.frombuffer(data, np.int16).astype(np.float32) / np.float32(32_768)
    if not len(samples):
        raise TimingError(f"espeak-ng made no sound with {voice}")
    return TimedSpeech(samples, _phones(facts["phones"], len(samples)))


def _exchange(request: str) -> bytes:
    server = _server()
    if server.stdin is None or server.stdout is None:
        raise TimingError("the server has no pipes")
    server.stdin.write(request.encode() + b"\n")
    server.stdin.flush()
    head = server.stdout.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise TimingError("the espeak-ng server is gone")
    return server.stdout.read(LENGTH.unpack(head)[0])


@cache
def _server() -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "tts.training.espeak_events"]
    server = subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    atexit.register(server.communicate)
    return server


def _phones(starts: list[tuple[str, int]], total: int) -> tuple[Phone, ...]:
    ends = [*(start for _, start in starts[1:]), total]
    return tuple(
        Phone(name, min(start, total), min(end, total))
        for (name, start), end in zip(starts, ends, strict=True)
        if not name.startswith("(")
    )
