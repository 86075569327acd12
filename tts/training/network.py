"""The acoustic network: symbols to durations, and to pitch, voicing and spectrum of every frame.

A text encoder of convolutions and self-attention, a duration head, a length regulator as in FastSpeech (Ren et al.,
2019) and a frame decoder of dilated convolutions. The blocks are ConvNeXt-like (Liu et al., 2022). Speakers are added
vectors, apart from language, so that every speaker can speak whatever language any of them was trained on.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from tts.training.utterance import CEPSTRA

LOG_F0, VOICING = CEPSTRA, CEPSTRA + 1
"""Places of log f0 and of the logit of voicing among the `CEPSTRA + 2` outputs of a frame."""

_SHORTEST_FRAMES = 0.35
_POSITION_FEATURES = 4
_DISTANCE_BUCKETS = 17


@dataclass(frozen=True, slots=True)
class Size:
    """What determines the shape of a network; the defaults come to 3.7 MB as float16."""

    symbols: int
    speakers: int = 4
    text_channels: int = 176
    frame_channels: int = 192
    frame_blocks: int = 6
    heads: int = 4


class TextBlock(nn.Module):
    """Depth-wise convolution over symbols, then a two-layer perceptron, added to the input."""

    def __init__(self, channels: int, *, kernel: int, dilation: int, expansion: int) -> None:
        super().__init__()
        reach = kernel // 2 * dilation
        self.mix = nn.Conv1d(channels, channels, kernel, padding=reach, groups=channels, dilation=dilation)
        self.norm = nn.LayerNorm(channels)
        self.widen = nn.Linear(channels, channels * expansion)
        self.narrow = nn.Linear(channels * expansion, channels)
        self.gain = nn.Parameter(torch.full((channels,), 0.3))

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """`x` (B, T, C), `mask` (B, T, 1)."""
        y = self.mix((x * mask).transpose(1, 2)).transpose(1, 2)
        y = functional.gelu(self.widen(self.norm(y)), approximate="tanh")
        return x + self.gain * self.narrow(y)


class TextAttention(nn.Module):
    """Self-attention over a sentence: how far the next comma is and whether the sentence ends in a question mark.

    Places enter as a learned bias per head of the distance on a logarithmic scale, as in T5 (Raffel et al., 2020), so
    that sentences longer than any of the training set stay within what was learned.
    """

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(channels)
        self.project = nn.Linear(channels, 3 * channels)
        self.out = nn.Linear(channels, channels)
        self.bias = nn.Parameter(torch.zeros(2 * _DISTANCE_BUCKETS, heads))
        self.gain = nn.Parameter(torch.full((channels,), 0.3))

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """`x` (B, T, C), `mask` (B, T, 1)."""
        batch, symbols, channels = x.shape
        parts = self.project(self.norm(x)).reshape(batch, symbols, 3, self.heads, channels // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind(0)
        scores = query @ key.transpose(2, 3) / math.sqrt(channels / self.heads) + self._distance_bias(symbols)
        scores = scores + (mask.transpose(1, 2).unsqueeze(1) - 1.0) * 1e4
        mixed = torch.softmax(scores, dim=3) @ value
        return x + self.gain * self.out(mixed.transpose(1, 2).reshape(batch, symbols, channels))

    def _distance_bias(self, symbols: int) -> Tensor:
        """(heads, T, T)"""
        place = torch.arange(symbols)
        distance = place.unsqueeze(0) - place.unsqueeze(1)
        # Half-octave steps: 16 of them reach 256 symbols.
        bucket = torch.round(torch.log2(distance.abs().float() + 1.0) * 2.0).long()
        bucket = bucket.clamp(max=_DISTANCE_BUCKETS - 1) + (distance > 0).long() * _DISTANCE_BUCKETS
        return self.bias[bucket].permute(2, 0, 1)


class FrameBlock(nn.Module):
    """Full dilated convolution over frames, added to the input; on CPUs it beats the depth-wise kind."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        self.mix = nn.Conv1d(channels, channels, 3, padding=dilation, dilation=dilation)
        self.out = nn.Linear(channels, channels)
        self.gain = nn.Parameter(torch.full((channels,), 0.4))

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """`x` (B, F, C), `mask` (B, F, 1)."""
        y = self.mix((self.norm(x) * mask).transpose(1, 2)).transpose(1, 2)
        return x + self.gain * self.out(functional.relu(y))


