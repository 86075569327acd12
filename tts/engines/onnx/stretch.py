"""Speaking rate for models that do not offer it: the time axis is stretched, the pitch stays."""

import numpy as np
from python_stretch.Signalsmith import Stretch

from tts.engines.base import Samples

_SEED = 7


def at_speed(samples: Samples, sample_rate: int, speed: float) -> Samples:
    """`samples` in `1 / speed` of their time. The same call gives the same samples."""
    if speed == 1.0 or not len(samples):
        return samples
    stretch = Stretch(_SEED)
    stretch.preset(1, sample_rate)
    stretch.timeFactor = speed
    stretched = np.asarray(stretch.process(samples[np.newaxis].astype(np.float32)), dtype=np.float32)
    return stretched.reshape(-1)
