"""One sentence of a training set, and files of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 22050
"""Hz."""

HOP = 256
"""Samples per frame."""

CEPSTRA = 45
"""Warped (mel) cepstral coefficients per frame, order 0 included."""

WARP = 0.455
"""All-pass constant of the mel-cepstrum at 22 050 Hz (Tokuda et al., Mel-generalized cepstral analysis, 1994)."""


@dataclass(frozen=True, slots=True, eq=False)
class Utterance:
    """What a network learns from: phonemes with their durations, and the sound of every frame.

    `symbols` begin with `^` and end with `$` and hold no pads; `durations` (T,) are frames per symbol and add up to F.
    `log_f0` (F,) is the natural logarithm of Hz, interpolated where `voiced` (F,) is 0; `cepstra` (F, CEPSTRA) describe
    the log amplitude spectrum on the warped frequency scale. `speaker` counts the standard speakers 0-3.
    """

    name: str
    language: str
    speaker: int
    text: str
    symbols: tuple[str, ...]
    durations: NDArray[np.int32]
    log_f0: NDArray[np.float32]
    voiced: NDArray[np.float32]
    cepstra: NDArray[np.float32]

    def __post_init__(self) -> None:
        frames = len(self.cepstra)
        if self.cepstra.shape != (frames, CEPSTRA) or not len(self.log_f0) == len(self.voiced) == frames:
            raise ValueError(f"{self.name}: frames do not agree")
        if len(self.durations) != len(self.symbols) or int(self.durations.sum()) != frames:
            raise ValueError(f"{self.name}: durations do not add up to {frames} frames")
        if self.symbols[:1] != ("^",) or self.symbols[-1:] != ("$",) or "_" in self.symbols:
            raise ValueError(f"{self.name}: symbols must run from ^ to $ without pads")


def write_utterances(path: Path, utterances: Iterable[Utterance]) -> int:
    """Write a compressed `.npz`, as float16 where that is enough; returns how many it holds."""
    arrays: dict[str, NDArray[np.generic]] = {}
    count = 0
    for count, utterance in enumerate(utterances, start=1):
        key = f"{count - 1:06d}"
        facts = (utterance.name, utterance.language, str(utterance.speaker), utterance.text)
        arrays[f"{key}.facts"] = np.array(facts)
        arrays[f"{key}.symbols"] = np.array(utterance.symbols)
        arrays[f"{key}.durations"] = utterance.durations.astype(np.int32)
        arrays[f"{key}.log_f0"] = utterance.log_f0.astype(np.float32)
        arrays[f"{key}.voiced"] = utterance.voiced.astype(np.float16)
        arrays[f"{key}.cepstra"] = utterance.cepstra.astype(np.float16)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, allow_pickle=False, **arrays)
    return count


def read_utterances(path: Path) -> Iterator[Utterance]:
    """The utterances of a file written by `write_utterances`, in its order."""
    with np.load(path, allow_pickle=False) as arrays:
        for key in sorted(name.removesuffix(".facts") for name in arrays.files if name.endswith(".facts")):
            name, language, speaker, text = (str(fact) for fact in arrays[f"{key}.facts"])
            yield Utterance(
                name=name,
                language=language,
                speaker=int(speaker),
                text=text,
                symbols=tuple(str(symbol) for symbol in arrays[f"{key}.symbols"]),
                durations=arrays[f"{key}.durations"],
                log_f0=arrays[f"{key}.log_f0"],
                voiced=arrays[f"{key}.voiced"].astype(np.float32),
                cepstra=arrays[f"{key}.cepstra"].astype(np.float32),
            )
