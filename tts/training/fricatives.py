"""Mandarin's voiceless fricatives with the spectra of the English speakers' own.

What `tts.training.timbre` makes of espeak-ng's fricatives is 8 to 12 dB too weak: its recordings are softer in
Mandarin. So each is moved, as a whole, to the mean spectrum of the nearest English one; what sets one occurrence apart
from another stays as it is.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from tts.training.timbre import ENGLISH_FRICATIVES, Timbre
from tts.training.utterance import Utterance

Frames = NDArray[np.float32]

NEAREST: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "s": {"s": 1.0},
        "ʂ": {"ʃ": 1.0},
        "ɕ": {"ʃ": 0.6, "s": 0.4},
        "f": {"f": 1.0},
        "x": {"h": 1.0},
        "ʰ": {"h": 1.0},
    }
)
"""Shares of English fricatives that a Mandarin one is made of."""

HEADROOM = 0.5
"""Nepers by which a frame may become louder than the English mean."""

EDGE_FRAMES = 2
"""Over which a shift grows to its full size on either side."""


@dataclass(frozen=True, slots=True, eq=False)
class Shift:
    """What to add to the cepstra of a fricative, as far as its level (coefficient 0) stays below `ceiling`."""

    amount: Frames
    ceiling: float

    def of(self, cepstra: Frames) -> Frames:
        """The shift of each frame of one occurrence (F, CEPSTRA)."""
        shift = np.repeat(self.amount[None, :], len(cepstra), axis=0)
        shift[:, 0] = np.minimum(shift[:, 0], np.maximum(0.0, self.ceiling - cepstra[:, 0]))
        edged: Frames = _edges(len(cepstra))[:, None] * shift
        return edged


def shifts(utterances: Iterable[Utterance], timbre: Timbre) -> dict[str, Shift]:
    """For each fricative the shift that makes its mean over `utterances` the speaker's."""
    found: dict[str, list[Frames]] = defaultdict(list)
    for utterance in utterances:
        for symbol, start, end in _places(utterance):
            found[symbol].append(utterance.cepstra[start:end])
    targets = {symbol: _target(symbol, timbre) for symbol in found}
    return {
        symbol: Shift(
            targets[symbol] - np.concatenate(frames).mean(axis=0), float(targets[symbol][0]) + HEADROOM
        )
        for symbol, frames in found.items()
    }


def shifted(utterance: Utterance, shift: Mapping[str, Shift]) -> Utterance:
    """`utterance` with its fricatives moved by `shift`."""
    cepstra = utterance.cepstra.copy()
    for symbol, start, end in _places(utterance):
        if symbol in shift:
            cepstra[start:end] += shift[symbol].of(cepstra[start:end])
    return replace(utterance, cepstra=cepstra)


def _places(utterance: Utterance) -> Iterable[tuple[str, int, int]]:
    ends = np.cumsum(utterance.durations)
    for symbol, end, length in zip(utterance.symbols, ends, utterance.durations, strict=True):
        if symbol in NEAREST and length:
            yield symbol, int(end - length), int(end)


def _edges(frames: int) -> Frames:
    place = np.arange(frames)
    distance = np.minimum(place, frames - 1 - place) + 1
    return np.minimum(1.0, distance / (EDGE_FRAMES + 1)).astype(np.float32)


def _target(symbol: str, timbre: Timbre) -> Frames:
    shares = NEAREST[symbol]
    parts = [
        share * timbre.fricatives[ENGLISH_FRICATIVES.index(english)] for english, share in shares.items()
    ]
    target: Frames = np.sum(parts, axis=0)
    return target
