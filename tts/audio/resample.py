"""Conversion between sample rates."""

import numpy as np
import soxr

from tts.engines.base import Samples


def resample(samples: Samples, source_rate: int, target_rate: int) -> Samples:
    """`samples` at `target_rate` Hz, soxr's high quality; the same array where the rates are equal.

    The result has ceil(n · target / source) samples, give or take one.
    """
    if source_rate == target_rate or not len(samples):
        return samples
    converted = soxr.resample(samples, source_rate, target_rate, quality="HQ")
    return np.asarray(converted, dtype=np.float32)
