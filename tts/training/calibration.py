"""Corrections measured on held-out sentences once a network is trained.

A network that minimises mean errors makes everything a little too flat. How much is measured against the teacher, per
speaker, and undone when the voice speaks (variance scaling: Silén, Helander, Nurminen, Gabbouj, Ways to implement
global variance in statistical speech synthesis, 2012).
"""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from tts.training.batches import Example, collate
from tts.training.losses import whole
from tts.training.network import (
    LOG_F0,
    VOICING,
    Network,
    duration_in_frames,
    position_features,
    symbol_of_frame,
)
from tts.training.symbols import SymbolTable
from tts.training.synthesizer import Synthesizer
from tts.training.utterance import CEPSTRA, HOP

ACTIVE_LEVEL = 0.1
"""Root mean square of speech without its pauses that all speakers are brought to: -20 dBFS."""

_WIDEST = 1.35
_EXAMPLES_FOR_LEVEL = 6
_PAUSE_BELOW = 0.02
_SMOOTHING, _STEADY = 5, 9


def calibrate(network: Network, table: SymbolTable, examples: Sequence[Example]) -> None:
    """Set `network.statistics`' spread, pace and level for every speaker of `examples`."""
    statistics = network.statistics
    for speaker in sorted({example.speaker for example in examples}):
        own = [example for example in examples if example.speaker == speaker]
        with torch.no_grad():
            spread, pace = _spread_and_pace(network, table, own)
            statistics.spread[speaker] = spread
            statistics.pace[speaker] = pace
            statistics.level[speaker] = ACTIVE_LEVEL / _active_level(own[:_EXAMPLES_FOR_LEVEL])


def _spread_and_pace(
    network: Network, table: SymbolTable, examples: Iterable[Example]
) -> tuple[Tensor, Tensor]:
    deviations = torch.zeros(2, CEPSTRA + 1)
    frames = torch.zeros(2)
    for example in examples:
        wanted, got, durations = _predicted(network, table, example)
        steady = _steadily_voiced(wanted[:, VOICING])
        for row, features in enumerate((_smoothed(wanted), _smoothed(got))):
            deviations[row, :CEPSTRA] += _deviations(features[:, :CEPSTRA])
            deviations[row, LOG_F0:] += _deviations(features[steady, LOG_F0:])
        frames += torch.stack([torch.tensor(float(example.durations[1:-1].sum())), durations[1:-1].sum()])
    spread = (deviations[0] / deviations[1].clamp(min=1e-6)).clamp(1.0, _WIDEST)
    # Loudness and tilt follow the phonemes well enough; widening them would bring clicks.
    spread[:2] = 1.0
    return spread, frames[0] / frames[1].clamp(min=1.0)


def _deviations(features: Tensor) -> Tensor:
    """Sums (C,) of distances from the mean of (F, C); squares would make the most of an analysis' mistakes."""
    return (features - features.mean(dim=0)).abs().sum(dim=0) if len(features) else torch.zeros(1)


def _steadily_voiced(voicing: Tensor) -> Tensor:
    """Frames (F,) well inside of voiced stretches, where pitch is known for certain."""
    unvoiced = (voicing < 0.5).float().reshape(1, 1, -1)
    return functional.max_pool1d(unvoiced, _STEADY, stride=1, padding=_STEADY // 2).reshape(-1) < 0.5


def _smoothed(features: Tensor) -> Tensor:
    """Without the jitter from frame to frame of an analysis, which no network should repeat."""
    columns = features[:, : CEPSTRA + 1].T.unsqueeze(1)
    padded = functional.pad(columns, (_SMOOTHING // 2, _SMOOTHING // 2), mode="replicate")
    return functional.avg_pool1d(padded, _SMOOTHING, stride=1).squeeze(1).T


def _predicted(network: Network, table: SymbolTable, example: Example) -> tuple[Tensor, Tensor, Tensor]:
    """Features wanted and got between the silences, and durations in fractions of frames."""
    batch = collate([example], table)
    crop = whole(batch)
    text, log_durations = network.encode(batch.ids, batch.speaker, batch.symbol_mask)
    owner = symbol_of_frame(batch.durations, crop.frames)
    position = position_features(batch.durations, owner, crop.frames)
    frames = network.decode(text[:, owner[0]], position, batch.speaker, crop.exists)
    restored = network.statistics.restored(frames, batch.speaker)
    inner = slice(int(example.durations[0]), example.frames - int(example.durations[-1]))
    return batch.features[0, inner], restored[0, inner], duration_in_frames(log_durations)[0]


def _active_level(examples: Sequence[Example]) -> Tensor:
    """Root mean square of the teacher's frames without the silent ones."""
    powers: list[Tensor] = []
    for example in examples:
        features = torch.from_numpy(example.features).float()
        samples = Synthesizer()(features[:, :CEPSTRA], features[:, LOG_F0], features[:, VOICING])
        power = samples.reshape(-1, HOP).square().mean(dim=1)
        powers.append(power[power > power.max() * _PAUSE_BELOW])
    return torch.sqrt(torch.cat(powers).mean()).clamp(min=1e-4)
