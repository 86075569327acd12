"""Is an engine's output speech of plausible length? Run on every sentence before a client may hear it."""

import unicodedata
from dataclasses import dataclass

import numpy as np

from tts.audio.levels import loudest_dbfs
from tts.engines.base import BadOutput, Samples, Speech

MIN_LOUDEST_DBFS = -50.0
MAX_CLIPPED_SHARE = 0.1
_CLIPPED = 0.999
_SLACK_SECONDS = 1.5


@dataclass(frozen=True, slots=True)
class _Pace:
    """Seconds one character may take at speed 1.0."""

    shortest: float
    longest: float


# Twice as wide as fluent speech on either side: an engine may spell out letters or read a number in full.
_SYLLABLE = _Pace(0.05, 1.0)
_LETTER = _Pace(0.02, 0.3)
_SPELLED = _Pace(0.02, 0.9)
_SYMBOL = _Pace(0.0, 1.5)
_PAUSE = _Pace(0.0, 0.6)
_NOTHING = _Pace(0.0, 0.0)


def check_speech(speech: Speech, text: str, *, speed: float = 1.0) -> None:
    """Raises `BadOutput` unless `speech` could be `text` spoken at `speed`.

    That is: samples are finite and mono, the loudest 50 ms reach -50 dBFS, at most a tenth is clipped, and
    the duration lies within generous bounds per character of the text.
    """
    check_samples(speech.samples, speech.sample_rate)
    shortest, longest = duration_bounds(text, speed=speed)
    if not shortest <= speech.seconds <= longest:
        raise BadOutput(
            f"{speech.seconds:.2f} s for {len(text)} characters; expected {shortest:.2f} to {longest:.2f} s"
        )


def check_samples(samples: Samples, sample_rate: int) -> None:
    """Raises `BadOutput` for samples that cannot be speech of any text."""
    check_finite(samples)
    if not len(samples):
        raise BadOutput("expected mono samples, got none")
    loudest = loudest_dbfs(samples, sample_rate)
    if loudest < MIN_LOUDEST_DBFS:
        raise BadOutput(f"silence: the loudest 50 ms are at {loudest:.0f} dBFS")
    clipped = float(np.mean(np.abs(samples) >= _CLIPPED))
    if clipped > MAX_CLIPPED_SHARE:
        raise BadOutput(f"{clipped:.0%} of the samples are clipped")


def check_finite(samples: Samples) -> None:
    """Raises `BadOutput` for samples that would harm an encoder: not mono, NaN or infinite."""
    if samples.ndim != 1:
        raise BadOutput(f"expected mono samples, got shape {samples.shape}")
    if not np.isfinite(samples).all():
        raise BadOutput("samples are not finite")


def duration_bounds(text: str, *, speed: float = 1.0) -> tuple[float, float]:
    """The shortest and longest plausible duration of `text` in seconds at `speed`."""
    paces = [_pace(character) for character in text]
    shortest = sum(pace.shortest for pace in paces) / speed
    longest = sum(pace.longest for pace in paces) / speed + _SLACK_SECONDS
    return shortest, longest


def _pace(character: str) -> _Pace:
    category = unicodedata.category(character)
    if category == "Lo":
        return _SYLLABLE
    if category == "Ll" or category[0] == "M":
        return _LETTER
    if category[0] in "LN":
        return _SPELLED
    if category[0] == "S":
        return _SYMBOL
    return _PAUSE if category[0] == "P" else _NOTHING
