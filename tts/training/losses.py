"""What training minimises: how far predicted frames and durations are from a teacher's."""

import math
from dataclasses import dataclass, fields

import torch
from torch import Tensor
from torch.nn import functional

from tts.training.batches import Batch
from tts.training.network import LOG_F0, VOICING, Network, position_features, symbol_of_frame
from tts.training.utterance import CEPSTRA

CROP_FRAMES = 160
_CROP_EDGE = 10
_GRID = 64


@dataclass(frozen=True, slots=True, eq=False)
class Losses:
    """Means over frames or symbols. `spectrum` and `spectrum_change` are in nepers (1 is 8.7 dB) on the warped scale,
    the latter between neighbouring frames; `cepstra`, `pitch` and `pitch_change` are in deviations of the speaker;
    `voicing` is a cross entropy; `duration` is an error of logarithms."""

    spectrum: Tensor
    spectrum_change: Tensor
    cepstra: Tensor
    pitch: Tensor
    pitch_change: Tensor
    voicing: Tensor
    duration: Tensor

    def total(self) -> Tensor:
        """The weighted sum that is minimised."""
        return (
            2.0 * self.spectrum
            + 2.0 * self.spectrum_change
            + 0.5 * self.cepstra
            + 0.6 * self.pitch
            + 2.0 * self.pitch_change
            + 0.5 * self.voicing
            + self.duration
        )

    def values(self) -> dict[str, float]:
        return {field.name: float(getattr(self, field.name).detach()) for field in fields(self)}


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """Stretches of frames, one per row: their numbers (B, F), targets, and masks of what exists and what counts."""

    frames: Tensor
    features: Tensor
    exists: Tensor
    counts: Tensor


def whole(batch: Batch) -> Crop:
    """All frames."""
    rows, frames = batch.features.shape[:2]
    numbers = torch.arange(frames).expand(rows, frames)
    return Crop(numbers, batch.features, batch.frame_mask, batch.frame_mask)


def cropped(batch: Batch, generator: torch.Generator, length: int = CROP_FRAMES) -> Crop:
    """`length` frames of each utterance from a random place.

    Frames near a cut do not count: the decoder would see more around them in a whole utterance.
    """
    rows, frames = batch.features.shape[:2]
    if frames <= length:
        return whole(batch)
    existing = batch.frame_mask.sum(dim=(1, 2)).long()
    room = (existing - length + 1).clamp(min=1)
    start = (torch.rand(rows, generator=generator) * room).long().unsqueeze(1)
    place = torch.arange(length).unsqueeze(0)
    numbers = start + place
    after_cut = (place >= _CROP_EDGE) | (start == 0)
    before_cut = (place < length - _CROP_EDGE) | (start + length >= existing.unsqueeze(1))
    wide = numbers.unsqueeze(2)
    exists = torch.gather(batch.frame_mask, 1, wide)
    features = torch.gather(batch.features, 1, wide.expand(-1, -1, CEPSTRA + 2))
    return Crop(numbers, features, exists, exists * (after_cut & before_cut).unsqueeze(2))


def losses(network: Network, batch: Batch, crop: Crop, *, tone_weight: float = 1.0) -> Losses:
    """Errors of `network` on the frames of `crop`, given the durations of the batch.

    Errors of pitch count `tone_weight` times as much in tone languages, where they change words.
    """
    text, log_durations = network.encode(batch.ids, batch.speaker, batch.symbol_mask)
    owner = symbol_of_frame(batch.durations, crop.frames)
    spread_text = torch.gather(text, 1, owner.unsqueeze(2).expand(-1, -1, text.shape[2]))
    position = position_features(batch.durations, owner, crop.frames)
    output = network.decode(spread_text, position, batch.speaker, crop.exists)
    spectrum, spectrum_change = _spectral(network, output, batch.speaker, crop)
    error, weight = _normalized_errors(network, output, batch.speaker, crop), crop.counts[..., 0]
    emphasis = 1.0 + batch.tonal.unsqueeze(1) * (tone_weight - 1.0)
    pitch, pitch_change = _pitch(error[..., LOG_F0] * emphasis, crop.features[..., VOICING], weight)
    voicing = functional.binary_cross_entropy_with_logits(
        output[..., VOICING], crop.features[..., VOICING], reduction="none"
    )
    duration = log_durations - torch.log1p(batch.durations.float())
    return Losses(
        spectrum=spectrum,
        spectrum_change=spectrum_change,
        cepstra=_mean(error[..., :CEPSTRA].abs().mean(dim=2), weight),
        pitch=pitch,
        pitch_change=pitch_change,
        voicing=_mean(voicing, weight),
        duration=_mean(duration.abs(), batch.symbol_mask[..., 0]),
    )


def _mean(values: Tensor, weight: Tensor) -> Tensor:
    return (values * weight).sum() / weight.sum().clamp(min=1.0)


def _normalized_errors(network: Network, output: Tensor, speaker: Tensor, crop: Crop) -> Tensor:
    wanted = network.statistics.normalized(crop.features[..., : CEPSTRA + 1], speaker)
    return output[..., : CEPSTRA + 1] - wanted


def _spectral(network: Network, output: Tensor, speaker: Tensor, crop: Crop) -> tuple[Tensor, Tensor]:
    place = math.pi * (torch.arange(_GRID) + 0.5) / _GRID
    basis = torch.cos(torch.outer(torch.arange(CEPSTRA).float(), place))
    cepstra = network.statistics.restored(output, speaker)[..., :CEPSTRA]
    error = (cepstra - crop.features[..., :CEPSTRA]) @ basis
    weight = crop.counts[..., 0]
    change = (error[:, 1:] - error[:, :-1]).abs().mean(dim=2)
    return _mean(error.abs().mean(dim=2), weight), _mean(change, weight[:, 1:] * weight[:, :-1])


def _pitch(error: Tensor, voiced: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    # Interpolated pitch matters a little: voicing may be predicted where there was none.
    heard = weight * (0.1 + 0.9 * voiced)
    change = (error[:, 1:] - error[:, :-1]).abs()
    return _mean(error.abs(), heard), _mean(change, heard[:, 1:] * heard[:, :-1])
