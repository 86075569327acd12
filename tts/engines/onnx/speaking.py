"""What the adapters of all model families share: limits, checks of what goes in, and the test before first use."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from tts.audio.join import fade
from tts.engines.base import CancelToken, Deadline, EngineError, Samples, SynthesisCanceled
from tts.engines.checks import check_samples
from tts.voices.problems import VoiceCorrupt, VoiceIncompatible

MIN_LENGTH_SCALE, MAX_LENGTH_SCALE = 0.1, 10.0

SMOKE_SECONDS = 20.0
SMOKE_UNITS = 12
_SMOKE_SECONDS_PER_UNIT = (0.002, 1.0)

Say = Callable[[int, Deadline], Samples]
"""Samples of a few sounds by the speaker of that number."""


def read_model(path: Path) -> bytes:
    """Raises `VoiceCorrupt`."""
    try:
        return path.read_bytes()
    except OSError as problem:
        raise VoiceCorrupt(f"{path.name} cannot be read: {problem.strerror}") from problem


def length_scale_of(base: float, speed: float) -> float:
    """The factor of durations that speaks `speed` times as fast as `base`. Raises `EngineError` for absurd ones."""
    # onnxruntime takes any scale at all, and a NaN fails deep inside the graph.
    scale = base / speed
    if not MIN_LENGTH_SCALE <= scale <= MAX_LENGTH_SCALE:
        raise EngineError(f"length scale {scale:.3g} out of range")
    return scale


def check_ids(ids: Sequence[int], symbols: int) -> None:
    """Raises `EngineError` unless there are ids and all lie below `symbols`."""
    # onnxruntime takes a negative id for a place counted from the end.
    if not ids or min(ids) < 0 or max(ids) >= symbols:
        raise EngineError("phoneme ids out of range")


def check_speaker(speaker: int, speakers: int) -> None:
    """Raises `EngineError` unless `speaker` is one of that many."""
    if not 0 <= speaker < speakers:
        raise EngineError(f"speaker {speaker} of {speakers}")


def joined(pieces: Iterable[Samples], sample_rate: int) -> Samples:
    """The runs of one text in one go, each with its ends faded. Raises `EngineError` where there are none."""
    parts = list(pieces)
    if not parts:
        raise EngineError("no phoneme of the text is known to the voice")
    if len(parts) == 1:
        return parts[0]
    return np.concatenate([fade(part, sample_rate) for part in parts])


def smoke_test(
    say: Say, *, speakers: int, sample_rate: int, units: int = SMOKE_UNITS, cancel: CancelToken
) -> None:
    """Let the first and the last speaker say `units` sounds.

    Raises `VoiceIncompatible` unless both give sound of plausible length in `SMOKE_SECONDS`, `SynthesisCanceled` once
    `cancel` is.
    """
    shortest, longest = (seconds * units for seconds in _SMOKE_SECONDS_PER_UNIT)
    deadline = Deadline.after(SMOKE_SECONDS)
    for speaker in sorted({0, speakers - 1}):
        try:
            cancel.raise_if_canceled()
            samples = say(speaker, deadline)
            check_samples(samples, sample_rate)
        except SynthesisCanceled:
            raise
        except EngineError as problem:
            raise VoiceIncompatible(f"it does not speak: {problem}") from problem
        seconds = len(samples) / sample_rate
        if not shortest <= seconds <= longest:
            raise VoiceIncompatible(f"it does not speak: {seconds:.2f} s for {units} phonemes")
