"""How loud samples are, measured in short frames."""

import numpy as np
from numpy.typing import NDArray

from tts.engines.base import Samples

SILENCE_DBFS = -120.0
_GATE_SECONDS = 0.05
_ABSOLUTE_GATE_DBFS = -60.0
_RELATIVE_GATE_DB = 10.0


def amplitude_to_dbfs(amplitude: float) -> float:
    """Decibels relative to full scale (1.0), never below `SILENCE_DBFS`."""
    return max(SILENCE_DBFS, 20.0 * float(np.log10(max(amplitude, 1e-12))))


def dbfs_to_amplitude(level: float) -> float:
    return float(10.0 ** (level / 20.0))


def peak(samples: Samples) -> float:
    """The largest absolute sample, 0.0 for none."""
    return float(np.abs(samples).max()) if len(samples) else 0.0


def frame_rms(samples: Samples, frame: int) -> NDArray[np.float64]:
    """RMS of each run of `frame` samples, shape (ceil(n / frame),); the last frame may be shorter."""
    if not len(samples):
        return np.zeros(0)
    starts = np.arange(0, len(samples), frame)
    lengths = np.diff(np.append(starts, len(samples)))
    power = np.add.reduceat(np.square(samples, dtype=np.float64), starts)
    return np.asarray(np.sqrt(power / lengths), dtype=np.float64)


def loudest_dbfs(samples: Samples, sample_rate: int, seconds: float = 0.05) -> float:
    """Level in dBFS of the loudest frame of `seconds`."""
    frames = frame_rms(samples, max(1, round(seconds * sample_rate)))
    return amplitude_to_dbfs(float(frames.max())) if len(frames) else SILENCE_DBFS


def speech_dbfs(samples: Samples, sample_rate: int) -> float:
    """Level in dBFS of the frames that hold speech, `SILENCE_DBFS` where none does.

    Two gates as in ITU-R BS.1770 (absolute, then relative to the mean of what passed), on plain 50 ms RMS
    without K-weighting, so pauses do not make a text count as quieter.
    """
    frames = frame_rms(samples, max(1, round(_GATE_SECONDS * sample_rate)))
    loud = frames[frames > dbfs_to_amplitude(_ABSOLUTE_GATE_DBFS)]
    if not len(loud):
        return SILENCE_DBFS
    mean = float(np.sqrt(np.mean(np.square(loud))))
    speech = loud[loud >= mean * dbfs_to_amplitude(-_RELATIVE_GATE_DB)]
    return amplitude_to_dbfs(float(np.sqrt(np.mean(np.square(speech)))))
