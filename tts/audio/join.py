"""Sentences joined to one recording: trimmed, faded, with pauses, at one loudness."""

from collections.abc import Sequence

import numpy as np

from tts.audio.levels import SILENCE_DBFS, amplitude_to_dbfs, dbfs_to_amplitude, frame_rms, peak, speech_dbfs
from tts.audio.resample import resample
from tts.engines.base import Samples, Speech

FADE_SECONDS = 0.005
TRIM_FRAME_SECONDS = 0.005
TRIM_RELATIVE_DB = -45.0
TRIM_PAD_SECONDS = 0.02
TARGET_DBFS = -20.0
PEAK_DBFS = -1.0
_MAX_GAIN_DB = 20.0


def join(pieces: Sequence[Speech], pauses_seconds: Sequence[float], *, speed: float = 1.0) -> Speech:
    """One recording of all `pieces`, each followed by its pause (seconds at speed 1.0, divided by `speed`).

    Silence around a piece is cut to 20 ms and its edges fade over 5 ms, so that only the pauses asked for
    are heard and no join clicks. Pieces of lower sample rates are brought to the highest. One gain for the
    whole recording keeps the balance between sentences: speech at -20 dBFS, peaks at most -1 dBFS. `voice`
    lists the voices in order of appearance, separated by commas. Raises ValueError without pieces, or when
    the two sequences differ in length.
    """
    if not pieces:
        raise ValueError("nothing to join")
    rate = max(piece.sample_rate for piece in pieces)
    parts: list[Samples] = []
    for piece, pause in zip(pieces, pauses_seconds, strict=True):
        parts.append(fade(trim(resample(piece.samples, piece.sample_rate, rate), rate), rate))
        parts.append(np.zeros(round(pause / speed * rate), dtype=np.float32))
    voices = dict.fromkeys(piece.voice for piece in pieces)
    return Speech(level(np.concatenate(parts), rate), rate, ",".join(voices))


def trim(samples: Samples, sample_rate: int) -> Samples:
    """`samples` from 20 ms before the first to 20 ms after the last 5 ms frame within 45 dB of the loudest.

    Digital silence has no such frame; two pads of it are kept.
    """
    frame = max(1, round(TRIM_FRAME_SECONDS * sample_rate))
    pad = round(TRIM_PAD_SECONDS * sample_rate)
    levels = frame_rms(samples, frame)
    loudest = float(levels.max()) if len(levels) else 0.0
    if loudest == 0.0:
        return samples[: 2 * pad]
    audible = np.flatnonzero(levels >= loudest * dbfs_to_amplitude(TRIM_RELATIVE_DB))
    start = max(0, int(audible[0]) * frame - pad)
    return samples[start : (int(audible[-1]) + 1) * frame + pad]


def fade(samples: Samples, sample_rate: int) -> Samples:
    """A copy whose first and last 5 ms rise from and fall to zero along half a cosine."""
    faded = samples.copy()
    length = min(round(FADE_SECONDS * sample_rate), len(samples) // 2)
    if length:
        ramp = ((1 - np.cos(np.pi * np.arange(length) / length)) / 2).astype(np.float32)
        faded[:length] *= ramp
        faded[-length:] *= ramp[::-1]
    return faded


def level(samples: Samples, sample_rate: int) -> Samples:
    """`samples` times one gain: speech at -20 dBFS, raised by 20 dB at most, no peak above -1 dBFS."""
    loudness = speech_dbfs(samples, sample_rate)
    if loudness == SILENCE_DBFS:
        return samples
    headroom = PEAK_DBFS - amplitude_to_dbfs(peak(samples))
    gain = min(TARGET_DBFS - loudness, headroom, _MAX_GAIN_DB)
    return samples * np.float32(dbfs_to_amplitude(gain))
