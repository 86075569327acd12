"""The regression behind `tts.training.timbre`, in torch."""

import math
import sys

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from tts.training.timbre import BATCH, HIDDEN, MOST_STRETCH
from tts.training.utterance import CEPSTRA

Frames = NDArray[np.float32]

_GRID = 64
_HELD_OUT = 20
_LEARNING_RATE = 3e-3
_WEIGHT_DECAY = 0.05


class _Regression(nn.Module):
    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.skip = nn.Linear(inputs, CEPSTRA, bias=False)
        self.first = nn.Linear(inputs, HIDDEN)
        self.second = nn.Linear(HIDDEN, HIDDEN)
        self.last = nn.Linear(HIDDEN, CEPSTRA)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        hidden = torch.relu(self.second(torch.relu(self.first(inputs))))
        output: torch.Tensor = self.skip(inputs) + self.last(hidden)
        return output


def fit(inputs: Frames, outputs: Frames, seed: int, steps: int) -> dict[str, Frames]:
    """The fields of a `Timbre` that come from pairs of frames (N, inputs) and (N, CEPSTRA); deterministic."""
    # Small matrices: a second thread costs more than it brings, above all when the other core is busy.
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    mean, deviation = inputs.mean(axis=0), inputs.std(axis=0) + 1e-3
    x = torch.from_numpy(((inputs - mean) / deviation).astype(np.float32))
    y = torch.from_numpy(outputs.astype(np.float32))
    held_out = (torch.arange(len(x)) // 100) % _HELD_OUT == 0
    model = _train(x[~held_out], y[~held_out], steps)
    with torch.no_grad():
        flat = model(x).numpy()
        error = float(_distance(model(x[held_out]), y[held_out])) * 20 / math.log(10)
    sys.stdout.write(f"{len(x)} pairs of frames, {error:.2f} dB between unseen spectra\n")
    classes = [inputs[:, -1] == voiced for voiced in (0, 1)]
    weights = {name: value.detach().numpy() for name, value in model.named_parameters()}
    return {
        "mean": mean.astype(np.float32),
        "deviation": deviation.astype(np.float32),
        "skip": weights["skip.weight"].T.copy(),
        **{name: weights[f"{name}.weight"].T.copy() for name in ("first", "second", "last")},
        **{f"{name}_bias": weights[f"{name}.bias"] for name in ("first", "second", "last")},
        "centre": np.stack([outputs[chosen].mean(axis=0) for chosen in classes]).astype(np.float32),
        "stretch": np.stack([_stretch(flat[chosen], outputs[chosen]) for chosen in classes]),
    }


def _stretch(flat: Frames, outputs: Frames) -> Frames:
    """How much wider the speaker's values are spread than those of the regression."""
    ratio = np.std(outputs, axis=0) / np.maximum(np.std(flat, axis=0), 1e-4)
    stretch: Frames = np.clip(ratio, 1.0, MOST_STRETCH).astype(np.float32)
    return stretch


def _train(x: torch.Tensor, y: torch.Tensor, steps: int) -> _Regression:
    model = _Regression(x.shape[1])
    with torch.no_grad():
        model.skip.weight.zero_()
        model.last.bias.copy_(y.mean(dim=0))
    optimizer = torch.optim.AdamW(model.parameters(), lr=_LEARNING_RATE, weight_decay=_WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        chosen = torch.randint(len(x), (BATCH,))
        loss = _distance(model(x[chosen]), y[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return model


def _distance(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Mean absolute difference of log amplitudes on the warped frequency scale (nepers)."""
    angles = math.pi * (torch.arange(_GRID) + 0.5) / _GRID
    cosines = torch.cos(torch.outer(torch.arange(CEPSTRA).float(), angles))
    return ((a - b) @ cosines).abs().mean()
