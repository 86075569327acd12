"""Sentences joined to one recording: trimmed, faded, with pauses, at one loudness."""

from collections.abc import Sequence

import numpy as np

from tts.audio.levels import SILENCE_DBFS, dbfs_to_amplitude, frame_rms, peak, speech_dbfs
from tts.audio.resample import resample
from tts.engines.base import Samples, Speech

FADE_SECONDS = 0.005
TRIM_FRAME_SECONDS = 0.005
TRIM_RELATIVE_DB = -45.0
TRIM_PAD_SECONDS = 0.02
TARGET_DBFS = -20.0
PEAK_DBFS = -1.0
_MAX_GAIN_DB = 20.0

MAX_VOICES_CHARACTERS = 200
"""Of the list of voices; as many as a column of history holds."""


def join(
    pieces: Sequence[Speech], pauses_seconds: Sequence[float], *, lead_in_seconds: float = 0.0
) -> Speech:
    """One recording of all `pieces`, each followed by its pause, after `lead_in_seconds` of silence.

    Silence around a piece is cut to 20 ms and its edges fade over 5 ms, so that only the pauses asked for
    are heard and no join clicks. Pieces of lower sample rates are brought to the highest. One gain for all
    pieces of a voice keeps the balance between its sentences and brings voices to one loudness: speech at
    -20 dBFS; one for the whole recording keeps peaks at most at -1 dBFS. `voice` lists the voices in order of
    appearance, separated by commas. Raises ValueError without pieces, or when the two sequences differ in length.
    """
    if not pieces:
        raise ValueError("nothing to join")
    rate = max(piece.sample_rate for piece in pieces)
    sounds = [fade(trim(resample(piece.samples, piece.sample_rate, rate), rate), rate) for piece in pieces]
    gains = _gains([piece.voice for piece in pieces], sounds, rate)
    parts: list[Samples] = [_silence(lead_in_seconds, rate)]
    for piece, sound, pause in zip(pieces, sounds, pauses_seconds, strict=True):
        parts.extend((sound * gains[piece.voice], _silence(pause, rate)))
    return Speech(limit(np.concatenate(parts)), rate, voices_of(pieces))


def voices_of(pieces: Sequence[Speech]) -> str:
    """The voices of `pieces` in order of appearance, each once, separated by commas; those that do not fit into
    `MAX_VOICES_CHARACTERS` are left out."""
    listed = ""
    for voice in dict.fromkeys(voice for piece in pieces for voice in piece.voice.split(",")):
        longer = f"{listed},{voice}" if listed else voice
        if len(longer) <= MAX_VOICES_CHARACTERS:
            listed = longer
    return listed


def _silence(seconds: float, sample_rate: int) -> Samples:
    return np.zeros(round(seconds * sample_rate), dtype=np.float32)


def _gains(voices: Sequence[str], sounds: Sequence[Samples], sample_rate: int) -> dict[str, np.float32]:
    """What brings each voice's speech to the common level."""
    return {
        name: gain_to_level(
            np.concatenate([sound for voice, sound in zip(voices, sounds, strict=True) if voice == name]),
            sample_rate,
        )
        for name in dict.fromkeys(voices)
    }


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


def gain_to_level(samples: Samples, sample_rate: int) -> np.float32:
    """The factor that brings speech to -20 dBFS, at most that of 20 dB; 1 for silence."""
    loudness = speech_dbfs(samples, sample_rate)
    if loudness == SILENCE_DBFS:
        return np.float32(1.0)
    return np.float32(dbfs_to_amplitude(min(TARGET_DBFS - loudness, _MAX_GAIN_DB)))


def limit(samples: Samples) -> Samples:
    """`samples`, made quieter as a whole where a peak is above -1 dBFS."""
    highest = peak(samples)
    most = dbfs_to_amplitude(PEAK_DBFS)
    return samples if highest <= most else samples * np.float32(most / highest)