class Statistics(nn.Module):
    """Per speaker: mean and deviation of cepstra and log f0, and corrections measured after training.

    `spread` widens what the network makes too flat (variance scaling, Silén et al., 2012), `pace` corrects durations,
    `level` brings speakers to one loudness. All are 1 until they are calibrated.
    """

    mean: Tensor
    deviation: Tensor
    spread: Tensor
    pace: Tensor
    level: Tensor

    def __init__(self, speakers: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(speakers, CEPSTRA + 1))
        self.register_buffer("deviation", torch.ones(speakers, CEPSTRA + 1))
        self.register_buffer("spread", torch.ones(speakers, CEPSTRA + 1))
        self.register_buffer("pace", torch.ones(speakers))
        self.register_buffer("level", torch.ones(speakers))

    def normalized(self, features: Tensor, speaker: Tensor) -> Tensor:
        """`features` (B, F, CEPSTRA + 1) of `speaker` (B,) with mean 0 and deviation 1."""
        return (features - self.mean[speaker].unsqueeze(1)) / self.deviation[speaker].unsqueeze(1)

    def restored(self, frames: Tensor, speaker: Tensor) -> Tensor:
        """Cepstra and log f0 (B, F, CEPSTRA + 1) of the network's output (B, F, CEPSTRA + 2), not widened."""
        frames = frames[..., : CEPSTRA + 1]
        return frames * self.deviation[speaker].unsqueeze(1) + self.mean[speaker].unsqueeze(1)


class Network(nn.Module):
    """See the module. Masks are 1.0 where there is a symbol or a frame and 0.0 in the padding of a batch."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        text, frame = size.text_channels, size.frame_channels
        self.size = size
        self.symbol = nn.Embedding(size.symbols, text)
        self.text_speaker = nn.Embedding(size.speakers, text)
        self.frame_speaker = nn.Embedding(size.speakers, frame)
        self.text_blocks = nn.ModuleList()
        for dilations in ((1, 2), (4, 1)):
            self.text_blocks.extend(TextBlock(text, kernel=7, dilation=d, expansion=2) for d in dilations)
            self.text_blocks.append(TextAttention(text, size.heads))
        self.text_norm = nn.LayerNorm(text)
        self.duration_blocks = nn.ModuleList(
            TextBlock(text, kernel=5, dilation=1, expansion=1) for _ in range(2)
        )
        self.duration = nn.Linear(text, 1)
        self.enter = nn.Linear(text + _POSITION_FEATURES, frame)
        self.frame_blocks = nn.ModuleList(
            FrameBlock(frame, (1, 2, 4)[n % 3]) for n in range(size.frame_blocks)
        )
        self.frame_norm = nn.LayerNorm(frame)
        self.leave = nn.Linear(frame, CEPSTRA + 2)
        self.statistics = Statistics(size.speakers)

    def encode(self, ids: Tensor, speaker: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """`ids` (B, T) of `speaker` (B,) to vectors (B, T, C) and logarithms of frames + 1 (B, T)."""
        x = self.symbol(ids) + self.text_speaker(speaker).unsqueeze(1)
        for block in self.text_blocks:
            x = block(x, mask)
        x = self.text_norm(x)
        y = x
        for block in self.duration_blocks:
            y = block(y, mask)
        return x, _precisely(self.duration, y).squeeze(2)

    def decode(self, text: Tensor, position: Tensor, speaker: Tensor, mask: Tensor) -> Tensor:
        """Frames' symbols (B, F, C) and `position_features` to normalised outputs (B, F, CEPSTRA + 2)."""
        x = self.enter(torch.cat([text, position], dim=2)) + self.frame_speaker(speaker).unsqueeze(1)
        for block in self.frame_blocks:
            x = block(x, mask)
        return _precisely(self.leave, self.frame_norm(x))


def _precisely(layer: nn.Module, x: Tensor) -> Tensor:
    """In float32 whatever the rest is computed in."""
    with torch.autocast("cpu", enabled=False):
        return layer(x.float())


def duration_in_frames(log_durations: Tensor) -> Tensor:
    """Fractional frames (B, T) for `Network.encode`'s second output; symbols that are hardly there have none."""
    frames = torch.exp(log_durations) - 1.0
    return torch.where(frames < _SHORTEST_FRAMES, torch.zeros_like(frames), frames)


def whole_frames(durations: Tensor) -> Tensor:
    """Whole numbers for fractional frames (B, T).

    Ends are rounded, not durations, so that a sentence is as long as its parts together.
    """
    ends = torch.round(torch.cumsum(durations, dim=1)).long()
    return ends - functional.pad(ends, (1, 0))[:, :-1]


def symbol_of_frame(durations: Tensor, frames: Tensor) -> Tensor:
    """The place (B, F) of the symbol whose `durations` (B, T) cover each of `frames`, (F,) or (B, F) numbers."""
    ends = torch.cumsum(durations, dim=1)
    passed = (ends.unsqueeze(1) <= frames.unsqueeze(-1)).long().sum(dim=2)
    return passed.clamp(max=durations.shape[1] - 1)


def position_features(durations: Tensor, owner: Tensor, frames: Tensor) -> Tensor:
    """Where in its symbol a frame is: share passed, an arc over it, length and frames passed; (B, F, 4).

    `durations` (B, T), `owner` (B, F) from `symbol_of_frame`, `frames` (F,) or (B, F) numbers of the frames.
    """
    starts = torch.cumsum(durations, dim=1) - durations
    length = torch.gather(durations, 1, owner).float().clamp(min=1.0)
    passed = frames.float() - torch.gather(starts, 1, owner).float()
    share = (passed + 0.5) / length
    return torch.stack([share, torch.sin(share * math.pi), torch.log(length) * 0.5, passed * 0.1], dim=2)
