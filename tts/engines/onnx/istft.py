"""The inverse short-time Fourier transform, for vocoders that end in one."""

import numpy as np
from numpy.typing import NDArray

from tts.engines.base import Samples

Spectrum = NDArray[np.complex64]
"""Shape (n_fft / 2 + 1, frames)."""

_LEAST_WEIGHT = 1e-8


def istft(spectrum: Spectrum, *, n_fft: int, hop: int) -> Samples:
    """Samples, shape (hop * (frames - 1),), of frames with a periodic Hann window, the first centred on sample 0.

    Overlapping frames are added and divided by the sum of the squared windows: Griffin and Lim, Signal Estimation from
    Modified Short-Time Fourier Transform (1984), equation 6; the same as `torch.istft(center=True)`.
    """
    frames = spectrum.shape[1]
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)).astype(np.float32)
    pieces = np.fft.irfft(spectrum, n=n_fft, axis=0).T.astype(np.float32) * window
    length = n_fft + hop * (frames - 1)
    total = np.zeros(length, dtype=np.float32)
    weight = np.zeros(length, dtype=np.float32)
    for number, piece in enumerate(pieces):
        start = number * hop
        total[start : start + n_fft] += piece
        weight[start : start + n_fft] += window**2
    inner = slice(n_fft // 2, length - n_fft // 2)
    return (total[inner] / np.maximum(weight[inner], _LEAST_WEIGHT)).astype(np.float32)
